package host

import (
	"math"
	"slices"

	"pcapmill/features/batch"
	"pcapmill/features/flow"
	"pcapmill/features/window/table"
	"pcapmill/ingest/packet"
)

// Config are the settings of a Book.
type Config struct {
	Grid   Grid
	Life   packet.Nanos // a piece of a flow closes no later than this after its first packet's clock; where some do, their windows have further parts
	Memory int64        // bytes that windows which are not over may take
	Single bool         // each epoch is one input
	Heard  Heard
	Key    HashKey
	Hosts  func(*batch.Batch) error // takes rows of the hosts table, in order; nil: it is not wanted
	Pairs  func(*batch.Batch) error // the same of the pairs table
}

// Book joins what packets and flows say of the hosts of a window, and writes the window
// once it is over: no flow that began in it can still be open. It belongs to one
// goroutine, which gives it flows in the order of the flows table and the stretches of
// Packets in theirs. When a stretch comes changes nothing: it has a place of its own among
// the flows.
//
//	flows     ──┬──┬───┬─ … ──┬─────┬──►  by close instant
//	stretches ──┴──[ W ends ]─┴─────┴──►  by their end
//	                 W is written at its end plus Life
type Book struct {
	cfg     Config
	finder  *periodFinder
	epoch   int32
	capture int32
	open    []*page      // by number
	queue   []Stretch    // arrived, not taken in
	packets progress     // of Packets
	now     packet.Nanos // no flow before it comes any more
	next    packet.Nanos // before it nothing is to be done
	size    int64        // bytes of the open pages
	parts   int32        // that had numbers of their own

	hosts   *table.Writer[hostRow]
	hostSum packet.Tally
	pairs   *table.Writer[pairRow]
	pairSum packet.Tally
	none    struct { // of a host that has nothing of a kind
		seen  seen
		known known
		sums  sums
		said  said
	}
	ranking ranking
	settled settled
	without int64 // see WithoutSeries
}

// page is a window that is not over.
type page struct {
	number int64
	due    packet.Nanos // when it is
	late   bool         // it was over before
	flows  *flows
	seen   *Seen // nil: not there yet
}

// Stretch is what Packets have counted, with its place among the flows.
type Stretch struct {
	*Seen
	Epoch   int32
	Capture int32        // number of the input that the epoch began with
	At      packet.Nanos // before flows that close at it or later; not before that of a stretch that came earlier
	Rest    bool         // nothing of its window follows
}

// progress says how far something is: at an instant of an epoch.
type progress struct {
	epoch int32
	at    packet.Nanos
}

// NewBook returns an empty Book.
func NewBook(cfg Config) *Book {
	b := &Book{cfg: cfg, finder: newPeriodFinder(cfg.Grid)}
	if cfg.Hosts != nil {
		b.hosts = table.NewWriter(HostsSchema(), hostColumns(), cfg.Hosts)
	}
	if cfg.Pairs != nil {
		b.pairs = table.NewWriter(PairsSchema(), pairColumns(), cfg.Pairs)
	}
	b.begin(0)
	return b
}

// begin begins an epoch.
func (b *Book) begin(epoch int32) {
	b.epoch, b.capture = epoch, -1
	b.now, b.next = packet.NoTime, packet.NoTime
}

// Arrive takes a stretch, to be looked at when its turn comes.
func (b *Book) Arrive(s Stretch) { b.queue = append(b.queue, s) }

// Heard takes how far Packets are: all stretches have come but those At an instant of an
// epoch, and later ones.
func (b *Book) Heard(epoch int32, at packet.Nanos) {
	b.packets = progress{epoch, at}
	b.plan()
}

// known returns until when all stretches of the epoch have come.
func (b *Book) known() packet.Nanos {
	switch {
	case b.packets.epoch < b.epoch:
		return packet.NoTime
	case b.packets.epoch > b.epoch:
		return math.MaxInt64
	}
	return b.packets.at
}

// Waits reports whether a stretch may be missing that comes before flows which close at
// an instant of an epoch.
func (b *Book) Waits(epoch int32, at packet.Nanos) bool {
	if epoch > b.epoch {
		return b.packets.epoch <= b.epoch
	}
	return b.known() <= at
}

// Idle reports whether Advance has nothing to do at an instant of an epoch.
func (b *Book) Idle(epoch int32, at packet.Nanos) bool { return epoch == b.epoch && at < b.next }

// Due reports whether a stretch that has come, or a window, has its turn before flows that
// close at an instant of an epoch.
func (b *Book) Due(epoch int32, at packet.Nanos) bool {
	if epoch > b.epoch {
		return len(b.queue)+len(b.open) > 0
	}
	first := b.first()
	return b.stretches() && b.queue[0].At <= at || first != nil && first.due <= at
}

// Advance does what comes before flows that close at an instant of an epoch. It must not
// wait for a stretch.
func (b *Book) Advance(epoch int32, at packet.Nanos) error {
	for epoch > b.epoch {
		if err := b.turn(math.MaxInt64); err != nil {
			return err
		}
		next := epoch
		if len(b.queue) > 0 {
			next = min(next, b.queue[0].Epoch)
		}
		b.begin(next)
	}
	return b.turn(at)
}

