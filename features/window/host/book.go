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
	Grids  []Grid       // of one length; one unless windows overlap
	Life   packet.Nanos // a piece of a flow closes no later than this after its first packet's clock; where some do, their windows have further parts
	Memory int64        // bytes that the windows of one grid which are not over may take
	Single bool         // each epoch is one input
	Heard  Heard
	Key    HashKey
	Hosts  bool // the hosts table is wanted
	Pairs  bool // the pairs table is
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
//
// Windows that overlap lie on several grids. Each grid is a tiling, which counts all flows
// as if it were alone; what is due is done in the order of time, so that windows are
// written in the order of their ends.
type Book struct {
	cfg     Config
	finder  *periodFinder `snapshot:"-"`
	epoch   int32
	capture int32
	tilings []tiling     // by grid
	packets progress     // of Packets
	now     packet.Nanos // no flow before it comes any more
	next    packet.Nanos // before it nothing is to be done

	hosts *table.Writer[hostRow]
	pairs *table.Writer[pairRow]
	none  struct { // of a host that has nothing of a kind
		seen  seen
		known known
		sums  sums
		said  said
	}
	ranking ranking `snapshot:"-"`
	settled settled `snapshot:"-"`
	without int64   // see WithoutSeries
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
	Grid    int // place among those of the Book
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

// NewBook returns an empty Book, which is not connected.
func NewBook(cfg Config) *Book {
	b := &Book{cfg: cfg, finder: newPeriodFinder(cfg.Grids[0]), tilings: make([]tiling, len(cfg.Grids))}
	for i, grid := range cfg.Grids {
		b.tilings[i].grid = grid
	}
	if cfg.Hosts {
		b.hosts = table.NewWriter(HostsSchema(), hostColumns(), nil)
	}
	if cfg.Pairs {
		b.pairs = table.NewWriter(PairsSchema(), pairColumns(), nil)
	}
	b.begin(0)
	return b
}

// Connect sets what takes the rows of the tables that are wanted, in order; nil is for a
// while in which none are written.
func (b *Book) Connect(hosts, pairs func(*batch.Batch) error) {
	if b.hosts != nil {
		b.hosts.Connect(hosts)
	}
	if b.pairs != nil {
		b.pairs.Connect(pairs)
	}
}

// Trim gives up memory that only windows which are over needed.
func (b *Book) Trim() { b.ranking, b.settled = ranking{}, settled{} }

// begin begins an epoch.
func (b *Book) begin(epoch int32) {
	b.epoch, b.capture = epoch, -1
	b.now, b.next = packet.NoTime, packet.NoTime
}

// Arrive takes a stretch, to be looked at when its turn comes.
func (b *Book) Arrive(s Stretch) {
	t := &b.tilings[s.Grid]
	t.queue = append(t.queue, s)
}

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
		return slices.ContainsFunc(b.tilings, func(t tiling) bool { return len(t.queue)+len(t.open) > 0 })
	}
	t, due := b.soonest()
	return t != nil && due <= at
}

// Advance does what comes before flows that close at an instant of an epoch. It must not
// wait for a stretch.
func (b *Book) Advance(epoch int32, at packet.Nanos) error {
	for epoch > b.epoch {
		if err := b.turn(math.MaxInt64); err != nil {
			return err
		}
		next := epoch
		for i := range b.tilings {
			if q := b.tilings[i].queue; len(q) > 0 {
				next = min(next, q[0].Epoch)
			}
		}
		b.begin(next)
	}
	return b.turn(at)
}

// turn takes stretches in and closes windows up to an instant, in the order of time.
func (b *Book) turn(to packet.Nanos) error {
	for {
		t, due := b.soonest()
		if t == nil || due > to {
			break
		}
		if err := b.step(t); err != nil {
			return err
		}
	}
	b.now = max(b.now, to)
	b.plan()
	return nil
}

// soonest returns the tiling that has something to do first, and when; nil where none has.
func (b *Book) soonest() (first *tiling, at packet.Nanos) {
	for i := range b.tilings {
		t := &b.tilings[i]
		if due, any := t.due(b.epoch); any && (first == nil || due < at) {
			first, at = t, due
		}
	}
	return first, at
}

// step does what a tiling has to do first.
func (b *Book) step(t *tiling) error {
	first := t.first()
	if t.stretches(b.epoch) && (first == nil || t.queue[0].At <= first.due) {
		return b.take(t)
	}
	return b.close(t, first)
}

