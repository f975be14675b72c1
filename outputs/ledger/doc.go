// Package ledger is an append-only file of JSON lines, chained by hashes, that says what
// happened to a folder and in which order.
//
// # Format
//
// UTF-8, one JSON object a line, each line ended by one newline:
//
//	{"seq":1,"time_ns":1796421600000000000,"event":"session","body":{…},"prev":""}
//	{"seq":2,"time_ns":1796421900003000000,"event":"segment","body":{…},"prev":"9f86d081…"}
//
// seq counts from 1 without a gap. prev is the SHA-256, in lower-case hex, of the bytes of
// the line before without its newline; it is empty in the first line. So the hash of the
// last line (Position.Head) vouches for all that was ever written. time_ns is the wall
// clock when the record was written and is for people alone: clocks step, seq does not.
// What body holds is the business of whoever writes the event; readers ignore events and
// members that they do not know. A line has at most MaxLine bytes.
//
// # Writing
//
// One process writes (the folder's lock is its business, not this package's). Append is one
// write followed by fsync: when it returns without an error the record is on disk. What a
// write that failed left behind is taken back, so that the next Append stands on whole lines.
//
// A process killed in the middle of a write leaves a torn last line: bytes without a
// newline, or, where power failed, a last line with NUL bytes that never became data. Open
// cuts it off and says so. Its record was never acknowledged. Damage anywhere else is never
// repaired: a *Damage names line and offset.
//
// # Reading
//
// Scan and Read go from a Position to the last whole line, while another process may be
// writing; the Position they return continues there, with the chain checked across. A
// Position can be kept in a file (it is JSON) and used by a later process.
package ledger
