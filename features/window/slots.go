package window

import (
	"fmt"
	"math/rand/v2"
	"time"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/window/table"
	"pcapmill/ingest/packet"
)

// The limits on ticks without packets that have a row of their own.
const (
	MaxEmpty    = 3600    // in a row
	MaxEmptyAll = 1 << 20 // in a run
)

// The limits on the length of a tick.
const (
	MinTick = time.Millisecond
	MaxTick = 24 * time.Hour
)

// DefaultTick is netspot's.
const DefaultTick = 5 * time.Second

// ValidateTick reports a length that ticks cannot have.
func ValidateTick(d time.Duration) error {
	if d < MinTick || d > MaxTick {
		return fmt.Errorf("the tick must be %v to %v, not %v", MinTick, MaxTick, d)
	}
	return nil
}

// SlotsMemory is what a SlotCounter takes at most, its rows aside: ports, recent pairs, and addresses
// while one of their tables grows.
const SlotsMemory = 1<<16*8 + 2*versions*mostPlaces*24 + mostPlaces*24 + 64<<10

// SlotCounter makes the slots table of packets in the order of their handling. It
// belongs to one goroutine.
type SlotCounter struct {
	tick int64 // ns
	rows *table.Writer[slot]
	err  error `snapshot:"-"` // of writing: nothing is written any more

	now     *tick
	capture int32
	start   packet.Nanos // of the open slot
	width   uint64       // of it; 0: it is not known yet when it is
	open    bool         // it has packets
	idle    int64        // rows written of empty ticks behind it
	first   bool         // no slot of the stretch has been written

	emptyLeft int64 // of MaxEmptyAll
	sum       packet.Tally
}

// NewSlotCounter returns a counter whose batches go to write, which must not keep them.
func NewSlotCounter(d time.Duration, write func(*batch.Batch) error) *SlotCounter {
	return &SlotCounter{
		tick: int64(d), rows: table.NewWriter(SlotsSchema(), slotColumns(), write),
		now: newTick([2]uint64{rand.Uint64() | 1, rand.Uint64() | 1}), capture: -1, first: true, emptyLeft: MaxEmptyAll,
	}
}

// Schema returns the table's columns.
func (c *SlotCounter) Schema() *column.Schema { return c.rows.Schema() }

// Capture says that the packets to come are of the input of that number, and of no other
// until End.
func (c *SlotCounter) Capture(number int) { c.capture = int32(number) }

// Packets counts those whose outermost layers are among the views, in their order.
func (c *SlotCounter) Packets(views []packet.View) {
	for i := range views {
		v := &views[i]
		if v.Depth > 0 {
			continue
		}
		if c.past(v.Clock) {
			c.advance(v.Clock, v.Quality)
		}
		c.now.packet(v, true)
		c.open = true
	}
}

// Cut counts a packet whose IP header could be read and its transport header could not.
// Its marks, here and in Other, are those that it had before.
func (c *SlotCounter) Cut(v *packet.View, marks packet.Quality) {
	if c.past(v.Clock) {
		c.advance(v.Clock, marks)
	}
	c.now.packet(v, false)
	c.open = true
}

// Other counts a packet without an IP header that could be read.
func (c *SlotCounter) Other(clock packet.Nanos, marks packet.Quality, captured, wire uint32, arp bool) {
	if c.past(clock) {
		c.advance(clock, marks)
	}
	c.now.total.Add(captured, wire)
	if arp {
		c.now.arp++
	}
	c.open = true
}

// past reports whether the packet clock has left the open slot.
func (c *SlotCounter) past(clock packet.Nanos) bool { return uint64(clock)-uint64(c.start) >= c.width }

// advance moves to the slot in which the packet clock is. The clock is never set back
// but by End. Packets without a time of their own that come before all others, when the
// clock has not started, are of the first slot.
func (c *SlotCounter) advance(clock packet.Nanos, marks packet.Quality) {
	if c.width == 0 && marks&(packet.NoTimestamp|packet.TimeOutlier) != 0 {
		return
	}
	start := floor(clock, c.tick)
	if c.width > 0 {
		c.empty(start)
	}
	c.start, c.width, c.idle = start, uint64(c.tick), 0
}

// Reach is told that the packet clock has gone on to an instant without a packet: slots that
// are over are written. Of empty ticks that have no row of their own there is one once the
// next packet comes, as there would be had Reach not been called.
func (c *SlotCounter) Reach(clock packet.Nanos) {
	if c.width > 0 && c.past(clock) {
		c.emptyTicks(floor(clock, c.tick))
	}
}

// floor returns the largest multiple of tick up to t.
func floor(t packet.Nanos, tick int64) packet.Nanos {
	if rest := t % tick; rest < 0 {
		return t - rest - tick
	} else {
		return t - rest
	}
}

// End ends the stretch: the packet clock starts anew.
func (c *SlotCounter) End() {
	if c.open {
		c.closeSlot(true)
	}
	c.start, c.width, c.idle, c.first = 0, 0, 0, true
}

// Connect makes another function take the batches from now on; nil is for a while in which
// nothing is counted.
func (c *SlotCounter) Connect(write func(*batch.Batch) error) { c.rows.Connect(write) }

// Finish ends the last stretch, writes what is left and returns the first error of
// writing.
func (c *SlotCounter) Finish() error {
	c.End()
	return c.Flush()
}

// Flush writes the rows of slots that are over and returns the first error of writing.
func (c *SlotCounter) Flush() error {
	if c.err == nil {
		c.err = c.rows.Flush()
	}
	return c.err
}

// Err returns the first error of writing.
func (c *SlotCounter) Err() error { return c.err }

// Written returns how many rows there are and the sum over them.
func (c *SlotCounter) Written() (rows int64, sum packet.Tally) { return c.rows.Rows(), c.sum }

// closeSlot writes the row of the open slot.
func (c *SlotCounter) closeSlot(last bool) {
	s := slot{capture: c.capture, start: c.start, duration: c.tick, partial: c.first || last}
	c.now.close(&s)
	c.row(&s)
	c.open, c.first = false, false
}

// empty writes the open slot and the ticks between it and the one that begins at next.
func (c *SlotCounter) empty(next packet.Nanos) {
	if left := c.emptyTicks(next); left > 0 {
		s := slot{capture: c.capture, start: c.start + (c.idle+1)*c.tick, duration: left * c.tick, gap: left}
		c.now.close(&s)
		c.row(&s)
	}
}

// emptyTicks writes the open slot and those of the ticks behind it, up to the one that
// begins at next, that have a row of their own, and returns how many have none.
func (c *SlotCounter) emptyTicks(next packet.Nanos) (left int64) {
	if c.open {
		c.closeSlot(false)
	}
	left = int64((uint64(next)-uint64(c.start))/uint64(c.tick)) - 1 - c.idle
	alone := min(left, MaxEmpty-c.idle, c.emptyLeft)
	c.emptyLeft -= alone
	s := slot{capture: c.capture, duration: c.tick}
	c.now.close(&s)
	for range alone {
		c.idle++
		s.start = c.start + c.idle*c.tick
		c.row(&s)
	}
	return left - alone
}

// row writes a row.
func (c *SlotCounter) row(s *slot) {
	c.sum.Plus(s.total)
	if c.err == nil {
		c.err = c.rows.Add(*s)
	}
}
