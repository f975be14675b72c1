package live

import (
	"fmt"
	"os"
	"time"

	"pcapmill/ingest/filter"
)

// Any is the name of all interfaces together.
const Any = "any"

// The sources of time stamps.
const (
	TimestampsAuto     = "auto"     // the network card's where it gives them unasked, else the kernel's
	TimestampsSoftware = "software" // the kernel's, when it received the frame
	TimestampsHardware = "hardware" // the network card's, which is set up for them
)

// Config says what is captured and how. Start from DefaultConfig.
type Config struct {
	Interface string // its name, or Any

	Rings      int           // sockets that share the frames; 1 is enough below some Gbit/s
	BlockBytes int           // of a block; a multiple of the page size
	Blocks     int           // of a ring
	Retire     time.Duration // a block with a frame in it is handed over after that long, in ms
	SnapLen    int           // of a frame, so many bytes are kept

	// Defrag has the kernel join IP fragments before it chooses a ring, so that they come to the
	// ring of their flow. What is captured then is the datagram, not the fragments.
	// It is for several rings.
	Defrag bool

	Promiscuous bool // ask the interface for frames to others; not with Any

	// At most one of both. Filter is compiled for the link type of the interface; Program is
	// attached as it is, and must have been compiled for the type that LinkOf returns.
	Filter  *filter.Expr
	Program filter.Program

	Timestamps string // TimestampsAuto, …
}

// Limits of a Config.
const (
	maxRings      = 64
	maxBlockBytes = 1 << 28
	maxRingBytes  = 1 << 32 // of all rings together
	minSnapLen    = 64
	maxSnapLen    = 1 << 20
	blockSlack    = 4096 // of a block, for its header and a frame's
)

// DefaultConfig returns a ring of 64 MiB, all bytes of frames up to 256 KiB (those that
// offloads made are larger than the interface's), and promiscuous mode.
func DefaultConfig(iface string) Config {
	return Config{
		Interface: iface, Rings: 1, BlockBytes: 1 << 20, Blocks: 64, Retire: 100 * time.Millisecond,
		SnapLen: 1 << 18, Promiscuous: true, Timestamps: TimestampsAuto,
	}
}

// Validate reports the first field that makes no sense.
func (c *Config) Validate() error {
	page := os.Getpagesize()
	switch {
	case c.Interface == "":
		return misuse("no interface is named")
	case c.Rings < 1 || c.Rings > maxRings:
		return misuse("%d rings; there can be 1 to %d", c.Rings, maxRings)
	case c.SnapLen < minSnapLen || c.SnapLen > maxSnapLen:
		return misuse("a snapshot length of %d bytes; it can be %d to %d", c.SnapLen, minSnapLen, maxSnapLen)
	case c.BlockBytes%page != 0 || c.BlockBytes <= 0 || c.BlockBytes > maxBlockBytes:
		return misuse("blocks of %d bytes; they can have multiples of %d up to %d", c.BlockBytes, page, maxBlockBytes)
	case c.BlockBytes < c.SnapLen+blockSlack:
		return misuse("blocks of %d bytes cannot hold frames of %d: raise them, or lower the snapshot length", c.BlockBytes, c.SnapLen)
	case c.Blocks < 2 || int64(c.Blocks)*int64(c.BlockBytes) > maxRingBytes:
		return misuse("%d blocks of %d bytes; there can be 2 up to %d MiB in a ring", c.Blocks, c.BlockBytes, maxRingBytes>>20)
	case int64(c.Rings)*int64(c.Blocks)*int64(c.BlockBytes) > maxRingBytes:
		return misuse("%d rings of %d MiB; together they can have %d MiB", c.Rings, int64(c.Blocks)*int64(c.BlockBytes)>>20, int64(maxRingBytes)>>20)
	case c.Retire < time.Millisecond || c.Retire > time.Minute || c.Retire%time.Millisecond != 0:
		return misuse("blocks are handed over after 1ms to 1m, in whole milliseconds, not %v", c.Retire)
	case c.Defrag && c.Rings == 1:
		return misuse("joining fragments is for several rings")
	}
	return c.validateChoices()
}

func (c *Config) validateChoices() error {
	switch c.Timestamps {
	case TimestampsAuto, TimestampsSoftware, TimestampsHardware:
	default:
		return misuse("time stamps %q; known are auto, software, hardware", c.Timestamps)
	}
	switch {
	case c.Timestamps == TimestampsHardware && c.Interface == Any:
		return misuse("time stamps of hardware need one interface, not any")
	case c.Filter != nil && c.Program != nil:
		return misuse("a filter as text and another as a program")
	case c.Program != nil:
		if err := c.Program.Validate(); err != nil {
			return misuse("the filter's program: %v", err)
		}
	}
	return nil
}

func misuse(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrConfig}, args...)...)
}
