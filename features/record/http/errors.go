package http

import "errors"

// Errors that end what can be read of a connection.
var (
	ErrTunnel = errors.New("another protocol begins") // behind what was used, both ways
	ErrDone   = errors.New("the rest of the direction is a body")
)

// Errors of what is malformed.
var (
	ErrTooLarge error = &fault{"long_head", "head of more than 65536 bytes or 1000 fields"}

	errHPACK error = &fault{"bad_header_block", "header block that is not of RFC 7541's form"}
	errFrame error = &fault{"bad_frame", "frame that is not of RFC 9113's form"}
)

// fault is an error with a word for the errors table.
type fault struct{ word, text string }

// Error returns the text.
func (f *fault) Error() string { return f.text }

// Fault implements record.Fault.
func (f *fault) Fault() (reason string, offset int) { return f.word, -1 }

// Bounds of a head.
const (
	MaxHead   = 1 << 16 // bytes
	maxFields = 1000
)
