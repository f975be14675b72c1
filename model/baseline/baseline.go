package baseline

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"pcapmill/features/sketch"
)

// Baseline is what is normal of the windows of a table, in memory. Its methods belong to
// one goroutine at a time; those that read may have to put waiting rows in place.
type Baseline struct {
	reading
	hosts    map[netip.Addr]*host
	rest     host // of hosts beyond Config.Hosts; its rank's address is no address
	tagSets  map[tagSet]tagSet
	waiting  []*stored // blocks with rows that wait
	waitSize int

	tooOld    uint64 // rows of days that were dropped
	unchecked bool   // whether blocks may be a stranger's
}

// host has the blocks of a host, by day and tags.
type host struct {
	rank
	blocks []*stored
}

// stored is a packed block, with the rows that it lacks yet.
type stored struct {
	day    Day
	tags   tagSet
	packed []byte // nil where there is none; never changed
	rows   []pending
}

// maxWaiting is how much memory rows may take that wait. Taking them into their blocks
// together spares most of the unpacking; when that is done does not show.
const maxWaiting = 64 << 20

// New returns an empty baseline of a table.
func New(c Config, t Table) (*Baseline, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if err := t.Validate(); err != nil {
		return nil, err
	}
	b := &Baseline{
		reading: reading{contents: newContents(c, t)},
		hosts:   map[netip.Addr]*host{}, tagSets: map[tagSet]tagSet{},
	}
	b.from = b
	return b, nil
}

// Add takes a window. One of a day that was dropped is left out and counted (TooOld). On an
// error the baseline lacks the row, or one that was added before it.
func (b *Baseline) Add(r *Row) error {
	if err := b.check(r); err != nil {
		return err
	}
	tags, err := b.intern(r.Tags)
	if err != nil {
		return err
	}
	day := DayOf(r.Start)
	if day < b.since {
		b.tooOld++
		return nil
	}
	s := b.hostOf(plain(r.Host), day).at(day, tags)
	if len(s.rows) == 0 {
		b.waiting = append(b.waiting, s)
	}
	p := r.wait()
	s.rows = append(s.rows, p)
	if b.waitSize += p.size(); b.waitSize < maxWaiting {
		return nil
	}
	return b.settle()
}

// intern returns the set of tags, of which there may be MaxTagSets.
func (b *Baseline) intern(keys []Key) (tagSet, error) {
	tags, err := tagsOf(keys)
	if err != nil {
		return "", err
	}
	return b.internSet(tags)
}

func (b *Baseline) internSet(tags tagSet) (tagSet, error) {
	if known, ok := b.tagSets[tags]; ok {
		return known, nil
	}
	if len(b.tagSets) >= MaxTagSets {
		return "", fmt.Errorf("%w: more than %d combinations of tags", ErrFull, MaxTagSets)
	}
	b.tagSets[tags] = tags
	return tags, nil
}

// hostOf returns a host to add a window of a day to, or the rest.
func (b *Baseline) hostOf(address netip.Addr, day Day) *host {
	if h, ok := b.hosts[address]; ok {
		return h
	}
	h := &host{rank: rankOf(address)}
	if b.limit != nil && h.compare(b.limit) > 0 {
		b.restHosts(day).Add(h.hash)
		return &b.rest
	}
	b.hosts[address] = h
	return h
}

// restHosts returns the hosts of the rest that had windows on a day, by hash.
func (b *Baseline) restHosts(day Day) *sketch.Distinct {
	d := b.restOf[day]
	if d == nil {
		d = &sketch.Distinct{}
		b.restOf[day] = d
	}
	return d
}

// at returns the block of a day and tags, which it makes where there is none.
func (h *host) at(day Day, tags tagSet) *stored {
	i, found := h.find(day, tags)
	if !found {
		h.blocks = slices.Insert(h.blocks, i, &stored{day: day, tags: tags})
	}
	return h.blocks[i]
}

func (h *host) find(day Day, tags tagSet) (at int, found bool) {
	return slices.BinarySearchFunc(h.blocks, day, func(s *stored, day Day) int {
		return cmp.Or(cmp.Compare(s.day, day), cmp.Compare(s.tags, tags))
	})
}

