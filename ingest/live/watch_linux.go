//go:build !nounsafe

package live

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"pcapmill/ingest/packet"
)

// settle is how long a frame may take from its time stamp to the ring: the kernel stamps it
// when it leaves the driver, and it may wait in the queue of a busy processor.
const settle = time.Second

// Caught returns a time before which no frame can come any more out of Next: packet time has
// come that far, be there frames or not. It goes back where the clock is set back, and nowhere else.
//
// For each ring that is the later of two instants, less a second that a frame may take
// from its time stamp to the ring (settle):
//   - the last time that the ring was seen empty, which is that the block to be filled next is
//     the kernel's and has no frames. The kernel counts frames in the block while it
//     fills it, so those of a block that is still open are seen, and nothing need
//     be known of when it hands blocks over;
//   - the time of the last frame read: all later ones were put into the ring after it.
//
// The earliest of all rings counts. With time stamps of network cards, whose clocks go
// their own way, nothing can be promised: packet.NoTime. Setting the system's clock back breaks
// the promise; there is an event then, and what is promised from then on is by the new time.
func (c *Capture) Caught() packet.Nanos {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hardware || c.cfg.Timestamps == TimestampsHardware {
		return packet.NoTime
	}
	if c.closed {
		return c.promised
	}
	least := c.sight()
	for _, rings := range [2][]*ring{c.old, c.rings} {
		for _, r := range rings {
			least = min(least, r.caught)
		}
	}
	c.promised = max(c.promised, least-packet.Nanos(settle))
	return c.promised
}

// sight notes which rings are empty, and lets go of old ones that are. It returns the
// time, taken before it looked.
func (c *Capture) sight() packet.Nanos {
	now := wallClock()
	for _, r := range c.rings {
		if r.empty() {
			r.caught = max(r.caught, now)
		}
	}
	kept := c.old[:0]
	for _, r := range c.old {
		if r.out > 0 || !r.empty() {
			kept = append(kept, r)
			continue
		}
		_ = c.countRing(r) // the socket of an interface that is gone: nothing more to be known
		r.close(0, false)
	}
	c.old = kept
	return now
}

// watch looks at the interface and the clock, and opens an interface that came back.
func (c *Capture) watch(now time.Time) error {
	before := c.watched
	c.watched = now
	if by := c.clock.step(now); by != 0 {
		c.events = append(c.events, clockEvent(now, by))
		if by < 0 {
			c.retract(now.Add(-now.Sub(before)).UnixNano())
		}
	}
	went := false
	for _, r := range c.rings {
		if r.wentDown() {
			went = true
		}
	}
	c.trouble = false
	if c.cfg.Interface == Any {
		return nil
	}
	if err := c.count(); err != nil { // its counters have 32 bits
		return err
	}
	l, err := c.netlink.byIndex(c.device.index)
	switch {
	case errors.Is(err, unix.ENODEV) || len(c.rings) == 0 || c.rings[0].bound() != c.device.index:
		c.lose()
		return c.reopen(now)
	case err != nil:
		return fmt.Errorf("asking for the interface %s: %w", quoted(c.cfg.Interface), err)
	}
	c.compare(l, now.UnixNano())
	if went || !l.up() {
		c.down("was set down")
	}
	if l.up() {
		c.back(now.UnixNano())
		c.lastGood = now.UnixNano()
	}
	return nil
}

// retract takes back what was promised by a clock that was ahead. It was set right at an instant or later, which
// is by the new time: frames have that since.
func (c *Capture) retract(at packet.Nanos) {
	for _, rings := range [2][]*ring{c.old, c.rings} {
		for _, r := range rings {
			r.caught = min(r.caught, at)
		}
	}
	c.promised, c.lastGood = min(c.promised, at-packet.Nanos(settle)), min(c.lastGood, at)
	if c.gap != nil { // it goes on by the new time
		c.gap.Start, c.noticed = min(c.gap.Start, at), min(c.noticed, at)
	}
}

// compare notes what changed of the interface.
func (c *Capture) compare(l *link, now packet.Nanos) {
	if l.mtu != c.device.mtu {
		c.events = append(c.events, Event{Kind: EventMTU, Start: now, End: now, Detail: fmt.Sprintf("from %d to %d", c.device.mtu, l.mtu)})
		c.info.MTU = l.mtu
	}
	if l.name != c.device.name {
		c.events = append(c.events, Event{Kind: EventRenamed, Start: now, End: now, Detail: quoted(c.device.name) + " is now " + quoted(l.name)})
	}
	c.device.mtu, c.device.name, c.device.flags = l.mtu, l.name, l.flags
}

// down begins a gap.
func (c *Capture) down(how string) {
	if c.gap == nil {
		c.gap = &Event{Kind: EventDown, Start: c.lastGood, Detail: quoted(c.cfg.Interface) + " " + how}
		c.noticed = wallClock()
	}
}

// back ends a gap, if there is one.
func (c *Capture) back(now packet.Nanos) {
	if c.gap == nil {
		return
	}
	c.gap.End = max(now, c.gap.Start)
	c.events = append(c.events, *c.gap)
	c.gap = nil
}

// lose keeps the rings of an interface that is gone until they are read.
func (c *Capture) lose() {
	c.down("was removed")
	c.gap.Detail = quoted(c.cfg.Interface) + " was removed"
	c.old = append(c.old, c.rings...)
	c.rings = nil
}

// reopen captures the interface again if there is one of its name and it is up.
func (c *Capture) reopen(now time.Time) error {
	l, err := c.netlink.byName(c.cfg.Interface)
	if errors.Is(err, unix.ENODEV) || err == nil && !l.up() {
		return nil
	}
	if err != nil {
		return fmt.Errorf("asking for the interface %s: %w", quoted(c.cfg.Interface), err)
	}
	if kind, _ := linkOf(l.hardware); kind != c.link {
		return fmt.Errorf("%w: %s came back with frames of link type %v, not %v: begin another capture", ErrConfig, quoted(c.cfg.Interface), kind, c.link)
	}
	c.adopt(l)
	if err := c.compile(); err != nil {
		return err
	}
	switch err := c.start(); {
	case err == nil:
		c.back(now.UnixNano())
		c.lastGood = now.UnixNano()
		return nil
	case errors.Is(err, ErrNoInterface), errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENXIO), errors.Is(err, unix.ENETDOWN):
		return nil // it went again; look for it later
	default:
		return err
	}
}
