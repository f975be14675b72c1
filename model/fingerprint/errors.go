package fingerprint

import "errors"

// Errors come wrapped with what exactly is wrong.
var (
	// ErrTable: these rows are none of a hosts table.
	ErrTable = errors.New("not a hosts table")
	// ErrMixed: rows or fingerprints of windows of different lengths, which say different things.
	ErrMixed = errors.New("windows of different lengths")
	// ErrLimit: more hosts or windows than Limits allow.
	ErrLimit = errors.New("limit reached")
	// ErrFormat: these bytes are no document of fingerprints.
	ErrFormat = errors.New("not a document of fingerprints")
	// ErrVersion: a document of a version that this build does not know.
	ErrVersion = errors.New("unknown version")
	// ErrTooLarge: a document longer or deeper nested than any that is written.
	ErrTooLarge = errors.New("too large")
)
