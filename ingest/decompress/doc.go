// Package decompress opens captures that may be compressed: it looks at the
// first bytes, never at the name, and removes one layer of gzip (any number of
// members) or zstd (any number of frames, skippable ones too) as a stream.
//
//	source ─► counted input ─► gzip | zstd | as it is ─► guarded output
//
// Everything is done in the caller's goroutine, on purpose: decompression costs
// ten times what finding the packets costs, so a read-ahead goroutine would hide
// only that tenth, and could leak.
//
// A stream that is cut, corrupt or followed by other bytes gives *StreamError
// after everything that could be decompressed, never io.EOF. Zero bytes behind
// the last gzip member are padding, as gzip(1) has it. Output that
// grows beyond what real captures reach gives *ExpansionError. Other compression
// formats are recognised and refused with *UnsupportedError.
package decompress
