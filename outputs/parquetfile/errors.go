package parquetfile

import "errors"

// Errors that callers tell apart with errors.Is. Each is wrapped with the
// column, row or offset concerned.
var (
	// ErrFormat: the file is not Parquet, is damaged, or contradicts itself.
	ErrFormat = errors.New("malformed Parquet file")
	// ErrUnsupported: valid Parquet that uses something we do not read.
	ErrUnsupported = errors.New("unsupported Parquet file")
	// ErrLimit: the file asks for more memory than a table of ours ever needs.
	ErrLimit = errors.New("over a limit of Parquet files")
	// ErrValue: a batch holds a value that a column must not have: NaN, Inf,
	// a null in a required column, text that is not UTF-8.
	ErrValue = errors.New("value that a table cannot hold")
	// ErrBatch: a batch's vectors do not fit its schema or its number of rows.
	ErrBatch = errors.New("batch that does not fit the table")
)
