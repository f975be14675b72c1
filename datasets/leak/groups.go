package leak

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"pcapmill/features/batch"
	"pcapmill/outputs/text"
)

// spread says in which splits the rows of one group are.
type spread struct {
	rows  [3]uint32 // at most 2³²−1 counts
	class uint16    // of its first row
	mixed bool      // rows of other classes too
}

func (s *spread) splits() (n int) {
	for _, rows := range s.rows {
		if rows > 0 {
			n++
		}
	}
	return n
}

// overlap is what came of one key.
type overlap struct {
	key      *key
	groups   int64 // distinct values
	in       int64 // that are in several splits
	rows     [3]int64
	all      [3]int64 // rows with a value
	pure     int64    // groups with rows of one class only
	examples []example
}

// example is a group in several splits, told by its hash.
type example struct {
	hash uint64
	spread
	shown string
}

// overlaps counts the groups of a key exactly: each pass looks at a range of hashes with so many
// groups as there is room for.
func overlaps(ctx context.Context, d *Dataset, of table, k *key, l *labelled, room int) (*overlap, error) {
	o := &overlap{key: k}
	none := make([]bool, len(l.classes))
	for c := range none { // benign rows are of no campaign, whatever they say: dataset split divides them
		none[c] = k.kind == CampaignOverlap && d.Policy.benign(&l.classes[c])
	}
	for low, done := uint64(0), false; !done; {
		p := &groupPass{key: k, l: l, none: none, low: low, high: math.MaxUint64, room: room, groups: map[uint64]spread{}}
		if err := d.walk(ctx, of, k.columns, p.take); err != nil {
			return nil, err
		}
		o.add(p.groups)
		done, low = p.high == math.MaxUint64, p.high+1
	}
	return o, o.show(ctx, d, of)
}

// groupPass counts the groups whose hash is from low to high, of which high falls where there
// are too many.
type groupPass struct {
	key       *key
	l         *labelled
	none      []bool // by class: its rows are of no group
	low, high uint64
	room      int
	groups    map[uint64]spread
	values    []uint64
}

func (p *groupPass) take(b *batch.Batch, first int64, _ *Part) error {
	for i := range b.Rows {
		row := first + int64(i)
		if p.none[p.l.class[row]] {
			continue
		}
		p.values = p.key.values(p.values[:0], b, i)
		for n, v := range p.values {
			if v < p.low || v > p.high || n > 0 && v == p.values[0] {
				continue
			}
			p.count(v, row)
		}
	}
	return nil
}

func (p *groupPass) count(v uint64, row int64) {
	s, known := p.groups[v]
	class := p.l.class[row]
	if !known {
		s.class = class
	}
	s.mixed = s.mixed || s.class != class
	if at := &s.rows[p.l.splitOf(row)]; *at < math.MaxUint32 {
		*at++
	}
	p.groups[v] = s
	for len(p.groups) > p.room {
		p.high = p.low + (p.high-p.low)/2
		for v := range p.groups {
			if v > p.high {
				delete(p.groups, v)
			}
		}
	}
}

// add takes over what a pass counted.
func (o *overlap) add(groups map[uint64]spread) {
	for v, s := range groups {
		o.groups++
		if !s.mixed {
			o.pure++
		}
		for i, n := range s.rows {
			o.all[i] += int64(n)
		}
		if s.splits() < 2 {
			continue
		}
		o.in++
		for i, n := range s.rows {
			o.rows[i] += int64(n)
		}
		o.keep(example{hash: v, spread: s})
	}
}

// keep keeps the groups with most rows outside training, of equal ones those with the lower hash.
func (o *overlap) keep(e example) {
	o.examples = append(o.examples, e)
	if len(o.examples) > mostExamples {
		slices.SortFunc(o.examples, func(a, b example) int {
			return cmp.Or(cmp.Compare(b.rows[Validation]+b.rows[Test], a.rows[Validation]+a.rows[Test]), cmp.Compare(a.hash, b.hash))
		})
		o.examples = o.examples[:mostExamples]
	}
}

// errFound ends a walk that has found what it looked for.
type errFound struct{}

func (errFound) Error() string { return "found" }

