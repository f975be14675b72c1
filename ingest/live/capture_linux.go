//go:build !nounsafe

package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"pcapmill/ingest/filter"
	"pcapmill/ingest/packet"
)

// Capture is an open capture. One goroutine at a time calls Next; everything else may be
// called by any.
type Capture struct {
	cfg     Config
	mu      sync.Mutex // for all below, but for what Next waits on
	netlink *netlink
	wake    int // an eventfd, so that Next need not wait for the end of its time

	device   link // what is captured; nothing for Any
	loopback int  // index of that interface, where all are captured
	link     packet.LinkType
	layout   layout
	inKernel []bpf.RawInstruction
	program  filter.Program       // to be run here; nil: none
	stamping *unix.HwTstampConfig // of the network card, to be set again

	rings []*ring
	old   []*ring // of an interface that went, with frames in them
	free  [][]Frame
	frame []byte // for the filter

	info     Info
	stats    Stats
	counts   linkCounts // of the interface, when they were last asked for
	events   []Event
	gap      *Event       // the interface is down
	noticed  packet.Nanos // when that was known
	clock    clockWatch
	watched  time.Time
	lastGood packet.Nanos // the interface was up
	trouble  bool         // a socket has an error to be asked for
	hardware bool         // frames have had time stamps of the network card
	promised packet.Nanos
	waiting  bool
	busy     bool // blocks that are held keep sockets readable
	stopped  bool // no more frames are taken
	closed   bool
}

// How often the interface is looked at.
const (
	watchUp   = time.Second
	watchDown = 25 * time.Millisecond
)

// Next returns the frames of a block, of the oldest one where several wait. It returns nil where
// none was handed over within wait; with 0 it does not wait. Batches may be kept while more
// are asked for, as long as blocks are left for the kernel to fill.
//
// Errors are the context's, ErrClosed, io.EOF when all has been read after Stop, and what keeps an interface that came back from being
// captured again. An interface that goes away is no error: see Events.
func (c *Capture) Next(ctx context.Context, wait time.Duration) (*Batch, error) {
	until := time.Now().Add(wait)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b, err := c.next()
		if b != nil || err != nil {
			return b, err
		}
		left := time.Until(until)
		if left <= 0 {
			return nil, nil
		}
		if err := c.pause(ctx, left); err != nil {
			return nil, err
		}
	}
}

func (c *Capture) next() (*Batch, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, ErrClosed
	}
	now := time.Now()
	if !c.stopped && (c.trouble || c.gap != nil || now.Sub(c.watched) >= watchUp) {
		if err := c.watch(now); err != nil {
			return nil, err
		}
	}
	for range (len(c.old) + len(c.rings)) * c.cfg.Blocks { // a filter here may reject all frames of many
		r := c.oldest()
		if r == nil {
			break
		}
		if b := c.read(r, now.UnixNano()); b != nil {
			return b, nil
		}
	}
	c.sight()
	if c.stopped && c.drained() {
		return nil, io.EOF
	}
	return nil, nil
}

// drained reports whether nothing is left in the rings.
func (c *Capture) drained() bool {
	for _, r := range c.rings {
		if !r.empty() {
			return false
		}
	}
	return len(c.old) == 0
}

// Stop takes no more frames. Next returns those that have been taken, and then io.EOF; the last
// ones come after Config.Retire at most.
func (c *Capture) Stop() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return ErrClosed
	}
	c.stopped = true
	for _, r := range c.rings {
		if err := attach(r.fd, dropAll); err != nil {
			return fmt.Errorf("stopping a capture: %w", err)
		}
	}
	c.nudge()
	return nil
}

// oldest returns the ring whose next block has the earliest frame, nil where none is ready.
func (c *Capture) oldest() (best *ring) {
	var first packet.Nanos
	for _, rings := range [2][]*ring{c.old, c.rings} {
		for _, r := range rings {
			if !r.ready() {
				continue
			}
			if t := r.first(); best == nil || t < first {
				best, first = r, t
			}
		}
	}
	return best
}

