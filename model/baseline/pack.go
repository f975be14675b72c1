package baseline

import (
	"math/bits"

	"pcapmill/features/sketch"
)

// A block is packed as bits: a mask of its hours, their numbers of windows, and by feature
// columns of what its hours lack in values, of sums less what the hour before leads to
// expect, and of squares beyond the least, and the histogram; then, from a full byte on,
// summaries of categories. docs/baseline.md has the format.

const hoursPerDay = 24

// What the byte before a category's summaries says.
const (
	categoryNone    = iota
	categoryKeys    // the TopK; its keys are all that there are
	categoryCounted // the TopK, then the Distinct
)

// pack returns a block as bytes.
func (l *layout) pack(b *block) []byte {
	var w bitWriter
	mask := uint64(0)
	for i := range b.hours {
		mask |= 1 << b.hours[i].hour
	}
	w.put(mask, hoursPerDay)
	var vs [hoursPerDay]uint64
	past := newPast(len(b.histograms), len(b.hours))
	w.column(b.fill(vs[:0], func(h *hour) uint64 { return h.rows - 1 }))
	for f := range b.histograms {
		w.column(b.fill(vs[:0], func(h *hour) uint64 { return h.rows - h.cells[f].n }))
		b.packSums(&w, f, past)
		l.packBins(&w, b, f)
	}
	dst := w.out
	for i := range b.categories {
		dst = b.categories[i].append(dst)
	}
	return dst
}

func (b *block) fill(vs []uint64, of func(*hour) uint64) []uint64 {
	for i := range b.hours {
		vs = append(vs, of(&b.hours[i]))
	}
	return vs
}

// packSums appends sums and squares of the hours that have values.
func (b *block) packSums(w *bitWriter, f int, past past) {
	var trend trend
	p := past.at(f)
	for i := range b.hours {
		c := b.hours[i].cells[f]
		if c.n == 0 {
			continue
		}
		p.sums = append(p.sums, c.sum-trend.expected(c.n))
		if c.n > 1 {
			p.beyond = append(p.beyond, int64(c.squares-c.least())/2)
		}
		trend.follow(&c)
	}
	if len(p.sums) == 0 {
		return
	}
	w.column([]uint64{zigzag(p.sums[0])}) // the first is a level, the others are differences
	past.write(w, b, f, sums())
	past.write(w, b, f, squares())
}

// trend is what means of hours lead to expect: their average, in which each counts twice as
// much as the one before, in 1/16 of a level.
type trend struct {
	mean  int64
	begun bool
}

func (t *trend) follow(c *cell) {
	mean := c.sum * 16 / int64(c.n)
	if t.begun {
		mean = (t.mean + mean) / 2
	}
	t.mean, t.begun = mean, true
}

// expected returns the sum of n levels.
func (t *trend) expected(n uint64) int64 { return t.mean * int64(n) / 16 }

func zigzag(v int64) uint64   { return uint64(v<<1) ^ uint64(v>>63) }
func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

func (k *category) append(dst []byte) []byte {
	switch {
	case k.isEmpty():
		return append(dst, categoryNone)
	case k.implied():
		return k.top.AppendBinary(append(dst, categoryKeys))
	}
	return k.distinct.AppendBinary(k.top.AppendBinary(append(dst, categoryCounted)))
}

// unpack reads all of p, which must be what pack writes for some block.
func (l *layout) unpack(p []byte) (*block, error) {
	b, r := l.newBlock(), newBitReader(p)
	b.readHours(&r, len(l.features))
	past := newPast(len(l.features), len(b.hours))
	for f := range l.features {
		b.readFeature(&r, f, past)
		l.readBins(&r, b, f)
	}
	rest, ok := r.end()
	if !ok || len(b.hours) == 0 {
		return nil, ErrCorrupt
	}
	for i := range b.categories {
		var err error
		if rest, err = b.categories[i].decode(rest, l.config.Keys); err != nil {
			return nil, err
		}
	}
	if len(rest) != 0 {
		return nil, ErrCorrupt
	}
	return b, nil
}

// readHours reads which hours there are, and their windows.
func (b *block) readHours(r *bitReader, features int) {
	mask := r.get(hoursPerDay)
	count := bits.OnesCount64(mask)
	b.hours = make([]hour, 0, count)
	cells := make([]cell, count*features)
	for h := range uint8(hoursPerDay) {
		if mask>>h&1 == 1 {
			b.hours = append(b.hours, hour{hour: h, cells: cells[:features:features]})
			cells = cells[features:]
		}
	}
	var vs [hoursPerDay]uint64
	r.column(vs[:count])
	for i := range b.hours {
		if vs[i] >= maxRows {
			r.fail()
		}
		b.hours[i].rows = vs[i] + 1
	}
}

// readFeature reads the column of counts, and those of packSums.
func (b *block) readFeature(r *bitReader, f int, past past) {
	var vs [hoursPerDay]uint64
	r.column(vs[:len(b.hours)])
	n, m := 0, 0
	for i := range b.hours {
		h := &b.hours[i]
		if vs[i] > h.rows || r.failed {
			r.fail()
			return
		}
		if h.cells[f].n = h.rows - vs[i]; h.cells[f].n > 0 {
			n++
		}
		if h.cells[f].n > 1 {
			m++
		}
	}
	if n == 0 {
		return
	}
	r.column(vs[:1])
	p := past.at(f)
	p.sums, p.beyond = p.sums[:n], p.beyond[:m]
	p.sums[0] = unzigzag(vs[0])
	past.read(r, b, f, sums())
	past.read(r, b, f, squares())
	b.setCells(r, f, p)
}

// setCells sets sums and squares, which must be possible for their counts.
func (b *block) setCells(r *bitReader, f int, p *residuals) {
	var trend trend
	sums, beyond := p.sums, p.beyond
	for i := range b.hours {
		c := &b.hours[i].cells[f]
		if c.n == 0 {
			continue
		}
		if r.failed {
			return
		}
		c.sum = sums[0] + trend.expected(c.n)
		if most := int64(c.n) * maxLevel; c.sum > most || c.sum < -most {
			r.fail()
			return
		}
		c.squares = c.least()
		if c.n > 1 {
			c.squares += 2 * uint64(beyond[0])
			beyond = beyond[1:]
		}
		if c.squares > c.n*maxLevel*maxLevel {
			r.fail()
		}
		trend.follow(c)
		sums = sums[1:]
	}
}

func (k *category) decode(b []byte, most int) (rest []byte, err error) {
	if len(b) == 0 || b[0] > categoryCounted {
		return nil, ErrCorrupt
	}
	form, rest := b[0], b[1:]
	if form == categoryNone {
		return rest, nil
	}
	if rest, err = k.top.Decode(rest); err != nil || k.top.Cap() != most || k.isEmpty() || k.implied() != (form == categoryKeys) {
		return nil, ErrCorrupt
	}
	if form == categoryCounted {
		if rest, err = k.distinct.Decode(rest); err != nil || k.distinct.Count() == 0 {
			return nil, ErrCorrupt
		}
		return rest, nil
	}
	for _, e := range k.top.Top(-1) {
		k.distinct.Add(sketch.Hash([]byte(e.Key)))
	}
	return rest, nil
}
