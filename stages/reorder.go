package stages

import (
	"context"
	"errors"
	"slices"
	"sort"

	"pcapmill/ingest/packet"
)

// Packets are handled in the order of their places. With the latest believed time
// M of the packets read so far and the width W of the window, the place of a
// packet is its time, but not before M-W, and not before the place of a packet
// that has left the window for lack of room: the window holds the last
// windowBytes of that order, each packet counting packetCost more than it has
// bytes, so 4096 packets at most. Equal places keep the order of reading; a packet
// without a time that counts takes the place M. Where the clock was set back, all
// packets before come first and the window begins anew.
//
// The order thus depends on the packets alone, not on blocks or files. Blocks wait
// here until nothing can come before their packets; in the usual case they then go
// on as they are. Only packets out of order are moved: within their block by
// their Records, into another one by their bytes.
const (
	windowBytes = 1 << 20
	packetCost  = 256
)

const (
	manyHeld   = 16 // blocks waiting beyond which packets are copied together
	smallBlock = blockBytes / 4

	// windowBlocks is how many blocks can be here at once: those held, those that
	// packets are copied into, at least half full, and those read ahead, of a packet
	// at least each.
	windowBlocks = manyHeld + 2*(2*windowBytes/blockBytes+4) + witnesses + 4
)

// reorderWindow is where packets wait for those that belong before them.
type reorderWindow struct {
	course
	f     *feeder
	read  func(context.Context) (*packet.Block, error) `snapshot:"-"` // nil at rest
	width packet.Nanos                                 // 0: packets keep the order of reading
	rests bool                                         // more is to come in another Feed
	ended bool                                         // nothing leaves in this Feed any more but what may by now

	begun    bool // a block of the epoch has arrived
	arriving *packet.Block
	reached  packet.Nanos // its watermark, where that counts; 0: none does
	said     packet.Nanos // the last watermark before time began; 0: none
	mark     packet.Nanos // that the packet clock has come to behind the packets before marked; 0: none
	marked   int64
	last     bool            // it is the last of its epoch
	ahead    []*packet.Block // read after it, because their times were asked for
	held     []stretch
	cost     int64 // of all held
	pack     packer
	parts    packer // of blocks that are divided
	open     bool   // the last stretch is the block that pack has begun

	// Positions count packets in the order of handling.
	total   int64        // of the packet to come next, if in order
	barrier int64        // no packet goes before this one
	edge    int64        // packets before this one have left the window for lack of room
	pushed  packet.Nanos // place of the last one that has
	waiting int64        // cost of the packets from edge on

	judged []judgement      // of the block that arrives: memory
	knot   knot             `snapshot:"-"`
	free   [][]packet.Nanos `snapshot:"-"` // memory of places
}

// stretch is a block that waits.
type stretch struct {
	b      *packet.Block
	places []packet.Nanos // nil where each packet's place is its time
	first  int64          // position of Records[0]
	cost   int64
	last   packet.Nanos // place of the last packet
}

func (s *stretch) end() int64 { return s.first + int64(len(s.b.Records)) }

func (s *stretch) place(i int) packet.Nanos {
	if s.places != nil {
		return s.places[i]
	}
	return s.b.Records[i].Time
}

func costOf(r *packet.Record) int64 { return int64(r.CapLen) + packetCost }

func newReorderWindow(f *feeder) *reorderWindow {
	w := &reorderWindow{course: newCourse(f.cfg), f: f, width: int64(f.cfg.Reorder), pushed: packet.NoTime}
	w.pack.pool, w.parts.pool = f.pool, f.pool
	return w
}

// begin begins a Feed, after which the window rests with what is in it, or has ended.
func (w *reorderWindow) begin(read func(context.Context) (*packet.Block, error), rests bool) {
	w.read, w.rests, w.ended = read, rests, false
}

// leaveFeed forgets what belongs to a Feed.
func (w *reorderWindow) leaveFeed() { w.read, w.arriving = nil, nil }

// blocks returns how many there are in the window.
func (w *reorderWindow) blocks() int { return len(w.held) + len(w.ahead) }

