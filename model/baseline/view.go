package baseline

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"pcapmill/features/sketch"
)

// HostView is all that a baseline has of one host, as EachHost goes by. What it returns is
// its own, and valid as long as it is; so are the slices of its fields. One goroutine uses
// it at a time.
type HostView struct {
	Host    netip.Addr
	Windows uint64
	Days    []Day  // with windows, ascending
	Hours   []Hour // with windows, ascending
	Tags    []Tagged

	layout     *layout
	cells      []cell // of Hours, each of all features
	histograms []sketch.Histogram
	keys       []viewKeys
	raw        []byte     // what keys are in
	categories []Category // nil until asked for
	answers    answers
	found      []Cell
}

// Hour is an hour of a day in which a host had windows.
type Hour struct {
	Day     Day
	Hour    uint8 // of the day, UTC
	Windows uint64
}

// OfWeek returns the hour of the week, 0 for Monday 00 UTC.
func (h *Hour) OfWeek() int { return h.Day.weekday()*hoursPerDay + int(h.Hour) }

// Tagged says how many of a host's windows had a set of tags, which may be empty.
type Tagged struct {
	Keys    []Key // ascending
	Windows uint64
	set     tagSet
}

// Cell has the moments of the levels of a feature in one hour.
type Cell struct {
	Day     Day
	Hour    uint8  // of the day, UTC
	N       uint64 // known values, 1 at least
	Sum     int64
	Squares uint64
}

// Mean returns the mean level.
func (c *Cell) Mean() float64 { return float64(c.Sum) / float64(c.N) }

// Std returns the standard deviation of levels, with N-1; 0 of one value.
func (c *Cell) Std() float64 { return (&cell{c.N, c.Sum, c.Squares}).std() }

// maxView bounds what the cells of a HostView may take: 280,000 hours of 40 features.
const maxView = 256 << 20

func (l *layout) newView() *HostView {
	v := &HostView{layout: l, keys: make([]viewKeys, len(l.config.Categories))}
	v.histograms = l.newBlock().histograms
	v.answers.hour = -1
	return v
}

// reset makes it an empty one of a host.
func (v *HostView) reset(host netip.Addr) {
	v.Host, v.Windows = host, 0
	v.Days, v.Hours, v.Tags = v.Days[:0], v.Hours[:0], v.Tags[:0]
	v.cells, v.raw, v.categories = v.cells[:0], v.raw[:0], nil
	for i := range v.keys {
		v.keys[i].reset()
	}
	v.answers.hour, v.answers.summed = -1, false
	for i := range v.histograms {
		v.histograms[i].Reset()
	}
}

// add adds the host's next block by day and tags, with the bytes of its categories.
func (v *HostView) add(day Day, tags tagSet, b *block, categories []byte) error {
	if n := len(v.Days); n == 0 || v.Days[n-1] < day {
		v.Days = append(v.Days, day)
	}
	if len(v.Hours) == 0 { // all are empty, and b unpacks the next block into them
		v.histograms, b.histograms = b.histograms, v.histograms
	}
	rows := b.rows()
	v.Windows += rows
	v.tagged(tags).Windows += rows
	for i := range b.hours {
		h := &b.hours[i]
		at := v.hour(day, h.hour)
		v.Hours[at].Windows += h.rows
		cells := v.at(at)
		for f := range cells {
			cells[f].merge(&b.of(f)[h.hour])
		}
	}
	if err := v.addKeys(categories); err != nil {
		return err
	}
	return v.addHistograms(b.histograms)
}

// addHistograms also checks the size, so that no caller forgets it.
func (v *HostView) addHistograms(from []sketch.Histogram) error {
	if len(v.cells) > maxView/24 {
		return fmt.Errorf("%w: %d hours of %d features", ErrTooLarge, len(v.Hours), len(v.histograms))
	}
	for f := range from {
		if err := v.histograms[f].Merge(&from[f]); err != nil {
			return err
		}
	}
	return nil
}

func (v *HostView) tagged(set tagSet) *Tagged {
	for i := range v.Tags {
		if v.Tags[i].set == set {
			return &v.Tags[i]
		}
	}
	keys, _ := set.keys()
	v.Tags = append(v.Tags, Tagged{set: set, Keys: keys})
	return &v.Tags[len(v.Tags)-1]
}

// hour returns the place of an hour of the last day or a later one, which it makes where
// there is none.
func (v *HostView) hour(day Day, hour uint8) int {
	at, features := len(v.Hours), len(v.histograms)
	for at > 0 && v.Hours[at-1].Day == day && v.Hours[at-1].Hour >= hour {
		at--
	}
	if at < len(v.Hours) && v.Hours[at].Day == day && v.Hours[at].Hour == hour {
		return at
	}
	v.Hours = slices.Insert(v.Hours, at, Hour{Day: day, Hour: hour})
	from := at * features
	v.cells = slices.Grow(v.cells, features)[:len(v.cells)+features]
	copy(v.cells[from+features:], v.cells[from:])
	clear(v.cells[from : from+features])
	return at
}

// at returns the cells of an hour at a place.
func (v *HostView) at(i int) []cell {
	n := len(v.histograms)
	return v.cells[i*n : (i+1)*n]
}

