package text

import "errors"

// ErrClosed reports a Write after Close.
var ErrClosed = errors.New("text: writer is closed")
