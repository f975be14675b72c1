// Package quic reads the start of QUIC connections: long headers, and the Initial packets
// that bring the hellos of TLS.
//
// A datagram holds one packet or several. Those with a long header say how long they are:
//
//	| 1 T T f.. | version (4) | n, DCID | n, SCID | token | length | number | payload |
//
// Version, and the lengths of the connection IDs behind it, stand there in every version
// (RFC 8999); the rest is of versions 1 (RFC 9000), 2 (RFC 9369) and the drafts before.
// Packets with a short header, all that a long connection sends, have nothing to read.
//
// Initial packets are encrypted, but with keys that derive from what everybody sees: the
// version's salt and the destination that the client chose first (RFC 9001 §5.2). Another
// comes in its place where the server answers Retry. Whoever captured the first packet can
// read the Initial packets of both sides.
//
// Their CRYPTO frames are pieces of a stream. Pieces come in any order, over packets and
// datagrams; where two have the same bytes, those that were first here count. A Conn keeps
// pieces until a message of TLS is whole: what is kept is never more than what came, and at
// the most MaxStream each way.
package quic
