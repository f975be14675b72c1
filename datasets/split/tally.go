package split

import (
	"pcapmill/features/batch"
	"pcapmill/features/sketch"
	"pcapmill/outputs/where"
)

// maxSessions is how many sessions of one class are told apart by their rows, for effective
// numbers.
const maxSessions = 1 << 16

// tally counts what the splits have.
type tally struct {
	labels []string
	number map[string]int
	splits [splits]splitTally
}

// splitTally is what one split has.
type splitTally struct {
	rows        int64
	first, last int64
	classes     map[int]*classTally
}

// classTally is what one class has in a split.
type classTally struct {
	rows      int64
	conns     sketch.Distinct
	hosts     sketch.Distinct
	pairs     sessions
	campaigns sessions
}

// sessions are groups of rows that are no evidence of one another's independence.
type sessions struct {
	distinct sketch.Distinct
	rows     map[uint64]int64 // nil, once there are too many
	over     bool
}

func newTally(labels []string) *tally {
	t := &tally{labels: labels, number: map[string]int{}}
	for i, name := range labels[1:] {
		t.number[name] = i + 1
	}
	return t
}

// add takes rows of keys that are in a split.
func (t *tally) add(split int, b *batch.Batch, rows []int32, k *keyColumns) {
	s := &t.splits[split]
	for _, r := range rows {
		row := int(r)
		start, end := b.Vectors[k.start].Int64[row], b.Vectors[k.end].Int64[row]
		if s.rows == 0 {
			s.first, s.last, s.classes = start, end, map[int]*classTally{}
		}
		s.rows, s.first, s.last = s.rows+1, min(s.first, start), max(s.last, end)
		class := 0
		if v := &b.Vectors[k.label]; !v.Null(row) {
			class = t.number[string(where.WordAt(v, row))]
		}
		c := s.classes[class]
		if c == nil {
			c = &classTally{}
			s.classes[class] = c
		}
		c.add(b, row, k)
	}
}

func (c *classTally) add(b *batch.Batch, row int, k *keyColumns) {
	c.rows++
	if v := &b.Vectors[k.conn]; !v.Null(row) {
		c.conns.Add(sketch.HashInt(uint64(v.Int64[row])))
	}
	src, dst := textAt(&b.Vectors[k.src], row), textAt(&b.Vectors[k.dst], row)
	c.hosts.Add(sketch.Hash([]byte(src)))
	if dst != "" {
		c.hosts.Add(sketch.Hash([]byte(dst)))
		c.pairs.add(sketch.Hash([]byte(min(src, dst) + " " + max(src, dst))))
	}
	if v := &b.Vectors[k.campaign]; !v.Null(row) {
		c.campaigns.add(sketch.Hash(where.WordAt(v, row)))
	}
}

func (s *sessions) add(hash uint64) {
	s.distinct.Add(hash)
	if s.over {
		return
	}
	if s.rows == nil {
		s.rows = map[uint64]int64{}
	}
	if s.rows[hash]++; len(s.rows) > maxSessions {
		s.rows, s.over = nil, true
	}
}

// effective is how many sessions of equal size would say as much: (Σn)²/Σn² of their rows.
// Sums of squares are whole numbers below 2^62 for any number of rows, so order does not show.
func (s *sessions) effective() *float64 {
	if len(s.rows) == 0 {
		return nil
	}
	sum, squares := int64(0), int64(0)
	for _, n := range s.rows {
		sum, squares = sum+n, squares+n*n
	}
	n := float64(sum) * float64(sum) / float64(squares)
	return &n
}
