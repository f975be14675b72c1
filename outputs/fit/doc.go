// Package fit says whether a batch fits a table, so that a writer's loops over its
// rows need no checks of their own. What does not fit is a defect of the caller,
// never of a capture.
package fit

import "errors"

// ErrBatch reports a batch that is not of the writer's table or whose vectors
// contradict its schema or row count.
var ErrBatch = errors.New("batch does not fit the table")
