package decompress

import (
	"errors"
	"fmt"
)

// ErrExpansion is what an *ExpansionError is.
var ErrExpansion = errors.New("compressed stream expands beyond the limit")

// ErrTrailing is bytes behind the compressed stream that are neither another
// member nor padding.
var ErrTrailing = errors.New("other bytes follow the compressed data")

// UnsupportedError says that the input is compressed in a way that is not read.
type UnsupportedError struct {
	Format Format
	Detail string // what of the format is not read; empty: all
}

// Error names the format.
func (e *UnsupportedError) Error() string {
	what := e.Format.String()
	if e.Detail != "" {
		what += " with " + e.Detail
	}
	return fmt.Sprintf("compression %s not supported: decompress it first, for instance with bsdcat", what)
}

// StreamError says where a compressed stream stops being readable. What was
// before has been delivered.
type StreamError struct {
	Format      Format // of the layer that is damaged
	Offset      int64  // decompressed bytes delivered, of the innermost layer
	InputOffset int64  // stored bytes read, at most one buffer behind the damage
	Err         error
}

// Error returns format, offsets and cause.
func (e *StreamError) Error() string {
	return fmt.Sprintf("%s stream damaged after %d decompressed bytes (compressed offset up to %d): %v",
		e.Format, e.Offset, e.InputOffset, e.Err)
}

// Unwrap returns the cause; io.ErrUnexpectedEOF where the stream is cut,
// ErrTrailing where it is whole but followed by something else.
func (e *StreamError) Unwrap() error { return e.Err }

// ExpansionError says that decompression was stopped at Config.MaxExpand or
// Config.MaxOutput.
type ExpansionError struct {
	Format      Format // of the layer that expands
	Size        int64  // bytes that this layer has written
	Offset      int64  // decompressed bytes delivered, of the innermost layer
	InputOffset int64  // stored bytes read
	Ratio       int64  // ratio allowed; 0 where MaxOutput was reached
}

// Error returns the amounts and the limit.
func (e *ExpansionError) Error() string {
	limit := "the most that is allowed"
	if e.Ratio > 0 {
		limit = fmt.Sprintf("more than %d:1", e.Ratio)
	}
	return fmt.Sprintf("%s: %v: %d bytes out of %d, %s", e.Format, ErrExpansion, e.Size, e.InputOffset, limit)
}

// Is reports whether target is ErrExpansion.
func (e *ExpansionError) Is(target error) bool { return target == ErrExpansion }

// WindowError says that a stream needs more memory to decompress than
// Config.MaxWindow gives it.
type WindowError struct {
	Format      Format
	Offset      int64  // decompressed bytes delivered
	InputOffset int64  // stored bytes read
	Limit       uint64 // bytes
}

// Error names format and limit.
func (e *WindowError) Error() string {
	return fmt.Sprintf("%s: needs a window of more than %d bytes", e.Format, e.Limit)
}

// LayersError says that a stream is compressed more than Config.MaxLayers times.
type LayersError struct {
	Limit int
}

// Error returns the limit.
func (e *LayersError) Error() string {
	return fmt.Sprintf("compressed more than %d times over", e.Limit)
}
