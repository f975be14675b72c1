// Package http reads the heads of HTTP/1.x messages (RFC 9112) and of HTTP/2 in the clear
// (RFC 9113, with RFC 7541) as they pass by on a connection.
//
// A Reader is given the bytes of a direction in order. It finds each head, works out how
// the body behind it is framed, and says how many bytes of it to skip: no body is kept.
// What it must know between two calls is in a Conn: where each direction stands, which
// requests wait for their responses, and of HTTP/2 the tables of the header compression.
// All of these are bounded, so is the work for a byte.
package http
