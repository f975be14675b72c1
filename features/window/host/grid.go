package host

import (
	"errors"
	"fmt"
	"time"

	"pcapmill/ingest/packet"
)

// The lengths that windows can have.
const (
	DefaultLength = 10 * time.Minute
	LeastLength   = time.Second
	MostLength    = 31 * 24 * time.Hour
)

const second = packet.Nanos(time.Second)

// Grid cuts packet time into windows that begin at whole multiples of their length
// since 1970-01-01 00:00 UTC. Windows are numbered by that multiple.
type Grid struct{ Length packet.Nanos }

// NewGrid returns the grid of a length. It must be whole seconds, as packets per second
// are counted in it.
func NewGrid(length time.Duration) (Grid, error) {
	switch {
	case length < LeastLength || length > MostLength:
		return Grid{}, fmt.Errorf("a window must be %v to %v long, not %v", LeastLength, MostLength, length)
	case length%time.Second != 0:
		return Grid{}, errors.New("a window must be a whole number of seconds long")
	}
	return Grid{packet.Nanos(length)}, nil
}

// Of returns the number of the window that an instant is in.
func (g Grid) Of(t packet.Nanos) int64 {
	n := t / g.Length
	if t%g.Length < 0 {
		n--
	}
	return n
}

// Start returns the first instant of a window.
func (g Grid) Start(n int64) packet.Nanos { return n * g.Length }

// End returns the first instant behind it.
func (g Grid) End(n int64) packet.Nanos { return (n + 1) * g.Length }

// hourOfWeek returns the hour that an instant is in, 0 to 167, from Monday 00:00 UTC on.
func hourOfWeek(t packet.Nanos) int32 {
	const hour, week = 3600 * second, 7 * 24 * 3600 * second
	const monday = 4 * 24 * 3600 * second // the first one after 1970-01-01, a Thursday
	into := (t%week - monday) % week
	if into < 0 {
		into += week
	}
	return int32(into / hour)
}
