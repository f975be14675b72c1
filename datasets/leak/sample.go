package leak

import (
	"cmp"
	"context"
	"slices"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// sample is the rows whose values are kept, in their order.
type sample struct {
	rows  []int64
	hash  []uint64 // by which some of them are chosen
	class []uint16
	train []bool
	of    [2]int64   // how many are of training, of the others
	keys  []rowKey   // what is known of them besides
	start []float64  // ns; nil: not known
	total [2][]int64 // by side and class: rows in all
	taken [2][]int64 // and in the sample
}

// rowKey is the values of a key, by row of the sample.
type rowKey struct {
	*key
	hash []uint64  // nullHash: none
	num  []float64 // of keys that are one number; nil: others
}

func side(split int) int {
	if split == Train {
		return 0
	}
	return 1
}

// chooser keeps of each class and side the rows with the lowest hashes.
type chooser struct {
	seed  uint64
	l     *labelled
	keyed bool
	want  [2][]int
	kept  [2][][]chosen // heaps, the highest hash first
}

type chosen struct {
	hash uint64
	row  int64
}

func (c chosen) compare(o chosen) int {
	return cmp.Or(cmp.Compare(c.hash, o.hash), cmp.Compare(c.row, o.row))
}

func newChooser(l *labelled, cfg *Config, keyed bool) *chooser {
	c := &chooser{seed: cfg.Seed, l: l, keyed: keyed}
	for s := range 2 {
		sizes := make([]int64, len(l.classes))
		for i := range sizes {
			sizes[i] = sideRows(&l.classes[i], s)
		}
		c.want[s] = divide(sizes, cfg.Sample)
		c.kept[s] = make([][]chosen, len(sizes))
	}
	return c
}

func sideRows(c *Class, side int) int64 {
	if side == 0 {
		return c.Rows[Train]
	}
	return c.Rows[Validation] + c.Rows[Test]
}

// leastOfClass rows of a class are sampled, however many classes there are.
const leastOfClass = 50

// divide gives classes equal shares of a sample; what small ones do not need goes to the others.
func divide(sizes []int64, room int) []int {
	order := make([]int, len(sizes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sizes[a], sizes[b]) })
	want := make([]int, len(sizes))
	for i, c := range order {
		share := max(room/(len(order)-i), leastOfClass)
		want[c] = int(min(sizes[c], int64(share)))
		room = max(room-want[c], 0)
	}
	return want
}

// take sees all rows, with the columns that are hashed.
func (c *chooser) take(b *batch.Batch, first int64, _ *Part) error {
	for i := range b.Rows {
		row := first + int64(i)
		h := mix(c.seed, 0x5eed)
		if c.keyed {
			for j := range b.Vectors {
				h = mix(h, exactHash(&b.Vectors[j], b.Schema.Columns[j].Type, i))
			}
		} else {
			h = mix(h, uint64(row))
		}
		c.see(chosen{scramble(h), row})
	}
	return nil
}

func (c *chooser) see(r chosen) {
	s, class := side(c.l.splitOf(r.row)), c.l.class[r.row]
	heap, want := &c.kept[s][class], c.want[s][class]
	switch {
	case len(*heap) < want:
		*heap = append(*heap, r)
		rise(*heap)
	case want > 0 && r.compare((*heap)[0]) < 0:
		(*heap)[0] = r
		sink(*heap)
	}
}

func rise(h []chosen) {
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if h[i].compare(h[up]) < 0 {
			return
		}
		h[i], h[up] = h[up], h[i]
		i = up
	}
}

func sink(h []chosen) {
	for i := 0; ; {
		down := 2*i + 1
		if down >= len(h) {
			return
		}
		if down+1 < len(h) && h[down].compare(h[down+1]) < 0 {
			down++
		}
		if h[down].compare(h[i]) < 0 {
			return
		}
		h[i], h[down] = h[down], h[i]
		i = down
	}
}

// sample returns what was chosen.
func (c *chooser) sample() *sample {
	s, all := &sample{}, []chosen(nil)
	for side := range 2 {
		s.total[side], s.taken[side] = make([]int64, len(c.l.classes)), make([]int64, len(c.l.classes))
		for class, heap := range c.kept[side] {
			s.total[side][class] = sideRows(&c.l.classes[class], side)
			s.taken[side][class] = int64(len(heap))
			s.of[side] += int64(len(heap))
			all = append(all, heap...)
		}
	}
	slices.SortFunc(all, func(a, b chosen) int { return cmp.Compare(a.row, b.row) })
	alike := map[uint64]uint64{} // rows whose keys are the same have one hash
	for _, r := range all {
		s.rows, s.hash = append(s.rows, r.row), append(s.hash, mix(r.hash, alike[r.hash])) // theirs are the lowest of their class
		alike[r.hash]++
		s.class, s.train = append(s.class, c.l.class[r.row]), append(s.train, c.l.splitOf(r.row) == Train)
	}
	return s
}

// whole reports whether all rows are in the sample.
func (s *sample) whole() bool {
	for side := range 2 {
		if !slices.Equal(s.total[side], s.taken[side]) {
			return false
		}
	}
	return true
}

// each calls f for the rows of a batch that are in the sample: at is the place in the sample. from is where
// the last call ended.
func (s *sample) each(b *batch.Batch, first int64, from int, f func(at, i int)) int {
	for from < len(s.rows) && s.rows[from] < first+int64(b.Rows) {
		f(from, int(s.rows[from]-first))
		from++
	}
	return from
}

// readKeys collects the keys of sampled rows.
func (s *sample) readKeys(ctx context.Context, d *Dataset, of table, keys []key, start string) error {
	for i := range keys {
		k := &keys[i]
		if k.both {
			continue
		}
		r := rowKey{key: k, hash: make([]uint64, len(s.rows))}
		at, values := 0, []uint64(nil)
		err := d.walk(ctx, of, k.columns, func(b *batch.Batch, first int64, _ *Part) error {
			v, t := &b.Vectors[0], b.Schema.Columns[0].Type
			if r.num == nil && len(b.Vectors) == 1 && numeric(t) {
				r.num = make([]float64, len(s.rows))
			}
			at = s.each(b, first, at, func(to, row int) {
				r.hash[to] = nullHash
				if values = k.values(values[:0], b, row); len(values) > 0 {
					r.hash[to] = values[0]
				}
				if r.num != nil && !v.Null(row) {
					r.num[to] = number(v, t, row)
				}
			})
			return nil
		})
		if err != nil {
			return err
		}
		s.keys = append(s.keys, r)
	}
	if start == "" {
		return nil
	}
	return s.readStart(ctx, d, of, start)
}

func (s *sample) readStart(ctx context.Context, d *Dataset, of table, name string) error {
	at, known := 0, true
	start := make([]float64, len(s.rows))
	err := d.walk(ctx, of, []string{name}, func(b *batch.Batch, first int64, _ *Part) error {
		v, t := &b.Vectors[0], b.Schema.Columns[0].Type
		if known = known && numeric(t); !known {
			return errFound{}
		}
		at = s.each(b, first, at, func(to, row int) {
			if !v.Null(row) {
				start[to] = number(v, t, row)
			}
		})
		return nil
	})
	if known && err == nil {
		s.start = start
	}
	if err == (errFound{}) {
		return nil
	}
	return err
}

// hashed returns the columns that rows are told apart by, those of keys without what labels say.
func hashed(s *column.Schema, groups []string) []string {
	if groups != nil {
		return groups
	}
	var names []string
	for i := range s.Columns {
		if s.Columns[i].Role != column.Label {
			names = append(names, s.Columns[i].Name)
		}
	}
	return names
}
