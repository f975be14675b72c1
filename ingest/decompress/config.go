package decompress

import "fmt"

// Defaults.
const (
	// DefaultMaxExpand is above what gzip can reach (1,032:1) and far below what
	// zstd can (over 30,000:1).
	DefaultMaxExpand = 1100
	// DefaultExpandGrace is how much may be written at any ratio.
	DefaultExpandGrace = 1 << 30
	// DefaultMaxWindow is the largest zstd window (RFC 8878) that is given memory;
	// it is what zstd --ultra --long=27 needs.
	DefaultMaxWindow = 128 << 20
)

// Config bounds decompression.
type Config struct {
	MaxExpand   int64  // output bytes per input byte, beyond ExpandGrace
	ExpandGrace int64  // output bytes that are always allowed
	MaxWindow   uint64 // zstd window in bytes
}

// DefaultConfig returns the limits for input of unknown origin.
func DefaultConfig() Config {
	return Config{MaxExpand: DefaultMaxExpand, ExpandGrace: DefaultExpandGrace, MaxWindow: DefaultMaxWindow}
}

// Validate reports the first setting that is out of range.
func (c Config) Validate() error {
	switch {
	case c.MaxExpand < 1:
		return fmt.Errorf("decompress: expansion limit %d is below 1", c.MaxExpand)
	case c.ExpandGrace < 0:
		return fmt.Errorf("decompress: expansion grace %d is negative", c.ExpandGrace)
	case c.MaxWindow < 1<<10 || c.MaxWindow > 512<<20:
		return fmt.Errorf("decompress: zstd window limit %d is not between 1 KiB and 512 MiB", c.MaxWindow)
	}
	return nil
}

// withDefaults fills the fields left zero.
func (c Config) withDefaults() Config {
	d := DefaultConfig()
	if c.MaxExpand == 0 {
		c.MaxExpand = d.MaxExpand
	}
	if c.ExpandGrace == 0 {
		c.ExpandGrace = d.ExpandGrace
	}
	if c.MaxWindow == 0 {
		c.MaxWindow = d.MaxWindow
	}
	return c
}
