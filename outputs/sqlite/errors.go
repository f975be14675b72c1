package sqlite

import "errors"

var (
	// ErrFormat: the file is no SQLite database, is damaged, or is not laid out as expected.
	ErrFormat = errors.New("not the SQLite database that was expected")
	// ErrNewer: a newer version of the layout, which this build does not know.
	ErrNewer = errors.New("the database has a newer layout")
	// ErrLimit: the file is larger than the reader's limits allow.
	ErrLimit = errors.New("the database is larger than allowed")
	// ErrClosed: a call after Close.
	ErrClosed = errors.New("writer is closed")
	// ErrNotNumber: a value that SQLite would turn into NULL.
	ErrNotNumber = errors.New("SQLite has no NaN")
)
