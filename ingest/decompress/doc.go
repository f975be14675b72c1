// Package decompress opens captures that may be compressed: it looks at the
// first bytes, never at the name, and removes one layer of gzip (any number of
// members) or zstd (any number of frames, skippable ones too) as a stream.
//
//	source ─► counted input ─► gzip | zstd | as it is ─► guarded output
//
// Everything is done in the caller's goroutine, on purpose: gzip inflates some
// 280 MB/s while packets are found at several GB/s, so a read-ahead goroutine
// would hide next to nothing, and could leak. One-goroutine zstd (1.4 GB/s) beats
// the decoder's own two goroutines (1.1 GB/s).
//
// A stream that is cut, corrupt or followed by other bytes gives *StreamError
// after everything that could be decompressed, never io.EOF; zstd withholds the
// last block of a frame whose checksum is wrong. Zero bytes behind a gzip member
// are padding, as gzip(1) has it. Output that grows beyond what real captures
// reach gives *ExpansionError. Other compression formats are recognised and
// refused with *UnsupportedError.
package decompress
