// Package replay is a source of frames from memory or a capture file, with a clock of its own:
// capture, and what is built on it, can be tested without a network, rights or waiting.
package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"pcapmill/cmd/capture"
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/live"
	"pcapmill/ingest/packet"
)

// Clock is a clock that moves only when it is told to. Its methods may be called from any
// goroutine.
type Clock struct {
	mu  sync.Mutex
	now capture.Instant
}

// NewClock returns a clock that shows a wall time in ns since 1970.
func NewClock(wall int64) *Clock { return &Clock{now: capture.Instant{Wall: wall, Mono: 1}} }

// Now implements capture.Clock.
func (c *Clock) Now() capture.Instant {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance lets time go by.
func (c *Clock) Advance(d time.Duration) { c.move(int64(d), int64(d)) }

// Set moves the wall clock alone, as someone who sets it.
func (c *Clock) Set(by time.Duration) { c.move(int64(by), 0) }

func (c *Clock) move(wall, mono int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now.Wall += wall
	c.now.Mono += mono
}

// Frame is one frame to replay.
type Frame struct {
	Time    packet.Nanos
	WireLen int
	Data    []byte
}

// Read returns all packets of a capture and their link type, that of the first interface.
// Memory is the capture's.
func Read(r io.Reader) ([]Frame, packet.LinkType, error) {
	in, err := capfile.NewReader(r, capfile.Config{})
	if err != nil {
		return nil, 0, err
	}
	var frames []Frame
	for {
		var b packet.Block
		err := in.Fill(&b)
		for _, p := range b.Records {
			if p.Time == packet.NoTime {
				continue
			}
			data := b.Data[p.Offset : int(p.Offset)+int(p.CapLen)]
			frames = append(frames, Frame{p.Time, int(p.WireLen), slices.Clone(data)})
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return frames, firstLink(in), err
		}
	}
}

func firstLink(in *capfile.Reader) packet.LinkType {
	if faces := in.Interfaces(); len(faces) > 0 {
		return faces[0].Link
	}
	return 1
}

// Source replays frames in their order: a frame arrives when its time has come, or, where
// it lies behind, at once. Set the fields before the first Next. It implements
// capture.Source.
type Source struct {
	Frames []Frame
	Clock  *Clock
	About  live.Info
	Most   int           // frames in a batch; 0: 100
	Pace   float64       // real seconds for a second of the clock; 0: none, time flies
	Idle   time.Duration // how long it goes on behind the last frame, by the clock

	// Before is called before each batch with the number of frames given so far. It may change
	// Clock and Lost. Nil: nothing.
	Before func(given int)
	Lost   live.Stats // added to what Stats says: packets dropped, …
	Happen []live.Event

	given int
	stats live.Stats
	until int64 // mono; behind the last frame
	last  packet.Nanos
}

const usualBatch = 100

// Next implements capture.Source.
func (s *Source) Next(ctx context.Context, wait time.Duration) (*live.Batch, error) {
	if s.Before != nil {
		s.Before(s.given)
	}
	if s.given == len(s.Frames) {
		return nil, s.rest(ctx, wait)
	}
	now := s.Clock.Now()
	if ahead := int64(s.Frames[s.given].Time) - now.Wall; ahead > 0 {
		if err := s.pass(ctx, min(wait, time.Duration(ahead))); err != nil || time.Duration(ahead) > wait {
			return nil, err
		}
		now = s.Clock.Now()
	}
	return s.batch(packet.Nanos(now.Wall)), ctx.Err()
}

// batch gives the frames whose time has come.
func (s *Source) batch(now packet.Nanos) *live.Batch {
	most := s.Most
	if most == 0 {
		most = usualBatch
	}
	b := &live.Batch{}
	for s.given < len(s.Frames) && len(b.Frames) < most && s.Frames[s.given].Time <= now {
		f := &s.Frames[s.given]
		b.Frames = append(b.Frames, live.Frame{Data: f.Data, Time: f.Time, WireLen: f.WireLen})
		s.last = max(s.last, f.Time)
		s.given++
	}
	s.stats.Packets += int64(len(b.Frames))
	s.stats.Read += int64(len(b.Frames))
	return b
}

// rest lets the time behind the last frame go by.
func (s *Source) rest(ctx context.Context, wait time.Duration) error {
	now := s.Clock.Now().Mono
	if s.until == 0 {
		s.until = now + int64(s.Idle)
	}
	if now >= s.until {
		return io.EOF
	}
	return s.pass(ctx, min(wait, time.Duration(s.until-now)))
}

// pass lets time go by.
func (s *Source) pass(ctx context.Context, d time.Duration) error {
	if s.Pace > 0 {
		select {
		case <-time.After(time.Duration(s.Pace * float64(d))):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	s.Clock.Advance(d)
	return ctx.Err()
}

// Stats implements capture.Source.
func (s *Source) Stats() (live.Stats, error) {
	t := s.stats
	t.Packets += s.Lost.Packets
	t.Drops += s.Lost.Drops
	t.Freezes += s.Lost.Freezes
	t.InterfaceDropped += s.Lost.InterfaceDropped
	return t, nil
}

// Info implements capture.Source.
func (s *Source) Info() live.Info { return s.About }

// Caught implements capture.Source: frames come when their time has come, so it is now, but
// not behind the next one.
func (s *Source) Caught() packet.Nanos {
	now := packet.Nanos(s.Clock.Now().Wall)
	if s.given < len(s.Frames) {
		now = min(now, s.Frames[s.given].Time)
	}
	return now
}

// Events implements capture.Source.
func (s *Source) Events() []live.Event {
	e := s.Happen
	s.Happen = nil
	return e
}

// Numbered returns frames of Ethernet that carry their number, one each so many ns, that
// Number reads back.
func Numbered(n, size int, start packet.Nanos, every time.Duration) []Frame {
	frames := make([]Frame, n)
	for i := range frames {
		data := make([]byte, max(size, 24))
		copy(data[12:], []byte{0x88, 0xb5}) // for local experiments
		copy(data[14:], fmt.Sprintf("%010d", i))
		frames[i] = Frame{start + packet.Nanos(int64(i)*int64(every)), len(data), data}
	}
	return frames
}

// Number returns the number that a frame of Numbered carries.
func Number(data []byte) (n int, err error) {
	if len(data) < 24 {
		return 0, fmt.Errorf("a frame of %d bytes", len(data))
	}
	_, err = fmt.Sscanf(string(data[14:24]), "%d", &n)
	return n, err
}