// read takes a block out of a ring; nil where it has no frames to hand on.
func (c *Capture) read(r *ring, now packet.Nanos) *Batch {
	var frames []Frame
	if n := len(c.free); n > 0 {
		frames, c.free = c.free[n-1], c.free[:n-1]
	}
	block := r.hand()
	frames, lost := c.layout.walk(frames, r.block(block))
	c.stats.Malformed += int64(lost)
	c.seen(r, frames, now)
	if c.program != nil {
		n := len(frames)
		frames = c.filtered(frames)
		c.stats.Filtered += int64(n - len(frames))
	}
	if len(frames) == 0 {
		if frames != nil {
			c.free = append(c.free, frames)
		}
		r.giveBack(block)
		return nil
	}
	c.stats.Read += int64(len(frames))
	return &Batch{Frames: frames, Ring: r.number, owner: r, block: block}
}

// seen draws conclusions from the times of a block's frames: all that come to the ring later were
// put there later, and what was received was so before the interface went down.
func (c *Capture) seen(r *ring, frames []Frame, now packet.Nanos) {
	if len(frames) == 0 {
		return
	}
	last := min(frames[len(frames)-1].Time, now)
	r.caught = max(r.caught, last)
	c.bound(frames)
	c.lastGood = max(c.lastGood, last)
	if c.cfg.Timestamps != TimestampsSoftware && !c.hardware {
		c.hardware = slices.ContainsFunc(frames, func(f Frame) bool { return f.Hardware })
	}
}

// bound moves the begin of an open gap behind frames that were received before it was noticed,
// and ends it at the first one after that: the interface was up then, however shortly.
func (c *Capture) bound(frames []Frame) {
	if c.gap == nil {
		return
	}
	for i := range frames {
		t := frames[i].Time
		if t > c.noticed {
			c.back(t)
			c.trouble = true // it may be down again, which was taken for the same outage
			return
		}
		c.gap.Start = max(c.gap.Start, t)
	}
}

// filtered keeps the frames that the filter accepts, and cuts them.
func (c *Capture) filtered(frames []Frame) []Frame {
	kept := frames[:0]
	for i := range frames {
		f := &frames[i]
		bytes := f.Data
		if f.PrefixLen > 0 {
			c.frame = f.Append(c.frame[:0])
			bytes = c.frame
		}
		if c.program.Match(bytes, uint32(f.WireLen)) {
			f.cut(c.cfg.SnapLen)
			kept = append(kept, *f)
		}
	}
	return kept
}

// pause waits until a block is handed over, or something else is to be looked at.
func (c *Capture) pause(ctx context.Context, left time.Duration) error {
	fds, left, err := c.beginPause(left)
	if err != nil {
		return err
	}
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, c.signal)
		defer stop()
	}
	_, err = unix.Poll(fds, int((left+time.Millisecond-1)/time.Millisecond))
	if errors.Is(err, unix.EINTR) {
		err = nil
	}
	return c.endPause(fds, err)
}

func (c *Capture) beginPause(left time.Duration) ([]unix.PollFd, time.Duration, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, 0, ErrClosed
	}
	c.waiting = true
	left = min(left, watchUp)
	if c.gap != nil || len(c.old) > 0 || c.stopped {
		left = min(left, watchDown)
	}
	fds := []unix.PollFd{{Fd: int32(c.wake), Events: unix.POLLIN}}
	if c.busy {
		return fds, min(left, max(c.cfg.Retire/4, time.Millisecond)), nil
	}
	for _, r := range c.rings {
		fds = append(fds, unix.PollFd{Fd: int32(r.fd), Events: unix.POLLIN})
	}
	return fds, left, nil
}

