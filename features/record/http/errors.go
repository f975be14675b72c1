package http

import "errors"

// Errors that end what can be read of a connection.
var (
	ErrTooLarge = errors.New("head of more than 65536 bytes or 1000 fields")
	ErrTunnel   = errors.New("another protocol begins") // behind what was used, both ways
	ErrDone     = errors.New("the rest of the direction is a body")

	errHPACK = errors.New("header block that is not of RFC 7541's form")
	errFrame = errors.New("frame that is not of RFC 9113's form")
)

// Bounds of a head.
const (
	MaxHead   = 1 << 16 // bytes
	maxFields = 1000
)
