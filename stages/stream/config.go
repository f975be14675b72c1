package stream

import "errors"

// Overlap says which bytes win where segments that wait overlap.
type Overlap uint8

// String returns the policy's word.
func (o Overlap) String() string {
	if o == LastWins {
		return "last"
	}
	return "first"
}

// The policies.
const (
	FirstWins Overlap = iota // as a receiver by RFC 9293, which keeps what it has
	LastWins                 // as some stacks do; what was delivered stays
)

// Config bounds what a Stream does and what a Pool holds.
type Config struct {
	Bytes   int64   // of each direction from its start on, the rest is not looked at
	Buffer  int64   // bytes a flow may hold, in whole pages, and how far ahead of a hole
	Total   int64   // memory of a Pool in bytes
	Overlap Overlap // among bytes not delivered yet
}

// DefaultConfig returns the limits of a run that looks at the beginnings of streams.
func DefaultConfig() Config {
	return Config{
		Bytes:  64 << 10, // holds any TLS hello or HTTP head
		Buffer: 64 << 10, // a window without scaling (RFC 9293)
		Total:  64 << 20,
	}
}

var (
	errBytes   = errors.New("stream bytes must be at least 1")
	errMemory  = errors.New("stream buffer and total memory must not be negative")
	errOverlap = errors.New("overlap policy is neither first nor last")
)

// Validate reports the first value that makes no sense.
func (c *Config) Validate() error {
	switch {
	case c.Bytes < 1:
		return errBytes
	case c.Buffer < 0 || c.Total < 0:
		return errMemory
	case c.Overlap > LastWins:
		return errOverlap
	}
	return nil
}
