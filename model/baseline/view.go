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
	cells      [][]cell // of Days, each as a block has them; some beyond are spare
	histograms []sketch.Histogram
	keys       []viewKeys
	raw        []byte     // what keys are in
	categories []Category // nil until asked for
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

// maxView bounds what the cells of a HostView may take: 11,000 days of 40 features.
const maxView = 256 << 20

func (l *layout) newView() *HostView {
	v := &HostView{layout: l, keys: make([]viewKeys, len(l.config.Categories))}
	v.histograms = l.newBlock().histograms
	return v
}

// reset makes it an empty one of a host.
func (v *HostView) reset(host netip.Addr) {
	v.Host, v.Windows = host, 0
	v.Days, v.Hours, v.Tags = v.Days[:0], v.Hours[:0], v.Tags[:0]
	v.raw, v.categories = v.raw[:0], nil
	for i := range v.keys {
		v.keys[i].reset()
	}
	for i := range v.histograms {
		v.histograms[i].Reset()
	}
}

// add adds the host's next block by day and tags, with the bytes of its categories.
func (v *HostView) add(day Day, tags tagSet, b *block, categories []byte) error {
	if len(v.Days) == 0 { // all are empty, and b unpacks the next block into them
		v.histograms, b.histograms = b.histograms, v.histograms
	}
	if err := v.addCells(day, &b.cells); err != nil {
		return err
	}
	rows := uint64(0)
	for _, h := range b.hours {
		v.hour(day, h.hour).Windows += h.rows
		rows += h.rows
	}
	v.Windows += rows
	v.tagged(tags).Windows += rows
	if err := v.addKeys(categories); err != nil {
		return err
	}
	return v.addHistograms(b.histograms)
}

// addCells adds cells of the last day or a later one. Those of a new day it takes for
// others, so that nothing is copied.
func (v *HostView) addCells(day Day, cells *[]cell) error {
	n := len(v.Days)
	if n > 0 && v.Days[n-1] == day {
		into := v.cells[n-1]
		for i := range into {
			into[i].merge(&(*cells)[i])
		}
		return nil
	}
	if size := len(*cells) * 24; (n+1)*size > maxView {
		return fmt.Errorf("%w: host %v has more than %d days", ErrTooLarge, v.Host, n)
	}
	if v.Days = append(v.Days, day); n == len(v.cells) {
		v.cells = append(v.cells, make([]cell, len(*cells)))
	}
	v.cells[n], *cells = *cells, v.cells[n]
	return nil
}

func (v *HostView) addHistograms(from []sketch.Histogram) error {
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

// hour returns an hour of the last day or a later one, which it makes where there is none.
func (v *HostView) hour(day Day, hour uint8) *Hour {
	at := len(v.Hours)
	for at > 0 && v.Hours[at-1].Day == day && v.Hours[at-1].Hour >= hour {
		at--
	}
	if at == len(v.Hours) || v.Hours[at].Day != day || v.Hours[at].Hour != hour {
		v.Hours = slices.Insert(v.Hours, at, Hour{Day: day, Hour: hour})
	}
	return &v.Hours[at]
}

// join adds what follows of the same host, whose memory is used again.
func (v *HostView) join(o *HostView) error {
	for i, day := range o.Days {
		if err := v.addCells(day, &o.cells[i]); err != nil {
			return err
		}
	}
	for _, h := range o.Hours {
		v.hour(h.Day, h.Hour).Windows += h.Windows
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
	for i, day := range v.Days {
		for hour := range hoursPerDay {
			if c := &v.cells[i][feature*hoursPerDay+hour]; c.n > 0 {
				v.found = append(v.found, Cell{day, uint8(hour), c.n, c.sum, c.squares})
			}
		}
	}
	return v.found
}

// Query is that of the host's Profile.
func (v *HostView) Query(feature, hour int) (Answer, bool) {
	if hour < 0 || hour >= hoursPerWeek || feature < 0 || feature >= len(v.histograms) {
		return Answer{}, false
	}
	at := feature*hoursPerDay + hour%hoursPerDay
	var ofWeek, ofDay cell
	for i, day := range v.Days {
		c := &v.cells[i][at]
		if ofDay.merge(c); day.weekday() == hour/hoursPerDay {
			ofWeek.merge(c)
		}
	}
	slot, c := HourOfWeek, &ofWeek
	if c.n < EnoughObservations {
		slot, c = HourOfDay, &ofDay
	}
	if c.n < EnoughObservations {
		all := v.total(feature)
		slot, c = AllHours, &all
	}
	return c.answer(slot, v.layout.features[feature].Scale)
}

// total adds up all hours.
func (v *HostView) total(feature int) (all cell) {
	for i := range v.Days {
		for hour := range hoursPerDay {
			all.merge(&v.cells[i][feature*hoursPerDay+hour])
		}
	}
	return all
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
