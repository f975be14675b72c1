// Package parquetfile writes and reads the tables: one Parquet file per part.
// It is the only package that knows parquet-go.
package parquetfile
