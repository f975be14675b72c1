// Package show looks into tables: it selects columns and rows of Parquet parts
// and writes them as text, or sums columns up.
//
//	parts ─► read picked columns ─► where ─► head | tail | order | statistics ─► text
//
// Only the columns that are asked for are read. In memory are one batch of rows, the
// rows that --tail keeps, and
//
//	order        the rows to be sorted, up to 256 MiB of them; with --head N or
//	             --tail N no more than about twice those. Beyond it the order is
//	             refused, never given for a part of the rows
//	statistics   of a column the different values, up to a million divided by the
//	             number of columns, but at least 10,000 each, and up to 64 MiB of
//	             text. Beyond it the number of different values is given as >N, counts of
//	             frequent values as lower bounds, and quantiles as values whose rank
//	             is right within a stated part of all (about 0.1 % to 0.2 %)
//
// Quantiles are values that occur: p50 is the least value that half of all are no
// larger than (nearest rank). Text has none. Of lists the elements count.
package show