// turn takes stretches in and closes windows up to an instant, in the order of time.
func (b *Book) turn(to packet.Nanos) error {
	for {
		first := b.first()
		switch {
		case b.stretches() && b.queue[0].At <= to && (first == nil || b.queue[0].At <= first.due):
			if err := b.take(); err != nil {
				return err
			}
		case first != nil && first.due <= to:
			if err := b.close(first); err != nil {
				return err
			}
		default:
			b.now = max(b.now, to)
			b.plan()
			return nil
		}
	}
}

// stretches reports whether one of the epoch has come that is not taken in.
func (b *Book) stretches() bool { return len(b.queue) > 0 && b.queue[0].Epoch == b.epoch }

// plan sets until when nothing is to be done.
func (b *Book) plan() {
	b.next = b.known()
	if b.stretches() {
		b.next = b.queue[0].At
	}
	if first := b.first(); first != nil {
		b.next = min(b.next, first.due)
	}
}

// first returns the page that is over first; nil where none is open.
func (b *Book) first() *page {
	if len(b.open) == 0 {
		return nil
	}
	return slices.MinFunc(b.open, func(p, q *page) int {
		switch {
		case p.due < q.due:
			return -1
		case p.due > q.due:
			return 1
		}
		return 0
	})
}

// take takes the first stretch in.
func (b *Book) take() error {
	s := b.queue[0]
	b.queue[0] = Stretch{}
	b.queue = b.queue[1:]
	b.now = max(b.now, s.At)
	if b.cfg.Single {
		b.capture = s.Capture
	}
	b.without += s.finish(b.finder, &b.ranking)
	if !s.Rest {
		b.parts++
		return b.write(&page{number: s.number, flows: newFlows(b.cfg.Key), seen: s.Seen}, b.parts)
	}
	b.page(s.number).seen = s.Seen
	b.size += s.Seen.memory()
	return b.relieve()
}

// page returns the open page of a window.
func (b *Book) page(number int64) *page {
	at, found := slices.BinarySearchFunc(b.open, number, func(p *page, number int64) int {
		switch {
		case p.number < number:
			return -1
		case p.number > number:
			return 1
		}
		return 0
	})
	if found {
		return b.open[at]
	}
	p := &page{number: number, due: b.cfg.Grid.End(number) + b.cfg.Life, flows: newFlows(b.cfg.Key)}
	if p.due <= b.now {
		p.late, p.due = true, b.cfg.Grid.End(b.cfg.Grid.Of(b.now)) // with others of its kind
	}
	b.open = slices.Insert(b.open, at, p)
	b.size += p.flows.memory()
	return p
}

// Expect prepares for rows to be added, at most LookAhead of them.
func (b *Book) Expect(rows []*flow.Row) {
	number := b.cfg.Grid.Of(rows[0].StartClock)
	for _, p := range b.open {
		if p.number == number { // nearly all are of one window
			p.flows.expect(rows[:min(len(rows), LookAhead)])
		}
	}
}

// Add counts a piece of a flow of depth 0 that closes at the instant to which Advance has
// come; app is what its messages say, nil where that is nothing.
func (b *Book) Add(r *flow.Row, app *flow.App) error {
	if b.cfg.Single {
		b.capture = r.Capture
	}
	pages := len(b.open)
	p := b.page(b.cfg.Grid.Of(r.StartClock))
	before := p.flows.memory()
	p.flows.add(r, app)
	b.size += p.flows.memory() - before
	if b.size > b.cfg.Memory {
		return b.relieve()
	}
	if len(b.open) != pages {
		b.plan()
	}
	return nil
}

// relieve writes windows that are not over, the first ones first, where memory is short.
func (b *Book) relieve() error {
	if b.size <= b.cfg.Memory {
		return nil
	}
	for len(b.open) > 0 && b.size > b.cfg.Memory/2 {
		p := b.open[0]
		p.late = true
		if err := b.close(p); err != nil {
			return err
		}
	}
	b.plan()
	return nil
}

// close writes a page and forgets it.
func (b *Book) close(p *page) error {
	at := slices.Index(b.open, p)
	b.open = slices.Delete(b.open, at, at+1)
	b.size -= p.flows.memory() + p.seen.memory()
	part := int32(0)
	if p.late {
		b.parts++
		part = b.parts
	}
	return b.write(p, part)
}

// Close writes all that is left. It must not wait for a stretch of any epoch.
func (b *Book) Close() error {
	if err := b.Advance(math.MaxInt32, packet.NoTime); err != nil {
		return err
	}
	if b.hosts != nil {
		if err := b.hosts.Flush(); err != nil {
			return err
		}
	}
	if b.pairs != nil {
		return b.pairs.Flush()
	}
	return nil
}

// Written returns how many rows a table that is wanted has, and what they come to: each
// packet is one that a host sent, and one of a pair.
func (b *Book) Written(name string) (rows int64, sum packet.Tally) {
	if name == PairsTable {
		return b.pairs.Rows(), b.pairSum
	}
	return b.hosts.Rows(), b.hostSum
}

// WithoutSeries counts rows whose periods are unknown for lack of memory.
func (b *Book) WithoutSeries() int64 { return b.without }

// Parts returns how many parts have numbers of their own.
func (b *Book) Parts() int32 { return b.parts }
