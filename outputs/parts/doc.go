// Package parts writes a table as a folder of parts, in any format that has one file a part.
//
//	batches ─► Writer ─► part-00000.parquet │ part-00001.parquet │ …
//
// Parts are cut by rows alone, wherever batches end, so that the same rows are the same files.
package parts
