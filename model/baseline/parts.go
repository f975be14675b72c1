package baseline

import (
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"
	"strings"

	"pcapmill/features/sketch"
)

// Header is all of a baseline but its blocks, for other formats than that of Encode.
type Header struct {
	Config  Config
	Table   Table
	Since   *Day // first day that is let in; nil: any
	Sources []Source
	Limit   netip.Addr // last host that is kept by itself; not valid: all are
	Rest    []RestHosts
}

// RestHosts are the hosts of the rest that had windows on a day, as sketch.Distinct
// encodes them.
type RestHosts struct {
	Day   Day
	Hosts []byte
}

// Block is what one host did on one day under one set of tags: Packed is all of it, and
// the other fields say the same in numbers.
type Block struct {
	Host       netip.Addr // not valid: of the rest
	Day        Day
	Tags       []Key // ascending
	Packed     []byte
	Hours      []BlockHour
	Moments    [][]Moments // of features, each of the hours
	Histograms []sketch.Histogram
	Categories []BlockCategory // in the order of Config.Categories
}

// BlockHour is an hour of the day, UTC, and how many windows began in it.
type BlockHour struct {
	Hour    int
	Windows uint64
}

// Moments are those of the levels of a feature: number, sum, sum of squares.
type Moments struct {
	N       uint64
	Sum     int64
	Squares uint64
}

// BlockCategory is how often keys came.
type BlockCategory struct {
	Keys     []sketch.Entry // by key
	Others   uint64         // how often keys came that are none of them
	TooLong  uint64         // how often keys came that are too long to be kept
	Distinct uint64         // different keys
	Exact    bool           // whether Distinct is no estimate
}

// Header returns the baseline's.
func (c *contents) Header() Header {
	h := Header{Config: c.config, Table: c.table, Sources: c.sources}
	if day, ok := c.Since(); ok {
		h.Since = &day
	}
	if c.limit != nil {
		h.Limit = c.limit.host
	}
	for _, day := range slices.Sorted(maps.Keys(c.restOf)) {
		h.Rest = append(h.Rest, RestHosts{day, c.restOf[day].AppendBinary(nil)})
	}
	return h
}

// Blocks calls yield with each block, the rest's first, then by address, day and tags. The
// block is yield's until it returns. Errors are yield's as they are, ErrCorrupt, and those of a File.
func (r *reading) Blocks(yield func(*Block) error) error {
	var own error // yield's, which is no fault of the file
	err := r.visit(func(s *stop) error {
		open, err := r.unpack(s.packed)
		if err != nil {
			return err
		}
		tags, _ := s.tags.keys()
		own = yield(r.describe(s.host, s.day, tags, s.packed, open))
		return own
	})
	if own != nil {
		return own
	}
	return err
}

// describe makes a Block, which keeps what is open.
func (l *layout) describe(host netip.Addr, day Day, tags []Key, packed []byte, open *block) *Block {
	x := &Block{Host: host, Day: day, Tags: tags, Packed: packed, Histograms: open.histograms, Moments: make([][]Moments, len(l.features))}
	for i := range open.hours {
		h := &open.hours[i]
		x.Hours = append(x.Hours, BlockHour{int(h.hour), h.rows})
		for f := range l.features {
			c := &open.of(f)[h.hour]
			x.Moments[f] = append(x.Moments[f], Moments{c.n, c.sum, c.squares})
		}
	}
	for i := range open.categories {
		k := &open.categories[i]
		keys := k.top.Top(-1)
		slices.SortFunc(keys, func(a, b sketch.Entry) int { return strings.Compare(a.Key, b.Key) })
		x.Categories = append(x.Categories, BlockCategory{keys, k.top.Others(), k.top.TooLong(), k.distinct.Count(), k.distinct.Exact()})
	}
	return x
}

// Restorer makes a baseline of what Header and Blocks returned. It takes nothing that they
// would not return.
type Restorer struct{ b *Baseline }

// NewRestorer begins with a Header. The error is ErrCorrupt or ErrConfig.
func NewRestorer(h *Header) (*Restorer, error) {
	b, err := New(h.Config, h.Table)
	if err != nil {
		return nil, err
	}
	if h.Since != nil {
		if b.since = *h.Since; b.since == math.MinInt32 {
			return nil, fmt.Errorf("%w: the first day that is let in", ErrCorrupt)
		}
	}
	for _, s := range h.Sources {
		if err := b.AddSource(s); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
	}
	if h.Limit.IsValid() {
		r := rankOf(plain(h.Limit))
		b.limit = &r
	}
	for _, r := range h.Rest {
		d := new(sketch.Distinct)
		rest, err := d.Decode(r.Hosts)
		if err != nil || len(rest) != 0 || d.Count() == 0 || b.restOf[r.Day] != nil || r.Day < max(b.since, firstDay) || r.Day > lastDay {
			return nil, fmt.Errorf("%w: hosts of the rest on %v", ErrCorrupt, r.Day)
		}
		b.restOf[r.Day] = d
	}
	return &Restorer{b}, nil
}

// Add adds a block by its packed bytes, which it keeps, and returns all of it.
func (r *Restorer) Add(address netip.Addr, day Day, tags []Key, packed []byte) (*Block, error) {
	b := r.b
	open, err := b.unpack(packed)
	if err != nil {
		return nil, err
	}
	set, err := b.intern(tags)
	if err != nil {
		return nil, err
	}
	h := &b.rest
	if address.IsValid() {
		address = plain(address)
		if h = b.hosts[address]; h == nil {
			h = &host{rank: rankOf(address)}
			b.hosts[address] = h
		}
	}
	at, found := h.find(day, set)
	if found || day < max(b.since, firstDay) || day > lastDay {
		return nil, fmt.Errorf("%w: a block of %v twice, or of a day that cannot be in it", ErrCorrupt, day)
	}
	h.blocks = slices.Insert(h.blocks, at, &stored{day: day, tags: set, packed: packed})
	sorted, _ := set.keys()
	return b.describe(address, day, sorted, packed, open), nil
}

// Close returns the baseline, or ErrCorrupt where the blocks are not those of its Header.
func (r *Restorer) Close() (*Baseline, error) {
	b := r.b
	if len(b.hosts) > b.config.Hosts || len(b.rest.blocks) > 0 && b.limit == nil {
		return nil, fmt.Errorf("%w: %d hosts", ErrCorrupt, len(b.hosts))
	}
	for _, h := range b.hosts {
		if b.limit != nil && h.compare(b.limit) > 0 {
			return nil, fmt.Errorf("%w: host %v lies behind the limit", ErrCorrupt, h.host)
		}
	}
	days := map[Day]bool{}
	for _, s := range b.rest.blocks {
		days[s.day] = true
		if b.restOf[s.day] == nil {
			return nil, fmt.Errorf("%w: nothing of the hosts of the rest on %v", ErrCorrupt, s.day)
		}
	}
	if len(days) != len(b.restOf) {
		return nil, fmt.Errorf("%w: hosts of the rest on days without windows", ErrCorrupt)
	}
	return b, nil
}
