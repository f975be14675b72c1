// Package payload writes the messages of application protocols, as the
// generated captures carry them: DNS, TLS, QUIC, HTTP, SSH, DHCP.
//
// All functions append to a slice and are deterministic: what varies from one
// connection to the next comes from a seed, so that a message can be written
// anew for each segment that carries a part of it, and for its retransmission.
// Keys and random numbers are no secrets: nothing that is written here decrypts
// to more than the reader of the capture may know, as with QUIC's Initial
// packets, whose keys are public (RFC 9001, section 5.2).
//
// A Maker keeps what is costly to build: encoded lists of extensions and
// certificates. It serves one goroutine.
package payload
