// Package connstate follows one connection as Zeek does and names the outcome
// in Zeek's words: conn_state (SF, S0, REJ, …) and history (ShADadFf).
//
// A State is plain memory that every flow embeds. Each packet passes through
//
//	checksum ► begin endpoint ► history letters ► zero window ► acknowledgement
//	         ► last sequence number ► endpoint transition ► gap ► data ► close
//
// in this order, which is Zeek's and decides in which order letters appear.
//
// # Endpoints
//
// Each side is in one of seven states (RFC 9293 seen from the middle):
//
//	inactive     nothing seen yet
//	synSent      SYN seen, unanswered
//	synAckSent   the originator opened with SYN+ACK
//	partial      traffic seen, but no SYN
//	established  handshake seen (a responder's SYN suffices)
//	closed       FIN seen
//	reset        RST seen
//
// # History letters
//
// Upper case is the originator, lower case the responder.
//
//	s SYN        h SYN+ACK    f FIN    r RST    again if the sequence number differs
//	a pure ACK   d payload    i FIN+RST    q SYN with FIN or RST    once a side
//	c bad checksum   g content gap   t payload sent again   w zero window
//	                              at the 1st, 10th, 100th, … occurrence
//	^ the originator is not the sender of the first packet (see StartsFlipped)
//
// Zeek counts sequence numbers from the newest SYN, so a SYN with a new initial
// sequence number is no second s unless it comes after a FIN or RST.
//
// A history holds MaxHistory letters; further ones are dropped and
// HistoryTruncated reports it.
//
// # Content gaps
//
// g needs to know which bytes were seen, not what they are: per side, the end of
// the contiguous bytes and up to two islands beyond it. A third island is merged
// with the second, so a gap between them goes unseen. A payload cut by the
// capture's snap length counts as unseen, as in Zeek.
//
// # End of a connection
//
// Timers has the rules and Deadline applies them; NewConnection says whether a
// packet opens another connection on the same addresses and ports.
//
// # Known differences from Zeek
//
//   - Deadlines run on the packet clock (View.Clock), which never goes back;
//     Zeek remembers the last packet's own time.
//   - Zeek's session poll is rescheduled from the time it ran; here its grid is
//     fixed by the connection's first packet, so that other traffic has no say.
//   - Between 2 and 4 GiB from its first byte Zeek takes a direction's sequence
//     numbers for older than the first; here they are followed.
//   - A TCP packet cut within its options is followed if its flags are there;
//     Zeek ignores it.
//   - The delays for resets and partial closes are left out: Zeek arms them only
//     where a script handles connection_reset or connection_partial_close.
//   - Letters and timeouts that Zeek takes from payload (DNS and NTP flips, SSH
//     and FTP confirmed on other ports, x) need a protocol parser: the caller may
//     call Flip.
//
// Source: conn.log reference and behaviour of Zeek 7 (docs.zeek.org).
package connstate
