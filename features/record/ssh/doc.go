// Package ssh reads what SSH says in the clear (RFC 4253): the line with which each side
// names its software, and the packet in which it lists its algorithms.
//
//	server   lines of a greeting, if any
//	both     SSH-2.0-software comments CR LF
//	both     length, padding length, 20, cookie, ten name lists, …, padding
//
// From the lists HASSH makes its fingerprints: of a client the MD5 of its algorithms for
// the key exchange and those from client to server for encryption, MAC and compression;
// of a server the same with those from server to client.
//
// A Side reads one direction. It keeps the banner, at most maxBanner bytes; all else are
// stretches of the bytes that it is given.
package ssh