// join adds what follows of the same host.
func (v *HostView) join(o *HostView) error {
	for i, h := range o.Hours {
		if n := len(v.Days); n == 0 || v.Days[n-1] < h.Day {
			v.Days = append(v.Days, h.Day)
		}
		at := v.hour(h.Day, h.Hour)
		v.Hours[at].Windows += h.Windows
		addCells(v.at(at), o.at(i))
	}
	v.Windows += o.Windows
	for _, t := range o.Tags {
		v.tagged(t.set).Windows += t.Windows
	}
	for i := range o.keys {
		v.keys[i].join(&o.keys[i])
	}
	return v.addHistograms(o.histograms)
}

// Histogram returns that of all values of a feature.
func (v *HostView) Histogram(feature int) *sketch.Histogram { return &v.histograms[feature] }

// Cells returns the moments of a feature in those of Hours that know it. The slice is
// valid until the next call.
func (v *HostView) Cells(feature int) []Cell {
	v.found = v.found[:0]
	for i, h := range v.Hours {
		if c := &v.at(i)[feature]; c.n > 0 {
			v.found = append(v.found, Cell{h.Day, h.Hour, c.n, c.sum, c.squares})
		}
	}
	return v.found
}

// answers are sums over the hours for one hour of the week, and over all of them.
type answers struct {
	hour   int // -1: of none
	ofWeek []cell
	ofDay  []cell
	all    []cell
	summed bool // all
}

// Query is that of the host's Profile. Those of one hour after each other cost the least.
func (v *HostView) Query(feature, hour int) (Answer, bool) {
	if hour < 0 || hour >= hoursPerWeek || feature < 0 || feature >= len(v.histograms) {
		return Answer{}, false
	}
	a := &v.answers
	if a.hour != hour {
		a.sum(v, hour)
	}
	slot, c := HourOfWeek, &a.ofWeek[feature]
	if c.n < EnoughObservations {
		slot, c = HourOfDay, &a.ofDay[feature]
	}
	if c.n < EnoughObservations {
		slot, c = AllHours, &a.all[feature]
	}
	return c.answer(slot, v.layout.features[feature].Scale)
}

// sum forms the sums for an hour of the week.
func (a *answers) sum(v *HostView, hour int) {
	features := len(v.histograms)
	a.ofWeek, a.ofDay = zeroed(a.ofWeek, features), zeroed(a.ofDay, features)
	if !a.summed {
		a.all = zeroed(a.all, features)
	}
	for i := range v.Hours {
		cells := v.at(i)
		if int(v.Hours[i].Hour) == hour%hoursPerDay {
			addCells(a.ofDay, cells)
			if v.Hours[i].OfWeek() == hour {
				addCells(a.ofWeek, cells)
			}
		}
		if !a.summed {
			addCells(a.all, cells)
		}
	}
	a.hour, a.summed = hour, true
}

func zeroed(cells []cell, n int) []cell {
	cells = slices.Grow(cells[:0], n)[:n]
	clear(cells)
	return cells
}

func addCells(into, from []cell) {
	for f := range from {
		into[f].merge(&from[f])
	}
}

// EachHost calls yield with each host that is kept by itself, by address, in one pass in
// which each block is unpacked once, on all processors. The view is used again when yield
// returns, which the same goroutine calls. An error of yield ends the pass.
func (r *reading) EachHost(ctx context.Context, yield func(*HostView) error) error {
	runs, err := r.from.all()
	if err != nil {
		return err
	}
	carry := r.newView()
	return ordered(ctx, len(runs), func() *views { return &views{unpacker: r.newUnpacker()} }, func(i int, into *views) error {
		return into.fill(runs[i])
	}, func(from *views) error { return from.each(&carry, yield) })
}

// Host returns what there is of one host, false where there is nothing.
func (r *reading) Host(host netip.Addr) (*HostView, bool, error) {
	v, u := r.newView(), r.newUnpacker()
	v.reset(plain(host))
	err := r.lone(v.Host, func(s *stop) error {
		b, categories, err := u.numbers(s.packed)
		if err != nil {
			return err
		}
		return v.add(s.day, s.tags, b, categories)
	})
	return v, v.Windows > 0, err
}

// views are those of a run of blocks.
type views struct {
	unpacker *unpacker
	buf      []byte
	all      []*partView // the first n are in use
	n        int
}

// partView is of a host's blocks in a run.
type partView struct {
	*HostView
	first, last bool // whether the host's first and last blocks are among them
}

// fill makes the views of a run.
func (x *views) fill(r run) (err error) {
	x.n = 0
	x.buf, err = r.read(x.buf, func(s *stop) error {
		if !s.host.IsValid() {
			return nil
		}
		b, categories, err := x.unpacker.numbers(s.packed)
		if err != nil {
			return err
		}
		if x.n == 0 || x.all[x.n-1].Host != s.host {
			x.begin(s)
		}
		x.all[x.n-1].last = s.last
		return x.all[x.n-1].add(s.day, s.tags, b, categories)
	})
	return err
}

func (x *views) begin(s *stop) {
	if x.n++; x.n > len(x.all) {
		x.all = append(x.all, &partView{HostView: x.unpacker.layout.newView()})
	}
	x.all[x.n-1].reset(s.host)
	x.all[x.n-1].first = s.first
}

// each hands out the views. One whose host goes on in the next run is kept in carry.
func (x *views) each(carry **HostView, yield func(*HostView) error) error {
	for _, v := range x.all[:x.n] {
		if v.first {
			*carry, v.HostView = v.HostView, *carry
		} else if err := (*carry).join(v.HostView); err != nil {
			return err
		}
		if !v.last {
			continue
		}
		if err := yield(*carry); err != nil {
			return err
		}
	}
	return nil
}
