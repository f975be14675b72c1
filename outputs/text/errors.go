package text

import "errors"

// ErrBatch reports a batch that is not of the writer's table or whose vectors
// contradict its schema or row count: a defect of the caller, never of a capture.
var ErrBatch = errors.New("text: batch does not fit the table")

// ErrClosed reports a Write after Close.
var ErrClosed = errors.New("text: writer is closed")
