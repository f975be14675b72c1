// Package parquetfile writes and reads the tables: one Parquet file per part. It
// is the only package that knows parquet-go, and uses that library's Thrift
// structures, its decoder of them and its run-length encoders; how pages, chunks and
// row groups are put together, structures encoded and integers packed is here
// (docs/adr/0001 says why, with the costs).
//
//	Batch ─► column 1 ─ page ─ page ─ page ┐
//	         column 2 ─ page ─ page ─ page ├─► row group ─► … ─► page index, footer
//	         column n ─ page ─ page ─ page ┘
//
// Integers are packed as they come, other values staged, until a page has
// PageRows; a row group ends after exactly RowGroupRows. Nothing else cuts, so the bytes depend on the rows, the
// schema and the Config alone, not on batch sizes or the number of Encoders.
//
//	Int64                INT64, DELTA_BINARY_PACKED
//	Int32                INT32, DELTA_BINARY_PACKED
//	Timestamp            INT64 TIMESTAMP(MICROS, UTC), DELTA_BINARY_PACKED
//	Double               DOUBLE, RLE_DICTIONARY where values repeat, else PLAIN
//	String               STRING, RLE_DICTIONARY where values repeat, else as Text
//	Text                 STRING, DELTA_LENGTH_BYTE_ARRAY
//	Binary               BYTE_ARRAY without annotation, else as String
//	ListInt64, ListInt32 LIST of three levels, required elements, as above
//	ListString
//
// A column is required unless it declares when it is null. Pages are of version
// 1 with checksums; column and offset indexes are always there; bounds of
// doubles have no NaN because a NaN is refused, those of strings are cut at 64
// bytes. The whole chunk is declared zstd; pages of doubles that hardly repeat
// are Zstandard frames of raw blocks, which any decoder copies, and so are some
// pages of a column after one that did not shrink. Integers that are all the same
// are raw and run blocks.
//
// Where files are short, as those of live segments, what they have in common costs more
// than their rows: Reset begins the next file of a table in the memory of the one before.
//
// The footer's key-value pcapmill.schema holds the declaration of every column
// (name, type, unit, role, doc, null rule, source, group) as JSON; the caller's
// own pairs stand next to it, ordered by key.
//
// Text must be UTF-8: escaping other bytes is the caller's work, done where they
// enter, and a batch that has them is refused.
//
// Reading is for files of unknown origin: the footer is scanned before anything
// is allocated from it, sizes and counts are bounded, decoders are ours, without
// unsafe code, and checksums are verified.
package parquetfile
