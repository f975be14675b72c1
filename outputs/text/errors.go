package text

import "errors"

// ErrClosed reports a Write after Close.
var ErrClosed = errors.New("writer is closed")
