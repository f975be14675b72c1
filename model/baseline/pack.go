package baseline

import (
	"bytes"
	"math"
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
func (l *layout) pack(b *block) []byte { return l.newUnpacker().pack(b) }

// pack returns any block as bytes.
func (u *unpacker) pack(b *block) []byte {
	past := u.past
	w := bitWriter{out: u.packed[:0]}
	mask := uint64(0)
	for i := range b.hours {
		mask |= 1 << b.hours[i].hour
	}
	w.put(mask, hoursPerDay)
	w.column(b.fill(func(h *hour) uint64 { return h.rows - 1 }))
	for f := range b.histograms {
		cells := b.of(f)
		w.column(b.fill(func(h *hour) uint64 { return h.rows - cells[h.hour].n }))
		past.classify(b, f)
		b.packSums(&w, f, past)
		u.packBins(&w, b, f)
	}
	dst := w.end()
	for i := range b.categories {
		dst = b.categories[i].append(dst)
	}
	u.packed = dst
	return bytes.Clone(dst)
}

// fill returns a number of each hour.
func (b *block) fill(of func(*hour) uint64) []uint64 {
	vs := make([]uint64, 0, hoursPerDay)
	for i := range b.hours {
		vs = append(vs, of(&b.hours[i]))
	}
	return vs
}

// packSums appends sums and squares of the hours that have values.
func (b *block) packSums(w *bitWriter, f int, past *past) {
	var trend trend
	past.sums.begin(f)
	past.squares.begin(f)
	for i := range b.hours {
		c := &b.of(f)[b.hours[i].hour]
		if c.n == 0 {
			continue
		}
		if left := c.sum - trend.expected(c.n); trend.begun {
			past.sums.append(f, left)
		} else {
			w.column([]uint64{zigzag(left)}) // a level, where the others are differences
		}
		if c.n > 1 {
			past.squares.append(f, int64(c.squares-c.least())/2)
		}
		trend.follow(c)
	}
	past.sums.write(w, f, past.class)
	past.squares.write(w, f, past.class)
}

// trend is what means of hours lead to expect: their average, in which each counts twice as
// much as the one before, in 1/16 of a level.
type trend struct {
	mean  int64
	begun bool
}

func (t *trend) follow(c *cell) { t.take(c.sum * 16 / int64(c.n)) }

// take takes the mean of an hour, in 1/16.
func (t *trend) take(mean int64) {
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
func (l *layout) unpack(p []byte) (*block, error) { return l.newUnpacker().unpack(p) }

// unpacker unpacks blocks in the memory of the one before, and packs.
type unpacker struct {
	layout *layout
	block  *block
	past   *past
	steps  []uint64
	packed []byte
}

func (l *layout) newUnpacker() *unpacker {
	return &unpacker{layout: l, block: l.newBlock(), past: newPast(len(l.features))}
}

// reset makes the block an empty one.
func (u *unpacker) reset() {
	b := u.block
	b.hours = b.hours[:0]
	clear(b.cells)
	for i := range b.histograms {
		b.histograms[i].Reset()
	}
	for i := range b.categories {
		b.categories[i] = category{top: sketch.NewTopK(u.layout.config.Keys)}
	}
}

// unpack returns a block that is valid until the next.
func (u *unpacker) unpack(p []byte) (*block, error) {
	b, rest, err := u.numbers(p)
	if err != nil {
		return nil, err
	}
	for i := range b.categories {
		if rest, err = b.categories[i].decode(rest, u.layout.config.Keys); err != nil {
			return nil, err
		}
	}
	if len(rest) != 0 {
		return nil, ErrCorrupt
	}
	return b, nil
}

// numbers unpacks a block but for its categories, whose bytes it returns.
func (u *unpacker) numbers(p []byte) (b *block, categories []byte, err error) {
	b = u.block
	r := newBitReader(p)
	clear(b.cells)
	b.readHours(&r)
	for f := range b.histograms {
		u.readFeature(&r, f)
		u.readBins(&r, f)
		if r.failed {
			return nil, nil, ErrCorrupt
		}
	}
	rest, ok := r.end()
	if !ok || len(b.hours) == 0 {
		return nil, nil, ErrCorrupt
	}
	return b, rest, nil
}

// readHours reads which hours there are, and their windows.
func (b *block) readHours(r *bitReader) {
	mask := r.get(hoursPerDay)
	b.hours = b.hours[:0]
	for h := range uint8(hoursPerDay) {
		if mask>>h&1 == 1 {
			b.hours = append(b.hours, hour{hour: h})
		}
	}
	var vs [hoursPerDay]uint64
	r.column(vs[:len(b.hours)])
	for i := range b.hours {
		if vs[i] >= maxRows {
			r.fail()
		}
		b.hours[i].rows = vs[i] + 1
	}
}

// readFeature reads the column of counts, and those of packSums.
func (u *unpacker) readFeature(r *bitReader, f int) {
	b := u.block
	cells := b.of(f)
	var vs [hoursPerDay]uint64
	r.column(vs[:len(b.hours)])
	known, several := 0, 0
	for i := range b.hours {
		h := &b.hours[i]
		if vs[i] > h.rows || r.failed {
			r.fail()
			return
		}
		n := h.rows - vs[i]
		if cells[h.hour].n = n; n > 0 {
			known++
		}
		if n > 1 {
			several++
		}
	}
	u.past.classify(b, f)
	u.past.sums.begin(f)
	u.past.squares.begin(f)
	if known == 0 {
		return
	}
	r.column(vs[:1])
	u.past.sums.read(r, f, known-1, u.past.class)
	u.past.squares.read(r, f, several, u.past.class)
	if !r.failed {
		u.setCells(r, f, unzigzag(vs[0]))
	}
}

// setCells sets sums and squares, which must be possible for their counts. What the sums
// have beyond the expected begins with first.
func (u *unpacker) setCells(r *bitReader, f int, first int64) {
	var trend trend
	var by divisor
	b := u.block
	cells, sums, beyond := b.of(f), u.past.sums.at(f), u.past.squares.at(f)
	for i := range b.hours {
		c := &cells[b.hours[i].hour]
		n := c.n
		if n == 0 {
			continue
		}
		sum := first
		if trend.begun {
			sum = sums[0] + trend.expected(n)
			sums = sums[1:]
		}
		if most := int64(n) * maxLevel; sum > most || sum < -most {
			r.fail()
			return
		}
		by.set(n)
		mean := by.divide(16 * uint64(max(sum, -sum)))
		level := mean / 16
		squares := leastOf(n, level, uint64(max(sum, -sum))-level*n)
		if n > 1 {
			squares += 2 * uint64(beyond[0])
			beyond = beyond[1:]
		}
		if squares > n*maxLevel*maxLevel {
			r.fail()
			return
		}
		c.sum, c.squares = sum, squares
		if sum < 0 {
			trend.take(-int64(mean))
		} else {
			trend.take(int64(mean))
		}
	}
}

// divisor divides by a number that hardly ever changes.
type divisor struct{ n, inverse uint64 }

func (d *divisor) set(n uint64) {
	if d.n != n {
		d.n, d.inverse = n, math.MaxUint64/n+1 // 2^64/n, rounded up
	}
}

// divide is exact: of x and n below 2^32, x times what inverse is off by is less than
// 2^64/n. The inverse of 1 is 0, as 2^64 is none.
func (d *divisor) divide(x uint64) uint64 {
	if x>>32 != 0 || d.inverse == 0 || d.n>>32 != 0 {
		return x / d.n
	}
	quotient, _ := bits.Mul64(x, d.inverse)
	return quotient
}

// decode reads what append wrote.
func (k *category) decode(b []byte, most int) (rest []byte, err error) {
	if len(b) == 0 || b[0] > categoryCounted {
		return nil, ErrCorrupt
	}
	form, rest := b[0], b[1:]
	k.distinct = sketch.Distinct{} // of the block before
	if form == categoryNone {
		if !k.isEmpty() {
			k.top = sketch.NewTopK(most)
		}
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
