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
// since 1970-01-01 00:00 UTC, or all so much later. Windows are numbered by that multiple.
type Grid struct {
	Length packet.Nanos
	Offset packet.Nanos // from 0 to below Length
}

// NewGrid returns the grid of a length. It must be whole seconds, as packets per second
// are counted in it.
func NewGrid(length time.Duration) (Grid, error) {
	switch {
	case length < LeastLength || length > MostLength:
		return Grid{}, fmt.Errorf("a window must be %v to %v long, not %v", LeastLength, MostLength, length)
	case length%time.Second != 0:
		return Grid{}, errors.New("a window must be a whole number of seconds long")
	}
	return Grid{Length: packet.Nanos(length)}, nil
}

// MostOffsets is how many windows a packet can be in: each of them costs as much as one.
const MostOffsets = 60

// NewGrids returns the grids of windows that begin a hop after one another: length/hop of
// them, of which the k-th is k hops late. A hop of 0 is the length: windows do not overlap.
func NewGrids(length, hop time.Duration) ([]Grid, error) {
	grid, err := NewGrid(length)
	switch {
	case err != nil:
		return nil, err
	case hop == 0:
		hop = length
	case hop < LeastLength || hop > length:
		return nil, fmt.Errorf("a hop must be %v to the window, %v, not %v", LeastLength, length, hop)
	case hop%time.Second != 0 || length%hop != 0:
		return nil, fmt.Errorf("a hop must be whole seconds and divide the window, %v; %v does not", length, hop)
	case length/hop > MostOffsets:
		return nil, fmt.Errorf("a window must be at most %d hops long; %v is %d of %v", MostOffsets, length, length/hop, hop)
	}
	grids := make([]Grid, length/hop)
	for k := range grids {
		grids[k] = Grid{grid.Length, packet.Nanos(k) * packet.Nanos(hop)}
	}
	return grids, nil
}

// Of returns the number of the window that an instant is in.
func (g Grid) Of(t packet.Nanos) int64 {
	n, into := t/g.Length, t%g.Length
	if into < 0 {
		n, into = n-1, into+g.Length
	}
	if into < g.Offset {
		n--
	}
	return n
}

// Start returns the first instant of a window.
func (g Grid) Start(n int64) packet.Nanos { return n*g.Length + g.Offset }

// End returns the first instant behind it.
func (g Grid) End(n int64) packet.Nanos { return (n+1)*g.Length + g.Offset }

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
