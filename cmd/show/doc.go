// Package show looks into tables: it selects columns and rows of Parquet parts
// and writes them as text, or sums columns up.
//
//	parts ─► read picked columns ─► where ─► head | tail | statistics ─► text
//
// Only the columns that are asked for are read, and never more than one batch of
// rows, or as many as --tail keeps, is in memory.
package show
