// Package capture takes frames from a source, a ring as a rule, and writes them into segments:
// the capture part of live mode. It knows nothing of what is done with segments and waits
// for nobody who reads them.
//
//	             the loop (one goroutine)            the disk (one)              the publisher (one)
//	source ─► Next ─► segment.Writer ─► full ─────► compress, write, ─► ended ─► sync, rename, sync folder,
//	          │ rotate, watermarks,    buffers ◄───  hash                        ledger record, retention
//	          │ statistics, gaps        empty
//
// Frames are copied once, from the ring into a buffer, and the ring's block is free again.
// A disk that is slow, full or failing fills the buffers (Config.Buffers), then the loop waits, then
// the ring fills, and the kernel drops frames and counts them: memory is bounded, every
// loss is a number. What is in the buffers is not lost: the disk goroutine tries again until
// there is room, or the session ends.
//
// # The folder
//
//	SEG/.pcapmill-lock                        while a capture runs
//	SEG/ledger.jsonl                          what happened: package event
//	SEG/segment-0000000001.pcapng             whole, under its name once it is on disk
//	SEG/.segment-0000000002.pcapng.tmp        being written
//
// A process killed at any instant leaves at most whole segments, temporary files, and a
// segment that has its name but no record yet. The next session keeps what is whole of each
// (recover.go), and says what is not known.
//
// # Time
//
// Segments end at multiples of Rotate.Every since 1970, UTC, by the wall clock, but the
// monotonic clock says when that is: setting the wall clock is noticed, written down as a gap
// of cause clock, and moves the next end to a multiple again.
package capture