// plan sets until when nothing is to be done.
func (b *Book) plan() {
	b.next = math.MaxInt64
	for i := range b.tilings {
		t := &b.tilings[i]
		if due, any := t.due(b.epoch); any {
			b.next = min(b.next, due)
		}
		if !t.stretches(b.epoch) {
			b.next = min(b.next, b.known())
		}
	}
}

// take takes a tiling's first stretch in.
func (b *Book) take(t *tiling) error {
	s := t.next()
	b.now = max(b.now, s.At)
	if b.cfg.Single {
		b.capture = s.Capture
	}
	b.without += s.finish(b.finder, &b.ranking)
	if !s.Rest {
		t.parts++
		return b.write(t, &page{number: s.number, flows: newFlows(b.cfg.Key), seen: s.Seen}, t.parts)
	}
	b.page(t, s.number).seen = s.Seen
	t.size += s.Seen.memory()
	return b.relieve(t)
}

// page returns the open page of a window.
func (b *Book) page(t *tiling, number int64) *page {
	at, found := t.find(number)
	if found {
		return t.open[at]
	}
	p := &page{number: number, due: t.grid.End(number) + b.cfg.Life, flows: newFlows(b.cfg.Key)}
	if p.due <= b.now {
		p.late, p.due = true, t.grid.End(t.grid.Of(b.now)) // with others of its kind
	}
	t.open = slices.Insert(t.open, at, p)
	t.size += p.flows.memory()
	return p
}

// Expect prepares for rows to be added, at most LookAhead of them.
func (b *Book) Expect(rows []*flow.Row) {
	for i := range b.tilings {
		t := &b.tilings[i]
		number := t.grid.Of(rows[0].StartClock)
		for _, p := range t.open {
			if p.number == number { // nearly all are of one window
				p.flows.expect(rows[:min(len(rows), LookAhead)])
			}
		}
	}
}

// Add counts a piece of a flow of depth 0 that closes at the instant to which Advance has
// come; app is what its messages say, nil where that is nothing.
func (b *Book) Add(r *flow.Row, app *flow.App) error {
	if b.cfg.Single {
		b.capture = r.Capture
	}
	b.now = max(b.now, r.Close) // Idle lets Advance be left out
	for i := range b.tilings {
		if err := b.file(&b.tilings[i], r, app); err != nil {
			return err
		}
	}
	return nil
}

// file is Add for one tiling.
func (b *Book) file(t *tiling, r *flow.Row, app *flow.App) error {
	pages := len(t.open)
	p := b.page(t, t.grid.Of(r.StartClock))
	before := p.flows.memory()
	p.flows.add(r, app)
	t.size += p.flows.memory() - before
	if t.size > b.cfg.Memory {
		return b.relieve(t)
	}
	if len(t.open) != pages {
		b.plan()
	}
	return nil
}

// relieve writes windows that are not over, the first ones first, where memory is short.
func (b *Book) relieve(t *tiling) error {
	if t.size <= b.cfg.Memory {
		return nil
	}
	for len(t.open) > 0 && t.size > b.cfg.Memory/2 {
		p := t.open[0]
		p.late = true
		if err := b.close(t, p); err != nil {
			return err
		}
	}
	b.plan()
	return nil
}

// close writes a page and forgets it.
func (b *Book) close(t *tiling, p *page) error {
	t.forget(p)
	part := int32(0)
	if p.late {
		t.parts++
		part = t.parts
	}
	return b.write(t, p, part)
}

// Close writes all that is left. It must not wait for a stretch of any epoch.
func (b *Book) Close() error {
	if err := b.Advance(math.MaxInt32, packet.NoTime); err != nil {
		return err
	}
	return b.Flush()
}

// Flush hands on the rows of windows that are over.
func (b *Book) Flush() error {
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

// Written returns how many rows a table that is wanted has, and what they come to by grid:
// each packet is one that a host sent, and one of a pair.
func (b *Book) Written(name string) (rows int64, sums []packet.Tally) {
	for i := range b.tilings {
		t := &b.tilings[i]
		if name == PairsTable {
			sums = append(sums, t.pairSum)
		} else {
			sums = append(sums, t.hostSum)
		}
	}
	if name == PairsTable {
		return b.pairs.Rows(), sums
	}
	return b.hosts.Rows(), sums
}

// WithoutSeries counts rows whose periods are unknown for lack of memory.
func (b *Book) WithoutSeries() int64 { return b.without }

// Parts returns how many parts have numbers of their own.
func (b *Book) Parts() (n int64) {
	for i := range b.tilings {
		n += int64(b.tilings[i].parts)
	}
	return n
}