// show finds out what the examples are called.
func (o *overlap) show(ctx context.Context, d *Dataset, of table) error {
	slices.SortFunc(o.examples, func(a, b example) int {
		return cmp.Or(cmp.Compare(b.rows[Validation]+b.rows[Test], a.rows[Validation]+a.rows[Test]), cmp.Compare(a.hash, b.hash))
	})
	left := len(o.examples)
	if left == 0 {
		return nil
	}
	var values []uint64
	err := d.walk(ctx, of, o.key.columns, func(b *batch.Batch, _ int64, _ *Part) error {
		for i := range b.Rows {
			values = o.key.values(values[:0], b, i)
			for n, v := range values {
				left -= o.name(v, n, b, i)
			}
			if left == 0 {
				return errFound{}
			}
		}
		return nil
	})
	if err == (errFound{}) {
		err = nil
	}
	return err
}

// name notes what the example of a hash is called, and returns 1 where it had no name yet.
func (o *overlap) name(v uint64, n int, b *batch.Batch, i int) int {
	for e := range o.examples {
		ex := &o.examples[e]
		if ex.hash != v || ex.shown != "" {
			continue
		}
		ex.shown = o.key.shown(b, i)
		if o.key.both {
			ex.shown = o.key.cellOf(b, i, n)
		}
		return 1
	}
	return 0
}

// cellOf is the n-th value of a row.
func (k *key) cellOf(b *batch.Batch, i, n int) string {
	for c := range b.Vectors {
		if v := &b.Vectors[c]; !v.Null(i) && k.has(v, b.Schema.Columns[c].Type, i) {
			if n == 0 {
				return shownCell(v, b.Schema.Columns[c].Type, i)
			}
			n--
		}
	}
	return ""
}

// finding says how bad the overlap is; nil where there is none.
func (o *overlap) finding(d *Dataset, l *labelled) *Finding {
	if o.in == 0 {
		return nil
	}
	f := &Finding{Kind: o.key.kind, Severity: o.severity(&d.Policy), Columns: o.key.columns}
	are := "are"
	if o.in == 1 {
		are = "is"
	}
	f.Detail = fmt.Sprintf("%s of %d (%s) %s in several splits", text.Plural(o.in, o.key.name), o.groups, strings.Join(escaped(o.key.columns), ", "), are)
	switch {
	case o.promised(&d.Policy):
		f.Detail += ", and the split was to keep them apart"
	case o.key.kind == CampaignOverlap && d.Policy.Known:
		f.Detail += ": a split by " + d.Policy.text() + " divides campaigns, so that the test has attacks that training has seen too"
	}
	f.Evidence = []Number{{"groups", float64(o.groups)}, {"groups_in_several_splits", float64(o.in)}, {"groups_of_one_class", float64(o.pure)}}
	for s, name := range splits {
		if o.all[s] > 0 {
			f.Evidence = append(f.Evidence, Number{"share_of_rows_in_" + name, float64(o.rows[s]) / float64(o.all[s])})
		}
	}
	for i := range o.examples {
		e := &o.examples[i]
		f.Examples = append(f.Examples, fmt.Sprintf("%s: %s in train, %d in validation, %d in test, %s", e.shown, text.Plural(int64(e.rows[Train]), "row"), e.rows[Validation], e.rows[Test], e.classText(l)))
	}
	return f
}

func (e *example) classText(l *labelled) string {
	if e.mixed {
		return "of several classes"
	}
	return "all " + l.classes[e.class].shown()
}

// severity: what the split promised and did not keep is an error. Pieces of one connection are
// one whatever was promised. Hosts and captures come again where nobody wanted otherwise.
func (o *overlap) severity(p *Policy) Severity {
	switch {
	case o.key.kind == ConnOverlap, o.promised(p):
		return Error
	case o.key.kind == CampaignOverlap, o.key.kind == GroupOverlap:
		return Warning
	}
	return Note
}

// promised reports whether the key as a whole was promised: a split by initiator says nothing
// of responders, nor of hosts in either role. Of a pair one side is enough.
func (o *overlap) promised(p *Policy) bool {
	if o.key.inside != nil {
		return true
	}
	n := 0
	for _, c := range o.key.columns {
		if p.promises(c) {
			n++
		}
	}
	return n == len(o.key.columns) || o.key.pair && n > 0
}