// settle takes all waiting rows into their blocks, and leaves out hosts beyond the limit.
func (b *Baseline) settle() error {
	if len(b.waiting) == 0 { // what was read stays as it is
		return nil
	}
	chunks := slices.Collect(slices.Chunk(b.waiting, 64))
	err := ordered(context.Background(), len(chunks), b.newUnpacker, func(i int, u *unpacker) error {
		for _, s := range chunks[i] {
			if err := u.take(s); err != nil {
				return err
			}
		}
		return nil
	}, func(*unpacker) error { return nil })
	if err != nil {
		return err
	}
	clear(b.waiting)
	b.waiting, b.waitSize = b.waiting[:0], 0
	return b.trim()
}

// take takes the rows of a block that wait.
func (u *unpacker) take(s *stored) error {
	if len(s.rows) == 0 {
		return nil
	}
	if s.packed == nil {
		u.reset()
	} else if _, err := u.unpack(s.packed); err != nil {
		return err
	}
	for i := range s.rows {
		if err := u.block.add(u.layout, &s.rows[i]); err != nil {
			return err
		}
	}
	s.packed, s.rows = u.pack(u.block), nil
	return nil
}

// open unpacks a block.
func (b *Baseline) open(s *stored) (*block, error) {
	if s.packed == nil {
		return b.newBlock(), nil
	}
	return b.unpack(s.packed)
}

// trim moves the last hosts to the rest where there are more than Config.Hosts. Until
// rows are settled there may be as many more as maxWaiting has rows.
//
// Where there is a limit already, and no room, it comes down to the last host: one between
// them would be moved to the rest anyway, and lower the limit so. Else, of parts whose limit is
// of a host that was dropped since, the limit would say in which order they were merged.
func (b *Baseline) trim() error {
	if len(b.hosts) < b.config.Hosts || len(b.hosts) == b.config.Hosts && b.limit == nil {
		return nil
	}
	ranked := make([]*host, 0, len(b.hosts))
	for _, h := range b.hosts {
		ranked = append(ranked, h)
	}
	slices.SortFunc(ranked, func(x, y *host) int { return x.compare(&y.rank) })
	limit := ranked[b.config.Hosts-1].rank
	b.limit = &limit
	return b.evict(ranked[b.config.Hosts:])
}

// evict moves hosts to the rest.
func (b *Baseline) evict(hosts []*host) error {
	rest := b.merging()
	for _, h := range hosts {
		for _, s := range h.blocks {
			b.restHosts(s.day).Add(h.hash)
			if err := rest.toRest(s); err != nil {
				return err
			}
		}
		delete(b.hosts, h.host)
	}
	rest.close()
	return nil
}

// merging keeps blocks of the rest open, into which many others are merged.
type merging struct {
	b    *Baseline
	open map[*stored]*block
}

// maxOpen bounds how many are open at once.
const maxOpen = 1024

func (b *Baseline) merging() merging { return merging{b, map[*stored]*block{}} }

// toRest merges a block into the rest.
func (m *merging) toRest(from *stored) error {
	into := m.b.rest.at(from.day, from.tags)
	open := m.open[into]
	if open == nil {
		if len(m.open) >= maxOpen {
			m.close()
		}
		var err error
		if open, err = m.b.open(into); err != nil {
			return err
		}
		m.open[into] = open
	}
	other, err := m.b.unpack(from.packed)
	if err != nil {
		return err
	}
	return open.merge(other)
}

func (m *merging) close() {
	for s, open := range m.open {
		s.packed = m.b.pack(open)
	}
	clear(m.open)
}

// mergeBlock merges a block into that of the same host, day and tags.
func (b *Baseline) mergeBlock(into, from *stored) error {
	if into.packed == nil {
		into.packed = from.packed // packed blocks never change
		return nil
	}
	open, err := b.unpack(into.packed)
	if err != nil {
		return err
	}
	other, err := b.unpack(from.packed)
	if err != nil {
		return err
	}
	if err := open.merge(other); err != nil {
		return err
	}
	into.packed = b.pack(open)
	return nil
}

