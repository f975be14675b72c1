// Package capfile reads and writes packet captures: classic pcap and pcapng.
//
// Classic pcap is a file header of 24 bytes and then records:
//
//	magic │ major minor │ thiszone │ sigfigs │ snaplen │ link type
//	seconds │ fraction │ captured length │ wire length │ packet bytes …
//
// The magic gives byte order and fraction: a1b2c3d4 µs, a1b23c4d ns, a1b2cd34 µs
// with 24-byte record headers (the "modified" format of old Linux patches), and
// IXIA's lcap 1c0001ac ns and 1c0001ab µs, whose file header has 4 bytes more. The
// link type field holds the type in its low 26 bits, a flag (bit 26) that the
// frame check sequence length is known, and that length in 16-bit words (bits
// 28–31).
//
// pcapng is a sequence of blocks, each with its length at both ends:
//
//	type │ length │ body, padded to 4 bytes │ length
//
// A section header block sets the byte order and clears the interface table.
// Interface description blocks fill that table. Enhanced, simple and obsolete
// packet blocks carry packets. Name resolution blocks give Names, interface
// statistics blocks Statistics, options of sections and interfaces Texts, comments
// on packets packet.Comments; all bounded, all claims of whoever made the file.
// Every other block is stepped over and counted by type; none is kept, so
// decryption secrets never leave the capture. The
// section length field is ignored: block lengths frame the file by themselves,
// and writers that append to a section leave the field wrong.
//
// # Reading
//
// A Reader fills packet.Blocks with raw capture bytes and the places of whole
// packets in them. It copies no packet and allocates nothing per packet; a cut
// last record is carried over to the next Fill.
//
// No length is believed before its bytes are there: a buffer grows to at most
// twice what has arrived, and lengths above the limits of Config end the
// reading at their offset.
//
// Every byte is of one ByteKind, and the kinds add up to Offset.
//
// # Salvage
//
// With Config.Salvage a filter before the Reader passes whole sound records or
// blocks and leaves out damage, so that the Reader itself knows nothing of it:
//
//	source ─► salvager: look, hold back, resynchronise ─► Reader
//
// It holds back what could still turn out to be the cause of damage, looks at each
// byte a bounded number of times, and reports every range that it leaves out.
//
// # What is an error
//
//   - FormatError, from NewReader: not a capture, nothing can be read.
//   - DamageError, from Fill, after all whole packets before the damage: a cut
//     record or block, a block whose frame is broken, a source that fails.
//   - DamageError with ReasonBadPacket, at the end instead of io.EOF: the frame
//     of some pcapng block was sound but the packet in it was not (unknown
//     interface, captured length beyond its block or above MaxPacket). Such
//     packets are counted in Info and left out; reading went on behind them.
//   - LimitError, from Fill: more interfaces than Config allows.
//
// Oddities that tcpdump and Wireshark accept are accepted and counted in Info:
// captured length above the snapshot or wire length, a fraction of a second or
// more, packets without bytes, versions other than 2.4 and 1.0, time stamps
// that do not fit int64 nanoseconds (delivered with packet.NoTime, never
// clamped). An interface whose time resolution or offset cannot be used gets a
// Note; its packets are delivered with packet.NoTime.
//
// Sources: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng, pcap-savefile(5).
package capfile
