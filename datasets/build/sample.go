package build

import (
	"container/heap"
	"math"
	"slices"

	"pcapmill/features/sketch"
)

// place is where a connection lies among all, by chance that hangs on the seed and its id
// alone.
func place(seed, id uint64) uint64 { return sketch.HashInt(sketch.HashInt(seed) ^ id) }

// placed is a row that can be in the dataset.
type placed struct {
	at    uint64 // place of its connection
	class int32
}

// lowest keeps the places of the rows that come first. It is a heap with the last on top.
type lowest []uint64

func (l lowest) Len() int           { return len(l) }
func (l lowest) Less(i, j int) bool { return l[i] > l[j] }
func (l lowest) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }

// Push implements heap.Interface.
func (l *lowest) Push(x any) { *l = append(*l, x.(uint64)) }

// Pop implements heap.Interface.
func (l *lowest) Pop() any {
	last := (*l)[len(*l)-1]
	*l = (*l)[:len(*l)-1]
	return last
}

// add keeps a row if it is among the first n+1.
func (l *lowest) add(at uint64, n int64) {
	if int64(len(*l)) <= n {
		heap.Push(l, at)
		return
	}
	if at < (*l)[0] {
		(*l)[0] = at
		heap.Fix(l, 0)
	}
}

// last returns the highest place of a sample of n rows. Connections are taken whole: the sample
// is smaller where the next one has more rows than are missing, and larger where the first one
// has more than n.
func (l lowest) last(n int64) uint64 {
	if int64(len(l)) <= n {
		return math.MaxUint64
	}
	slices.Sort(l)
	beyond := l[n]
	for i := int(n) - 1; i >= 0; i-- {
		if l[i] < beyond {
			return l[i]
		}
	}
	return beyond
}

// class is what is known of the rows of a label.
type class struct {
	whole int64  // before the sample
	taken int64  // of them, by the sample
	last  uint64 // place in the sample
	first lowest // with Config.PerClass
	small bool   // and dropped
}

// census is what is counted before rows are written: from it follows which stay.
//
//	rank each row, ranked    for samples of so many rows
//	count each row, counted
type census struct {
	cfg     *Config
	classes []class // by label; the first is of rows without one
	first   lowest  // with Config.Rows
}

// ranks reports whether rows must be ranked.
func (c *census) ranks() bool { return c.cfg.Rows > 0 || c.cfg.PerClass > 0 }

func (c *census) of(p placed) *class {
	for len(c.classes) <= int(p.class) {
		c.classes = append(c.classes, class{last: c.cfg.limit()})
	}
	return &c.classes[p.class]
}

func (c *census) rank(p placed) {
	k := c.of(p)
	if c.cfg.PerClass > 0 {
		k.first.add(p.at, c.cfg.PerClass)
		return
	}
	c.first.add(p.at, c.cfg.Rows)
}

func (c *census) ranked() {
	all := c.first.last(c.cfg.Rows)
	for i := range c.classes {
		k := &c.classes[i]
		k.last = all
		if c.cfg.PerClass > 0 {
			k.last = k.first.last(c.cfg.PerClass)
		}
		k.first = nil
	}
	c.first = nil
}

func (c *census) count(p placed) {
	k := c.of(p)
	k.whole++
	if p.at <= k.last {
		k.taken++
	}
}

func (c *census) counted() {
	for i := range c.classes {
		k := &c.classes[i]
		k.small = c.cfg.Small == SmallDrop && k.taken < c.cfg.MinClass
	}
}

// kept returns how many rows are in the dataset.
func (c *census) kept() int64 {
	n := int64(0)
	for i := range c.classes {
		if k := &c.classes[i]; !k.small {
			n += k.taken
		}
	}
	return n
}

// weights returns, by class, how many rows of the whole each row of the sample stands for.
func (c *census) weights() []float64 {
	whole, taken := int64(0), int64(0)
	for i := range c.classes {
		whole, taken = whole+c.classes[i].whole, taken+c.classes[i].taken
	}
	all := make([]float64, len(c.classes))
	for i := range all {
		if k := &c.classes[i]; c.cfg.PerClass > 0 {
			all[i] = ratio(k.whole, k.taken)
		} else {
			all[i] = ratio(whole, taken)
		}
	}
	return all
}

// ratio returns a/b, 1 of no rows.
func ratio(a, b int64) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}