// packets counts those in the window.
func (w *reorderWindow) packets() (t packet.Tally) {
	w.waitingOnes(func(b *packet.Block, i int) { t.Add(b.Records[i].CapLen, b.Records[i].WireLen) })
	return t
}

// waitingOnes calls visit with each packet in the window.
func (w *reorderWindow) waitingOnes(visit func(b *packet.Block, i int)) {
	each := func(b *packet.Block) {
		for i := range b.Records {
			visit(b, i)
		}
	}
	for i := range w.held {
		each(w.held[i].b)
	}
	for _, b := range w.ahead {
		each(b)
	}
}

// errNotYet is a packet whose time cannot be judged before those after it have come, in
// another Feed.
var errNotYet = errors.New("the packets that follow have not come yet")

// next returns the next block to be handled, nil after the last one of the Feed.
func (w *reorderWindow) next(ctx context.Context) (*packet.Block, error) {
	for {
		if b := w.leave(); b != nil || w.ended {
			return b, nil
		}
		b, err := w.take(ctx)
		if err != nil {
			return nil, err
		}
		if b == nil {
			if err := w.end(ctx); err != nil {
				return nil, err
			}
			continue
		}
		w.arriving, w.last, b.EndOfEpoch = b, b.EndOfEpoch, false
		switch err := w.arrive(ctx, b); {
		case errors.Is(err, errNotYet): // it has not arrived, nor has what follows
			b.EndOfEpoch = w.last
			w.ahead = slices.Insert(w.ahead, 0, b)
			if err := w.end(ctx); err != nil {
				return nil, err
			}
			continue
		case err != nil:
			return nil, err
		}
		if w.reached != 0 {
			if err := w.reach(ctx); err != nil {
				return nil, err
			}
		}
		if w.last {
			w.endEpoch()
		}
	}
}

// end lets all leave at the end of a run, and of a Feed what may: nothing that comes can
// belong before it.
func (w *reorderWindow) end(ctx context.Context) error {
	w.ended = true
	if !w.rests {
		w.settle()
		return nil
	}
	return w.part(ctx)
}

// part divides the packets held between those that nothing to come can belong before, which
// leave now, and the others.
func (w *reorderWindow) part(ctx context.Context) error {
	low := w.now - w.width
	at := slices.IndexFunc(w.held, func(s stretch) bool { return s.end() > w.barrier && s.last > low })
	if at < 0 {
		w.barrier = max(w.barrier, w.total)
		return nil
	}
	s := w.held[at]
	first := int(max(w.barrier-s.first, 0))
	n := first + sort.Search(len(s.b.Records)-first, func(i int) bool { return s.place(first+i) > low })
	w.barrier = max(w.barrier, s.first+int64(n))
	if n == 0 {
		return nil
	}
	rest, err := w.cutOff(ctx, &s, n)
	if err != nil {
		return err
	}
	if w.open && at == len(w.held)-1 {
		w.open = false
		w.pack.take()
	}
	w.held[at] = s
	w.held = slices.Insert(w.held, at+1, rest...)
	return nil
}

// cutOff copies the packets of a stretch from the n-th on into others, and takes them out of
// it.
func (w *reorderWindow) cutOff(ctx context.Context, s *stretch, n int) (rest []stretch, err error) {
	w.parts.epoch, w.parts.first, w.parts.input = w.pack.epoch, w.pack.first, w.pack.input
	for i := n; i < len(s.b.Records); i++ {
		if len(rest) == 0 || !w.parts.room(s.b.Records[i].CapLen) {
			if err := w.parts.begin(ctx); err != nil {
				return nil, err
			}
			rest = append(rest, stretch{b: w.parts.b, places: w.newPlaces(), first: s.first + int64(i)})
		}
		w.parts.add(s.b, i, s.b.OriginOf(i))
		r, cost := &rest[len(rest)-1], costOf(&s.b.Records[i])
		r.places, r.last = append(r.places, s.place(i)), s.place(i)
		r.cost += cost
		s.cost -= cost
	}
	w.parts.take()
	s.last = s.place(n - 1)
	s.keep(n)
	return rest, nil
}

