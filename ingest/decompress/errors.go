package decompress

import (
	"errors"
	"fmt"
)

// ErrExpansion is what an *ExpansionError is.
var ErrExpansion = errors.New("compressed stream expands beyond the limit")

// UnsupportedError says that the input is compressed in a way that is not read.
type UnsupportedError struct {
	Format Format
}

// Error names the format.
func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("compression %s not supported: decompress it first, for instance with bsdcat", e.Format)
}

// StreamError says where a compressed stream stops being readable. What was
// before has been delivered.
type StreamError struct {
	Format      Format
	Offset      int64 // decompressed bytes delivered
	InputOffset int64 // compressed bytes read, at most one buffer behind the damage
	Err         error
}

// Error returns format, offsets and cause.
func (e *StreamError) Error() string {
	return fmt.Sprintf("%s stream damaged after %d decompressed bytes (compressed offset up to %d): %v",
		e.Format, e.Offset, e.InputOffset, e.Err)
}

// Unwrap returns the cause; io.ErrUnexpectedEOF where the stream is cut.
func (e *StreamError) Unwrap() error { return e.Err }

// ExpansionError says that decompression was stopped at Config.MaxExpand.
type ExpansionError struct {
	Format      Format
	Offset      int64 // decompressed bytes delivered
	InputOffset int64 // compressed bytes read
	Limit       int64 // ratio allowed
}

// Error returns the amounts and the limit.
func (e *ExpansionError) Error() string {
	return fmt.Sprintf("%s: %v: %d bytes out of %d, more than %d:1",
		e.Format, ErrExpansion, e.Offset, e.InputOffset, e.Limit)
}

// Is reports whether target is ErrExpansion.
func (e *ExpansionError) Is(target error) bool { return target == ErrExpansion }
