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
	// it is what zstd --ultra --long=27 needs, and twice what xz -9 does.
	DefaultMaxWindow = 128 << 20
	// DefaultMaxLayers is how often a stream may be compressed.
	DefaultMaxLayers = 4
	// LargestMaxLayers bounds what MaxLayers may be set to.
	LargestMaxLayers = 16
)

// Config bounds decompression. The amounts are those of each layer's output,
// measured against the bytes as stored.
type Config struct {
	MaxExpand   int64  // output bytes per stored byte, beyond ExpandGrace
	ExpandGrace int64  // output bytes that are always allowed, as far as MaxOutput goes
	MaxOutput   int64  // output bytes at any ratio; 0: no such limit
	MaxWindow   uint64 // zstd window and xz dictionary in bytes; half as much in each layer further in
	MaxLayers   int    // layers of compression
}

// DefaultConfig returns the limits for input of unknown origin.
func DefaultConfig() Config {
	return Config{
		MaxExpand: DefaultMaxExpand, ExpandGrace: DefaultExpandGrace,
		MaxWindow: DefaultMaxWindow, MaxLayers: DefaultMaxLayers,
	}
}

// Validate reports the first setting that is out of range.
func (c Config) Validate() error {
	switch {
	case c.MaxExpand < 1:
		return fmt.Errorf("expansion limit %d is below 1", c.MaxExpand)
	case c.ExpandGrace < 0:
		return fmt.Errorf("expansion grace %d is negative", c.ExpandGrace)
	case c.MaxOutput < 0:
		return fmt.Errorf("output limit %d is negative", c.MaxOutput)
	case c.MaxWindow < 1<<10 || c.MaxWindow > 512<<20:
		return fmt.Errorf("window limit %d is not between 1 KiB and 512 MiB", c.MaxWindow)
	case c.MaxLayers < 1 || c.MaxLayers > LargestMaxLayers:
		return fmt.Errorf("%d layers of compression are not between 1 and %d", c.MaxLayers, LargestMaxLayers)
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
	if c.MaxLayers == 0 {
		c.MaxLayers = d.MaxLayers
	}
	return c
}