func (c *Capture) endPause(fds []unix.PollFd, err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = false
	if c.closed {
		c.tearDown()
		return ErrClosed
	}
	if err != nil {
		return fmt.Errorf("waiting for frames: %w", err)
	}
	var count [8]byte
	_, _ = unix.Read(c.wake, count[:])
	c.busy = false
	for i, fd := range fds[1:] {
		if fd.Revents&^unix.POLLIN != 0 {
			c.trouble, c.busy = true, c.stopped // nobody asks for the error any more
		}
		if fd.Revents&unix.POLLIN != 0 && !c.rings[i].ready() {
			c.busy = true
		}
	}
	if !c.trouble && c.gap == nil {
		c.lastGood = wallClock()
	}
	return nil
}

// signal ends Next's waiting.
func (c *Capture) signal() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nudge()
}

func (c *Capture) nudge() {
	if c.wake >= 0 {
		_, _ = unix.Write(c.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	}
}

// Info returns what is known of the capture and its interface.
func (c *Capture) Info() Info {
	c.mu.Lock()
	defer c.mu.Unlock()
	info := c.info
	info.Offloads, info.Notes = slices.Clone(info.Offloads), slices.Clone(info.Notes)
	return info
}

// Stats returns the counts as of now; after Close the last ones.
func (c *Capture) Stats() (Stats, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.stats, nil
	}
	err := c.count()
	return c.stats, err
}

// count asks all rings and the interface.
func (c *Capture) count() error {
	for _, rings := range [2][]*ring{c.old, c.rings} {
		for _, r := range rings {
			if err := c.countRing(r); err != nil {
				return err
			}
		}
	}
	if c.cfg.Interface == Any || len(c.rings) == 0 {
		return nil
	}
	if l, err := c.netlink.byIndex(c.device.index); err == nil {
		c.stats.add(c.counts, l.counts)
		c.counts = l.counts
	}
	return nil
}

func (c *Capture) countRing(r *ring) error {
	packets, drops, freezes, err := r.statistics()
	c.stats.Packets += packets
	c.stats.Drops += drops
	c.stats.Freezes += freezes
	return err
}

// Events returns what happened since the last call. After Close they include an interface's
// being down until then.
func (c *Capture) Events() []Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	events := c.events
	c.events = nil
	return events
}

// Down reports since when the interface has been down, false while it is up.
func (c *Capture) Down() (since packet.Nanos, down bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gap == nil {
		return 0, false
	}
	return c.gap.Start, true
}

// Close ends the capture without waiting: a Next that waits returns ErrClosed. What is in the
// rings and not read yet is lost to the caller, and Stats says how much that is. Batches that
// have not been released stay valid until they are; that there are any is the error.
func (c *Capture) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	err := c.count()
	c.back(wallClock())
	c.closed = true
	held := 0
	for _, rings := range [2][]*ring{c.old, c.rings} {
		for _, r := range rings {
			held += r.out
		}
	}
	if c.waiting {
		c.nudge()
	} else {
		c.tearDown()
	}
	if held > 0 {
		err = errors.Join(err, fmt.Errorf("capture closed with %d batches not released", held))
	}
	return err
}

// tearDown gives back what the system gave.
func (c *Capture) tearDown() {
	c.stop()
	for _, r := range c.old {
		r.close(0, false)
	}
	c.old = nil
	if c.netlink != nil {
		c.netlink.close()
		c.netlink = nil
	}
	if c.wake >= 0 {
		_ = unix.Close(c.wake)
		c.wake = -1
	}
}

// stop closes the rings of the interface.
func (c *Capture) stop() {
	for i, r := range c.rings {
		if i == 0 && c.stamping != nil {
			_ = unix.IoctlSetHwTstamp(r.fd, c.device.name, c.stamping)
		}
		r.close(c.device.index, i == 0 && c.info.Promiscuous)
	}
	c.rings = nil
}

func wallClock() packet.Nanos { return time.Now().UnixNano() }
