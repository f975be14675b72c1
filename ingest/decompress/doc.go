// Package decompress opens captures that may be compressed: it looks at the
// first bytes, never at the name, and removes gzip, zstd, lz4, xz and bzip2 as a
// stream, any number of members, frames or streams, and layer after layer up to
// a limit (a gzip file in an xz file).
//
//	source ─► counted ─► layer: gzip | zstd | lz4 | xz | bzip2 ─► layer ─► … ─► output
//
// Everything is done in the caller's goroutine, on purpose: gzip inflates some
// 280 MB/s while packets are found at several GB/s, so a read-ahead goroutine
// would hide next to nothing, and could leak. One-goroutine zstd (1.4 GB/s) beats
// the decoder's own two goroutines (1.1 GB/s).
//
// # Damage
//
// A stream that is cut, corrupt or followed by other bytes gives *StreamError
// after everything that could be decompressed, never io.EOF. Zero bytes behind a
// gzip, lz4 or xz stream are padding, as gzip(1) and xz(1) have it. All checksums
// that the formats have are verified: gzip CRC-32 and length, zstd xxHash64, lz4
// xxHash32 (header, block, content), xz CRC-32 (headers, index), CRC-64 or SHA-256
// (blocks), bzip2 CRC-32. A stream's own checksum comes behind its data, so that
// what was decompressed between the damage and the checksum has been delivered
// by then; zstd withholds the last block of a frame whose checksum is wrong,
// bzip2 and lz4 with block checksums notice within the block.
//
// # Limits
//
// Output that grows beyond what real captures reach gives *ExpansionError. No
// size that a stream claims is given memory before the bytes are there: windows
// and dictionaries are bounded (*WindowError) and grow as they fill, however many
// frames or blocks claim one. Compression that is not read is refused with
// *UnsupportedError, too many layers with *LayersError.
//
// # Own decoders
//
// xz and LZMA2 are decoded by code of this package: the public Go library
// allocates a block's dictionary at the size that its header claims, up to 4 GiB
// and anew for each block, and remembers every block for the index. The lz4 frame
// is ours for the sake of concatenation, legacy frames and cut blocks; its blocks
// are decoded by a library.
package decompress
