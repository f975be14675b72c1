package capture

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"pcapmill/cmd/capture/event"
	"pcapmill/outputs/manifest"
)

// Config says how a source is captured. Start from DefaultConfig.
type Config struct {
	Segments string // the folder
	Rotate   Rotate
	Duration time.Duration // of the session; 0: until it is told to end
	Retain   Retain
	// ReleasedBy is the folder whose ledger says which segments analysis needs no more. Empty:
	// there is no analysis, and retention may delete any.
	ReleasedBy string
	Zstd       bool
	Note       string // for the session's record

	BufferBytes int // of one
	Buffers     int
	RetryEvery  time.Duration // how often what the disk refused is tried again
	Patience    time.Duration // how long a disk that refuses nothing may take at the end

	Tool  manifest.Tool
	Clock Clock
	Log   *slog.Logger

	Rotations <-chan struct{}     // each ends the segment at hand; may be nil
	Published func(event.Segment) // is told of each segment, from one goroutine; may be nil
	Status    func(Status)        // is told once a second how it goes, from the loop, also where that waits for the disk; may be nil
}

// DefaultConfig returns a capture that ends segments every five minutes and keeps all.
func DefaultConfig(segments string) Config {
	return Config{
		Segments: segments, Rotate: Rotate{Every: 5 * time.Minute},
		BufferBytes: 1 << 20, Buffers: 16, RetryEvery: time.Second, Patience: 8 * time.Second,
		Clock: SystemClock(), Log: slog.New(slog.DiscardHandler),
	}
}

// ErrConfig is wrapped by errors about a Config.
var ErrConfig = errors.New("wrong capture options")

// Validate reports the first setting that makes no sense.
func (c *Config) Validate() error {
	switch {
	case c.Segments == "":
		return fmt.Errorf("%w: no folder for segments is named", ErrConfig)
	case c.Rotate == Rotate{}:
		return fmt.Errorf("%w: a segment must end some time", ErrConfig)
	case c.Duration < 0:
		return fmt.Errorf("%w: a duration of %v", ErrConfig, c.Duration)
	case c.BufferBytes < 4<<10 || c.BufferBytes > 16<<20:
		return fmt.Errorf("%w: buffers of %d bytes; they can have 4096 to %d", ErrConfig, c.BufferBytes, 16<<20)
	case c.Buffers < 2 || c.Buffers > 4096:
		return fmt.Errorf("%w: %d buffers; there can be 2 to 4096", ErrConfig, c.Buffers)
	case c.RetryEvery <= 0 || c.Patience <= 0:
		return fmt.Errorf("%w: waiting %v and %v", ErrConfig, c.RetryEvery, c.Patience)
	case c.Retain.Released && c.ReleasedBy == "":
		return fmt.Errorf("%w: keeping no released segment needs the folder of who releases them", ErrConfig)
	case len(c.Note) > 4096:
		return fmt.Errorf("%w: a note of %d bytes; it can have 4096", ErrConfig, len(c.Note))
	}
	return nil
}

// Status is how a session goes. Counts are of the session so far.
type Status struct {
	Number        int64 // of the segment at hand
	Packets       int64 // written into segments
	CapturedBytes int64
	WireBytes     int64
	KernelPackets int64
	KernelDrops   int64
	Freezes       int64
	IfDrops       int64
	Segments      int64  // ended
	Trouble       string // what the disk refuses; "" for nothing
}

// Report is how a session went.
type Report struct {
	Session       string
	Segments      int64
	Packets       int64
	CapturedBytes int64
	WireBytes     int64
	KernelPackets int64
	KernelDrops   int64
	Freezes       int64
	IfDrops       int64
	Unread        int64 // still in the ring at the end
	Lost          int64 // segments
	Deleted       int64 // segments
	Recovered     int64 // segments of the session before
	Why           string
}

// Missing returns how many packets are known to be lost on the way from the ring. What the
// interface calls dropped is not among them: it counts frames that no protocol of this system
// wanted, which capture has seen all the same.
func (r *Report) Missing() int64 { return r.KernelDrops + r.Unread }
