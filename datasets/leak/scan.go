package leak

import (
	"context"
	"math"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// scan is what one pass over all rows of data finds out.
type scan struct {
	columns []columnScan
	exact   *shapes
	near    *shapes
	own     [2][]uint64 // of sampled rows: exact and quantised shape
}

// columnScan is what is known of one column.
type columnScan struct {
	*column.Column
	split  [3]moments
	logs   [3]moments // of logarithm(x), where scalers are of it
	nulls  [2][]int64 // by side and class
	varies bool       // more than one value, null not counted
	seen   bool       // a value
	first  uint64     // hash of the first value
	sample values
}

// values are those of the sampled rows, in its order.
type values struct {
	null  []bool
	num   []float64         // of numbers
	hash  []uint64          // of others
	texts map[uint64]string // what hashes stand for: the first mostTexts
}

// mostTexts of a column are kept, of longestText bytes each.
const (
	mostTexts   = 4096
	longestText = 256
)

// moments of the values of one split, summed in the order of rows.
type moments struct {
	n         int64
	mean, m2  float64
	low, high float64
}

func (m *moments) add(x float64) {
	if m.n == 0 || x < m.low {
		m.low = x
	}
	if m.n == 0 || x > m.high {
		m.high = x
	}
	m.n++
	d := x - m.mean
	m.mean += d / float64(m.n)
	m.m2 += d * (x - m.mean)
}

// join returns the moments of both (Chan, Golub, LeVeque 1979).
func (m moments) join(o moments) moments {
	if m.n == 0 {
		return o
	}
	if o.n == 0 {
		return m
	}
	n, d := float64(m.n+o.n), o.mean-m.mean
	return moments{
		n: m.n + o.n, mean: m.mean + d*float64(o.n)/n, m2: m.m2 + o.m2 + d*d*float64(m.n)*float64(o.n)/n,
		low: min(m.low, o.low), high: max(m.high, o.high),
	}
}

// std is the standard deviation, of the whole or with n−1.
func (m *moments) std(less int64) float64 {
	if m.n <= less {
		return 0
	}
	return math.Sqrt(m.m2 / float64(m.n-less))
}

func (c *columnScan) all() moments {
	return c.split[Train].join(c.split[Validation]).join(c.split[Test])
}

// scanner does the pass.
type scanner struct {
	scan
	l      *labelled
	s      *sample
	logs   bool
	shape  []int
	hashes [2][]uint64
	at     int
}

// scanData reads all columns of data but those to skip.
func scanData(ctx context.Context, d *Dataset, schema *column.Schema, l *labelled, s *sample, cfg *Config, skip func(*column.Column) bool) (*scan, error) {
	picked := &column.Schema{Table: schema.Table}
	for i := range schema.Columns {
		if c := &schema.Columns[i]; !skip(c) {
			picked.Columns = append(picked.Columns, *c)
		}
	}
	r := &scanner{l: l, s: s, logs: d.Log, shape: shapeColumns(picked, skip)}
	r.exact, r.near = newShapes(cfg.Shapes), newShapes(cfg.Shapes)
	r.own = [2][]uint64{make([]uint64, len(s.rows)), make([]uint64, len(s.rows))}
	r.columns = make([]columnScan, len(picked.Columns))
	for i := range r.columns {
		r.columns[i].begin(&picked.Columns[i], len(l.classes), len(s.rows))
	}
	if len(picked.Columns) == 0 {
		return &r.scan, nil
	}
	return &r.scan, d.walk(ctx, dataOf, columnNames(picked), r.take)
}

func (c *columnScan) begin(of *column.Column, classes, rows int) {
	c.Column = of
	for side := range c.nulls {
		c.nulls[side] = make([]int64, classes)
	}
	c.sample.null = make([]bool, rows)
	if numeric(of.Type) {
		c.sample.num = make([]float64, rows)
		return
	}
	c.sample.hash, c.sample.texts = make([]uint64, rows), map[uint64]string{}
}

func (r *scanner) take(b *batch.Batch, first int64, _ *Part) error {
	for i := range r.columns {
		c := &r.columns[i]
		if numeric(c.Type) {
			c.addNumbers(&b.Vectors[i], b.Rows, first, r.l, r.logs)
		} else {
			c.addOthers(&b.Vectors[i], b.Rows, first, r.l)
		}
	}
	r.addShapes(b, first)
	to := r.at
	for i := range r.columns {
		to = r.s.each(b, first, r.at, func(at, row int) { r.columns[i].keep(&b.Vectors[i], at, row) })
	}
	r.at = to
	return nil
}

func (r *scanner) addShapes(b *batch.Batch, first int64) {
	if len(r.shape) == 0 {
		return
	}
	r.hashes[0] = shapeHashes(r.hashes[0], b, r.shape, exactHash)
	r.hashes[1] = shapeHashes(r.hashes[1], b, r.shape, binHash)
	for i := range b.Rows {
		row := first + int64(i)
		r.exact.count(r.hashes[0][i], r.l, row)
		r.near.count(r.hashes[1][i], r.l, row)
	}
	r.s.each(b, first, r.at, func(at, row int) {
		for k := range r.own {
			r.own[k][at] = ofClass(r.hashes[k][row], r.s.class[at])
		}
	})
}

func (c *columnScan) addNumbers(v *batch.Vector, rows int, first int64, l *labelled, logs bool) {
	for i := range rows {
		split := l.splitOf(first + int64(i))
		if x, known := finite(v, c.Type, i); known {
			c.split[split].add(x)
			if logs {
				c.logs[split].add(logarithm(x))
			}
		} else {
			c.nulls[side(split)][l.class[first+int64(i)]]++
		}
	}
}

func (c *columnScan) addOthers(v *batch.Vector, rows int, first int64, l *labelled) {
	for i := range rows {
		split := l.splitOf(first + int64(i))
		if v.Null(i) {
			c.nulls[side(split)][l.class[first+int64(i)]]++
			continue
		}
		c.split[split].n++
		if c.varies {
			continue
		}
		h := exactHash(v, c.Type, i)
		if !c.seen {
			c.first, c.seen = h, true
		}
		c.varies = h != c.first
	}
}

// keep keeps the value of a sampled row.
func (c *columnScan) keep(v *batch.Vector, at, row int) {
	s := &c.sample
	switch {
	case v.Null(row):
		s.null[at] = true
	case s.num != nil:
		x, known := finite(v, c.Type, row)
		s.num[at], s.null[at] = x, !known
	default:
		h := exactHash(v, c.Type, row)
		s.hash[at] = h
		if _, known := s.texts[h]; !known && textual(c.Type) && len(s.texts) < mostTexts {
			word := v.String(row)
			s.texts[h] = word[:min(len(word), longestText)]
		}
	}
}

// id identifies the value of a sampled row; nullHash: none.
func (v *values) id(i int) uint64 {
	switch {
	case v.null[i]:
		return nullHash
	case v.num != nil:
		return scramble(math.Float64bits(v.num[i] + 0))
	}
	return v.hash[i]
}
