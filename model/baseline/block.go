package baseline

import (
	"fmt"
	"math"
	"slices"

	"pcapmill/features/sketch"
)

// maxRows is how many windows an hour of a block may have, so that no sum of its levels'
// squares exceeds what the encoding holds, 2^58.
const maxRows = 1 << 28

// cell has the moments of the levels of one feature: integers, so that order never shows.
type cell struct {
	n       uint64
	sum     int64
	squares uint64
}

func (c *cell) add(level int64) {
	c.n++
	c.sum += level
	c.squares += uint64(level * level)
}

func (c *cell) merge(o *cell) {
	c.n += o.n
	c.sum += o.sum
	c.squares += o.squares
}

// least is the smallest sum of squares that n integers of this sum can have; what the
// squares have beyond is even, as q and q² are even together.
func (c *cell) least() uint64 {
	if c.n == 0 {
		return 0
	}
	sum := uint64(max(c.sum, -c.sum))
	return leastOf(c.n, sum/c.n, sum%c.n)
}

// leastOf is that of n integers with the sum n·a + b, b < n.
func leastOf(n, a, b uint64) uint64 { return n*a*a + b*(2*a+1) }

// block is what one host did on one day under one set of tags.
type block struct {
	hours      []hour // ascending
	cells      []cell // of each feature those of 24 hours; empty where there is no hour
	histograms []sketch.Histogram
	categories []category
}

// hour has the number of windows that began in an hour of the day, UTC.
type hour struct {
	hour uint8
	rows uint64
}

// of returns the cells of a feature, by hour of the day.
func (b *block) of(feature int) *[hoursPerDay]cell {
	return (*[hoursPerDay]cell)(b.cells[feature*hoursPerDay:])
}

// category has how often keys came, and how many different ones.
type category struct {
	top      sketch.TopK
	distinct sketch.Distinct
}

func (k *category) isEmpty() bool { return k.top.Total() == 0 && k.top.TooLong() == 0 }

// implied reports whether the keys of top are all that distinct counts.
func (k *category) implied() bool { return k.top.Exact() && k.top.TooLong() == 0 }

// layout is what blocks of a baseline have in common.
type layout struct {
	config   Config
	features []Feature
}

func (l *layout) newBlock() *block {
	b := &block{
		cells:      make([]cell, len(l.features)*hoursPerDay),
		histograms: make([]sketch.Histogram, len(l.features)),
		categories: make([]category, len(l.config.Categories)),
	}
	for i := range b.histograms {
		b.histograms[i] = sketch.NewHistogram(l.config.Precision)
	}
	for i := range b.categories {
		b.categories[i].top = sketch.NewTopK(l.config.Keys)
	}
	return b
}

// at returns an hour, which it makes where there is none.
func (b *block) at(h uint8) *hour {
	i, found := slices.BinarySearchFunc(b.hours, h, func(x hour, h uint8) int { return int(x.hour) - int(h) })
	if !found {
		b.hours = slices.Insert(b.hours, i, hour{hour: h})
	}
	return &b.hours[i]
}

// add takes a window.
func (b *block) add(l *layout, r *pending) error {
	h := b.at(r.hour)
	if h.rows >= maxRows {
		return ErrFull
	}
	h.rows++
	for i, x := range r.values {
		if math.IsNaN(x) {
			continue
		}
		b.of(i)[r.hour].add(l.features[i].Scale.Level(x))
		b.histograms[i].Add(x)
	}
	for _, c := range r.counts {
		k := &b.categories[c.Category]
		k.top.Add([]byte(c.Key), c.N)
		k.distinct.Add(sketch.Hash([]byte(c.Key)))
	}
	return nil
}

// merge adds the windows of another block.
func (b *block) merge(o *block) error {
	for i := range o.hours {
		from := &o.hours[i]
		into := b.at(from.hour)
		if into.rows+from.rows > maxRows {
			return ErrFull
		}
		into.rows += from.rows
	}
	for i := range o.cells {
		b.cells[i].merge(&o.cells[i])
	}
	for i := range o.histograms {
		if err := b.histograms[i].Merge(&o.histograms[i]); err != nil {
			return fmt.Errorf("%w: %w", ErrFull, err)
		}
	}
	for i := range o.categories {
		if err := b.categories[i].top.Merge(&o.categories[i].top); err != nil {
			return fmt.Errorf("%w: %w", ErrFull, err)
		}
		b.categories[i].distinct.Merge(&o.categories[i].distinct)
	}
	return nil
}

func (b *block) rows() uint64 {
	n := uint64(0)
	for i := range b.hours {
		n += b.hours[i].rows
	}
	return n
}
