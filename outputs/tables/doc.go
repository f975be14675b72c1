// Package tables reads tables from disk: a folder of Parquet parts that have the same
// columns, or one such file.
//
//	path ─► Files ─► Part by Part ─► batches of the columns asked for
//
// In memory is one batch of rows, and what a page of each column takes.
package tables