// Merge adds what another baseline of the same table and Config has, which it checks and
// may put in order. ErrTwice says that both have one source; nothing was changed then, nor
// where it is ErrMismatch or the other is ErrCorrupt. After another error the baseline is
// not to be used.
func (b *Baseline) Merge(o *Baseline) error {
	if !b.config.equal(&o.config) || !b.table.equal(&o.table) {
		return ErrMismatch
	}
	if err := o.Check(); err != nil {
		return err
	}
	for i := range o.sources {
		if err := b.checkNew(&o.sources[i]); err != nil {
			return err
		}
	}
	if len(b.sources)+len(o.sources) > MaxSources {
		return fmt.Errorf("%w: %d sources", ErrFull, len(b.sources)+len(o.sources))
	}
	if err := b.settle(); err != nil {
		return err
	}
	if err := o.settle(); err != nil {
		return err
	}
	for i := range o.sources {
		b.insertSource(&o.sources[i])
	}
	b.DropBefore(o.since)
	if err := b.mergeBlocks(o); err != nil {
		return err
	}
	return b.trim()
}

func (b *Baseline) mergeBlocks(o *Baseline) error {
	if err := b.lower(o.limit); err != nil {
		return err
	}
	for day, d := range o.restOf {
		if day >= b.since {
			b.restHosts(day).Merge(d)
		}
	}
	m := b.merging()
	if err := m.mergeHost(&o.rest); err != nil {
		return err
	}
	for _, h := range o.hosts {
		if err := m.mergeHost(h); err != nil {
			return err
		}
	}
	m.close()
	return nil
}

// lower takes over a lower limit of hosts.
func (b *Baseline) lower(limit *rank) error {
	if limit == nil || b.limit != nil && limit.compare(b.limit) >= 0 {
		return nil
	}
	b.limit = limit
	var beyond []*host
	for _, h := range b.hosts {
		if h.compare(limit) > 0 {
			beyond = append(beyond, h)
		}
	}
	return b.evict(beyond)
}

// mergeHost merges the blocks of a host of another baseline.
func (m *merging) mergeHost(h *host) error {
	for _, s := range h.blocks {
		if s.day < m.b.since {
			continue
		}
		tags, err := m.b.internSet(s.tags)
		if err != nil {
			return err
		}
		into := &m.b.rest
		if h.host.IsValid() {
			into = m.b.hostOf(h.host, s.day)
		}
		if into == &m.b.rest {
			err = m.toRest(s)
		} else {
			err = m.b.mergeBlock(into.at(s.day, tags), s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// DropBefore drops all days before one, and lets none of them in from then on: what
// remains is as if no row of theirs had been added, but for hosts that are in the rest
// because of hosts of those days. An earlier day than before is without effect.
func (b *Baseline) DropBefore(day Day) {
	if day <= b.since {
		return
	}
	b.since = day
	b.rest.drop(day)
	for address, h := range b.hosts {
		if h.drop(day); len(h.blocks) == 0 {
			delete(b.hosts, address)
		}
	}
	for d := range b.restOf {
		if d < day {
			delete(b.restOf, d)
		}
	}
}

func (h *host) drop(day Day) {
	n, _ := h.find(day, "")
	for _, s := range h.blocks[:n] {
		s.rows = nil // it may still be among those that wait
	}
	h.blocks = slices.Delete(h.blocks, 0, n)
}

// Days returns the days with windows, ascending.
func (b *Baseline) Days() []Day {
	found := map[Day]bool{}
	for h := range b.each() {
		for _, s := range h.blocks {
			found[s.day] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Hosts returns how many hosts are kept by themselves, as far as rows are settled.
func (b *Baseline) Hosts() int { return len(b.hosts) }

// TooOld returns how many rows Add left out since New or Decode.
func (b *Baseline) TooOld() uint64 { return b.tooOld }

// Forget drops a host from every segment: what remains is as if no row of it had been
// added. It reports false where the host is not kept by itself; windows of it may then be
// in the rest, from which nothing can be taken.
func (b *Baseline) Forget(address netip.Addr) bool {
	h, ok := b.hosts[plain(address)]
	if !ok {
		return false
	}
	for _, s := range h.blocks {
		s.rows = nil
	}
	delete(b.hosts, plain(address))
	return true
}
