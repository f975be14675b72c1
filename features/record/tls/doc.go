// Package tls reads what TLS says before it encrypts: hellos and certificates, out of
// the records of one direction of a connection (SSL 2.0 hellos, SSL 3.0 to TLS 1.3) or
// out of the handshake messages that QUIC carries, and fingerprints hellos as JA3, JA3S
// and JA4.
//
//	record     type 1 | version 2 | length 2 | fragment            RFC 8446 §5.1
//	handshake  type 1 | length 3 | body                            RFC 8446 §4
//
// A handshake message may span records and a record may hold several. Nothing is
// allocated for what a length merely claims, and no message may come to more than
// MaxMessage bytes. In TLS 1.3 certificates are encrypted: only those of TLS 1.2 and
// before are seen.
//
// Of the JA4 family there is JA4 alone: the licence of JA4S and the others does not
// permit commercial use.
package tls
