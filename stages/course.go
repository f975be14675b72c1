package stages

import (
	"context"
	"math"

	"pcapmill/ingest/packet"
)

const (
	// witnesses is the number of packets read after one that may speak against a
	// time far from that of the packets before.
	witnesses = 16

	// stepBack is how far behind packets must be for the clock that gave them their
	// times to have been set back, rather than for them to be late.
	stepBack = 1_000_000_000
)

// course follows packet time in reading order: the running maximum of the times
// that are believed, begun anew where the capturing clock was set back.
type course struct {
	now      packet.Nanos
	started  bool
	from, to packet.Nanos // times outside [from, to) are filtered out and do not count
}

func newCourse(cfg *Config) course {
	c := course{from: max(cfg.From, earliest), to: latest + 1}
	if cfg.To != math.MaxInt64 {
		c.to = min(cfg.To, c.to)
	}
	return c
}

// sight is what the time of a packet is, seen from those before it.
type sight uint8

const (
	onward   sight = iota // the latest so far
	behind                // before another packet's
	timeless              // none that counts: missing, absurd or filtered out
	outlier               // far ahead, and the packets after it speak against it
	stepped               // the clock was set back to it
)

// peeker knows the packets read after one of the block at hand.
type peeker interface {
	// peek returns the time of packet i of the block at hand, where i may go on
	// into what follows; false where the epoch ends before. Watermarks count among
	// the packets, behind those of their block.
	peek(ctx context.Context, i int) (packet.Nanos, bool, error)
}

// meet judges the time of packet i of the block at hand and moves on.
func (c *course) meet(ctx context.Context, p peeker, i int, t packet.Nanos) (sight, error) {
	switch {
	case t == packet.NoTime || t < c.from || t >= c.to:
		return timeless, nil
	case !c.started:
		c.now, c.started = t, true
		return onward, nil
	case t >= c.now && t-c.now <= confirmJump:
		c.now = t
		return onward, nil
	case t > c.now:
		ok, err := c.confirmed(ctx, p, i, t-confirmJump)
		if err != nil || !ok {
			return outlier, err
		}
		c.now = t
		return onward, nil
	case c.now-t > stepBack:
		ok, err := c.setBack(ctx, p, i)
		if err != nil || !ok {
			return behind, err
		}
		c.now = t
		return stepped, nil
	}
	return behind, nil
}

// reach judges a watermark, which is said behind packet i-1 of the block at hand, and
// reports whether time has come that far. It is believed as a packet of its time would be;
// but time does not begin with it, nor is it set back.
func (c *course) reach(ctx context.Context, p peeker, i int, t packet.Nanos) (bool, error) {
	if !c.started || t <= c.now || t >= c.to {
		return false, nil
	}
	if t-c.now <= confirmJump {
		return true, nil
	}
	return c.confirmed(ctx, p, i, t-confirmJump)
}

// confirmed reports whether none of the next packets is before least. One without
// a time does not speak against it.
func (c *course) confirmed(ctx context.Context, p peeker, i int, least packet.Nanos) (bool, error) {
	for n := 1; n <= witnesses; n++ {
		t, ok, err := p.peek(ctx, i+n)
		if err != nil || !ok {
			return err == nil, err
		}
		if t >= c.from && t < least {
			return false, nil
		}
	}
	return true, nil
}

// setBack reports whether the next packets, at least one, are behind as well. One
// far ahead says nothing.
func (c *course) setBack(ctx context.Context, p peeker, i int) (bool, error) {
	for n := 1; n <= witnesses; n++ {
		t, ok, err := p.peek(ctx, i+n)
		if err != nil || !ok {
			return n > 1 && err == nil, err
		}
		if t > c.now-stepBack && t <= c.now+confirmJump {
			return false, nil
		}
	}
	return true, nil
}