// take returns the block read after the one before.
func (w *reorderWindow) take(ctx context.Context) (*packet.Block, error) {
	if len(w.ahead) > 0 {
		b := w.ahead[0]
		w.ahead = slices.Delete(w.ahead, 0, 1)
		return b, nil
	}
	return w.read(ctx)
}

// peek implements peeker over the blocks read.
func (w *reorderWindow) peek(ctx context.Context, i int) (packet.Nanos, bool, error) {
	b := w.arriving
	for next := 0; ; next++ {
		if i < len(b.Records) {
			return b.Records[i].Time, true, nil
		}
		if i -= len(b.Records); b.Watermark != 0 {
			if i == 0 {
				return b.Watermark, true, nil
			}
			i--
		}
		if b.EndOfEpoch || b == w.arriving && w.last {
			return 0, false, nil
		}
		if next == len(w.ahead) {
			more, err := w.read(ctx)
			if err == nil && more == nil && w.rests {
				err = errNotYet
			}
			if err != nil || more == nil {
				return 0, false, err
			}
			w.ahead = append(w.ahead, more)
		}
		b = w.ahead[next]
	}
}

// leave returns the first block held if nothing can come before its packets any
// more, else nil.
func (w *reorderWindow) leave() *packet.Block {
	if w.mark != 0 && (len(w.held) == 0 || w.held[0].first >= w.marked) {
		if w.f.mark == 0 || w.mark > w.f.mark { // the clock may have been set back in between
			w.f.mark = w.mark
		}
		w.mark = 0
	}
	if len(w.held) == 0 {
		return nil
	}
	s := &w.held[0]
	end := s.end()
	if end > w.barrier && s.last > w.now-w.width && w.cost-s.cost < windowBytes {
		return nil
	}
	if w.edge < end {
		for i := w.edge - s.first; i < int64(len(s.b.Records)) && w.edge > s.first; i++ {
			w.waiting -= costOf(&s.b.Records[i])
		}
		if w.edge <= s.first {
			w.waiting -= s.cost
		}
		w.edge, w.pushed = end, max(w.pushed, s.last)
	}
	b := s.b
	w.forget(0)
	return b
}

// forget takes a stretch off the list.
func (w *reorderWindow) forget(k int) {
	if w.open && k == len(w.held)-1 {
		w.open = false
		w.pack.take()
	}
	s := &w.held[k]
	w.cost -= s.cost
	if s.places != nil {
		w.free = append(w.free, s.places[:0])
	}
	w.held = slices.Delete(w.held, k, k+1)
}

// settle lets everything held leave in the order it has.
func (w *reorderWindow) settle() {
	w.barrier, w.edge, w.waiting, w.pushed = w.total, w.total, 0, packet.NoTime
}

// endEpoch ends the epoch with what has arrived.
func (w *reorderWindow) endEpoch() {
	w.settle()
	last := &w.held[len(w.held)-1]
	last.b.EndOfEpoch = true
	w.open, w.pack.b = false, nil
	w.started, w.now, w.begun = false, 0, false
}

// arrive puts the packets of a block in their places. After errNotYet nothing has changed.
func (w *reorderWindow) arrive(ctx context.Context, b *packet.Block) error {
	before := w.course
	n, bytes := w.plain(b)
	if n < len(b.Records) || b.Watermark != 0 {
		if err := w.judge(ctx, b, n); err != nil {
			w.course = before
			return err
		}
	}
	if !w.begun {
		w.begun, w.pack.epoch, w.pack.first, w.pack.input = true, b.Epoch, b.FirstOrdinal, b.Input
	}
	s := stretch{b: b, first: w.total}
	s.cost = bytes + packetCost*int64(n)
	w.total += int64(n)
	w.waiting += s.cost
	if n < len(b.Records) {
		return w.disentangle(ctx, s, n)
	}
	s.last = w.now
	if n == 0 && !w.last { // there was a watermark alone
		w.f.pool.put(b)
		return nil
	}
	return w.hold(ctx, s)
}

// judge judges the packets of an arriving block of which the first n are plain, and its
// watermark.
func (w *reorderWindow) judge(ctx context.Context, b *packet.Block, n int) error {
	w.judged, w.reached = w.judged[:0], 0
	for i := n; i < len(b.Records); i++ {
		what, err := w.meet(ctx, w, i, b.Records[i].Time)
		if err != nil {
			return err
		}
		w.judged = append(w.judged, judgement{what, w.started, w.now})
	}
	if b.Watermark == 0 {
		return nil
	}
	reached, err := w.course.reach(ctx, w, len(b.Records), b.Watermark)
	switch {
	case reached:
		w.reached = b.Watermark
	case !w.started && b.Watermark < w.to:
		w.said = b.Watermark
	}
	return err
}

// reach moves time to the watermark of the block that has arrived. The packet clock goes on
// to the begin of the window, behind the packets that leave for it: behind those too that
// have left for lack of room.
func (w *reorderWindow) reach(ctx context.Context) error {
	w.now, w.reached = w.reached, 0
	k := &w.knot
	k.order, k.base = k.order[:0], w.total
	w.leftAt()
	w.barrier = max(w.barrier, w.edge)
	if err := w.part(ctx); err != nil {
		return err
	}
	w.mark, w.marked = w.now-w.width, w.barrier
	return nil
}

// judgement is what the time of a packet is, and the course behind it.
type judgement struct {
	what    sight
	started bool
	now     packet.Nanos
}

// plain goes through the packets whose time is the latest so far and returns how
// many of them the block begins with, and their captured bytes. These are all of
// nearly every block.
func (w *reorderWindow) plain(b *packet.Block) (n int, bytes int64) {
	if !w.started {
		return 0, 0
	}
	now, end := w.now, w.to
	for i := range b.Records {
		r := &b.Records[i]
		if uint64(r.Time)-uint64(now) > confirmJump || r.Time >= end {
			w.now = now
			return i, bytes
		}
		now = r.Time
		bytes += int64(r.CapLen)
	}
	w.now = now
	return len(b.Records), bytes
}

// hold appends a stretch. Small blocks are copied together where many wait.
func (w *reorderWindow) hold(ctx context.Context, s stretch) error {
	if len(s.b.Records) > 0 && (len(w.held) >= manyHeld || len(w.held) >= 4 && len(s.b.Data) < smallBlock) {
		return w.join(ctx, s)
	}
	w.open, w.pack.b = false, nil
	w.cost += s.cost
	w.held = append(w.held, s)
	return nil
}

// join copies a stretch behind the block that pack has begun, and gives its own
// block back.
func (w *reorderWindow) join(ctx context.Context, s stretch) error {
	for i := range s.b.Records {
		if err := w.copyPacket(ctx, s.b, i, s.place(i), s.first+int64(i)); err != nil {
			return err
		}
	}
	w.drop(&s)
	return nil
}

// drop gives the block of a stretch back that is no longer held.
func (w *reorderWindow) drop(s *stretch) {
	if s.places != nil {
		w.free = append(w.free, s.places[:0])
	}
	w.f.pool.put(s.b)
}

// copyPacket copies one packet to the end of what is held.
func (w *reorderWindow) copyPacket(ctx context.Context, from *packet.Block, i int, place packet.Nanos, position int64) error {
	if !w.open || !w.pack.room(from.Records[i].CapLen) {
		if err := w.pack.begin(ctx); err != nil {
			return err
		}
		w.held = append(w.held, stretch{b: w.pack.b, places: w.newPlaces(), first: position})
		w.open = true
	}
	w.pack.add(from, i, from.OriginOf(i))
	s := &w.held[len(w.held)-1]
	cost := costOf(&from.Records[i])
	s.places, s.last, s.cost = append(s.places, place), place, s.cost+cost
	w.cost += cost
	return nil
}

// newPlaces returns an empty list of places.
func (w *reorderWindow) newPlaces() []packet.Nanos {
	if n := len(w.free); n > 0 {
		list := w.free[n-1]
		w.free = w.free[:n-1]
		return list
	}
	return make([]packet.Nanos, 0, 1024)
}
