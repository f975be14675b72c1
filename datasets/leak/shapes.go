package leak

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// shapes counts rows that are the same, or the same but for quantisation, by class. Beyond its room it
// keeps those whose hash is lowest, all rows of a shape or none.
type shapes struct {
	room int
	high uint64 // hashes up to here are kept
	of   map[uint64]shape
}

// shape is how many rows are of it, at most 2³²−1.
type shape struct {
	training uint32
	others   uint32 // outside training
	class    uint16
}

func newShapes(room int) *shapes {
	return &shapes{room: room, high: math.MaxUint64, of: map[uint64]shape{}}
}

func (s *shapes) count(h uint64, l *labelled, row int64) {
	class := l.class[row]
	if h = ofClass(h, class); h > s.high {
		return
	}
	sh := s.of[h]
	sh.class = class
	at := &sh.training
	if l.splitOf(row) != Train {
		at = &sh.others
	}
	if *at < math.MaxUint32 {
		*at++
	}
	s.of[h] = sh
	for len(s.of) > s.room {
		s.high /= 2
		for h := range s.of {
			if h > s.high {
				delete(s.of, h)
			}
		}
	}
}

// ofClass makes the hash of a row that of its shape, which is of one class.
func ofClass(h uint64, class uint16) uint64 { return mix(h, uint64(class)) }

// share of all shapes that are kept.
func (s *shapes) share() float64 { return (float64(s.high) + 1) / (math.MaxUint64 + 1.0) }

// shapeColumns are those that make a shape: what a model learns from, and no names.
func shapeColumns(s *column.Schema, skip func(*column.Column) bool) []int {
	var at []int
	for i := range s.Columns {
		if c := &s.Columns[i]; c.Role == column.Feature && !skip(c) && looksOfName(c.Name) == "" {
			at = append(at, i)
		}
	}
	return at
}

// shapeHashes returns a hash a row over some columns of a batch, exact or quantised.
func shapeHashes(dst []uint64, b *batch.Batch, columns []int, hash func(*batch.Vector, column.Type, int) uint64) []uint64 {
	dst = append(dst[:0], make([]uint64, b.Rows)...)
	for _, c := range columns {
		v, t := &b.Vectors[c], b.Schema.Columns[c].Type
		for i := range dst {
			dst[i] = mix(dst[i], hash(v, t, i))
		}
	}
	return dst
}

// twins are how many rows of one class have a twin among the others of training. Individual rows are
// sampled ones with some values that are rare in their class.
type twins struct {
	training, trainingTwins int64 // individual rows of training
	others, otherTwins      int64 // individual rows outside it
	rows, twinRows          int64 // all rows outside training
}

// twins counts them by class. own are the shapes of sampled rows, rare how many of their values are.
func (s *shapes) twins(sampled *sample, own []uint64, rare []int32) []twins {
	all := make([]twins, len(sampled.total[0]))
	for _, sh := range s.of {
		t := &all[sh.class]
		t.rows += int64(sh.others)
		if sh.training > 0 {
			t.twinRows += int64(sh.others)
		}
	}
	for i, class := range sampled.class {
		if rare[i] < individualCells || own[i] > s.high {
			continue
		}
		t, sh := &all[class], s.of[own[i]]
		if sampled.train[i] {
			t.training++
			t.trainingTwins += from(sh.training, 2)
		} else {
			t.others++
			t.otherTwins += from(sh.training, 1)
		}
	}
	return all
}

// from is 1 where n is so many or more.
func from(n, least uint32) int64 {
	if n >= least {
		return 1
	}
	return 0
}

// individualCells of a row with rare values make it one that is not like others by its kind.
const individualCells = 3

// What makes twins a finding.
const (
	level       = 0.001 // probability that one of all tests of a kind calls alikeness a leak
	leastExcess = 0.005
	grossExcess = 0.1
	leastTwins  = 5
	alikeShare  = 0.5 // of rows that have a twin in training, from which readers should know
)

// excess is the share of individual rows whose twin alikeness does not explain, and how probable so
// much would be without a leak.
func (t *twins) excess() (share, p float64) {
	if t.others == 0 || t.training == 0 {
		return 0, 1
	}
	share = ratio(t.otherTwins, t.others) - ratio(t.trainingTwins, t.training)
	return share, fisherTail(t.otherTwins, t.others, t.trainingTwins, t.training)
}

// severity judges twins among so many classes. The same values in many individual rows are copies even
// where training has as many of its own: a dataset that was divided after copying.
func (t *twins) severity(kind Kind, classes int) (s Severity, found bool) {
	excess, p := t.excess()
	if kind == ExactDuplicates && t.otherTwins >= leastTwins {
		switch own := ratio(t.otherTwins, t.others); {
		case own >= 0.25:
			return Error, true
		case own >= 0.05:
			s, found = Warning, true
		}
	}
	switch {
	case t.otherTwins < leastTwins || excess < leastExcess || p > level/float64(classes+1):
		return s, found || t.rows >= leastTwins && ratio(t.twinRows, t.rows) >= alikeShare
	case excess >= grossExcess:
		return Error, true
	}
	return Warning, true
}

// judgement is how bad the twins of one class are.
type judgement struct {
	class    int
	severity Severity
}

// judged returns the classes of which something is to be said, the worst first.
func judged(kind Kind, all []twins) []judgement {
	var found []judgement
	for c := range all {
		if severity, is := all[c].severity(kind, len(all)); is {
			found = append(found, judgement{c, severity})
		}
	}
	slices.SortStableFunc(found, func(a, b judgement) int { return cmp.Compare(b.severity, a.severity) })
	return found
}

// finding judges the twins of all classes, and of all together.
func (s *shapes) finding(kind Kind, l *labelled, all []twins) *Finding {
	f := &Finding{Kind: kind}
	found, above := 0, int64(0)
	for _, v := range judged(kind, all) {
		c := v.class
		found++
		above += from(uint32(v.severity), uint32(Warning))
		f.Severity = max(f.Severity, v.severity)
		name := l.classes[c].shown()
		excess, _ := all[c].excess()
		f.Examples = append(f.Examples, name+": "+all[c].text())
		f.Evidence = append(f.Evidence, Number{"share_of_rows_" + name, ratio(all[c].twinRows, all[c].rows)}, Number{"excess_of_individual_rows_" + name, excess})
	}
	if severity := together(all); severity > f.Severity {
		f.Severity, found = severity, max(found, 1)
		whole := sum(all)
		f.Examples = append(f.Examples, "all classes together: "+whole.text())
	}
	if found == 0 {
		return nil
	}
	f.Detail = s.detail(f.Severity, int64(found), above)
	f.bound()
	return f
}

func (t *twins) text() string {
	_, p := t.excess()
	return fmt.Sprintf("%s of %d rows outside training have a twin in it; of individual ones %s of %d, where those of training have %s (p = %s)",
		percent(t.twinRows, t.rows), t.rows, percent(t.otherTwins, t.others), t.others, percent(t.trainingTwins, t.training), short(p))
}

func sum(all []twins) (t twins) {
	for _, o := range all {
		t.training, t.trainingTwins, t.others, t.otherTwins = t.training+o.training, t.trainingTwins+o.trainingTwins, t.others+o.others, t.otherTwins+o.otherTwins
		t.rows, t.twinRows = t.rows+o.rows, t.twinRows+o.twinRows
	}
	return t
}

// together judges copies that are too few in each class: the excess over what each class lets expect is
// five standard deviations (Mantel and Haenszel).
func together(all []twins) Severity {
	seen, expected, variance := 0.0, 0.0, 0.0
	for i := range all {
		t := &all[i]
		n, m, hits := float64(t.others), float64(t.training), float64(t.otherTwins+t.trainingTwins)
		if n == 0 || m == 0 {
			continue
		}
		seen += float64(t.otherTwins)
		expected += hits * n / (n + m)
		variance += hits * n / (n + m) * m / (n + m) * (n + m - hits) / max(n+m-1, 1)
	}
	t := sum(all)
	if excess := seen - expected; excess >= leastTwins && excess-0.5 >= 5*math.Sqrt(variance) && excess >= leastExcess*float64(t.others) {
		return Warning
	}
	return Note
}

func (s *shapes) detail(severity Severity, classes, above int64) string {
	detail := fmt.Sprintf("rows of %s are alike: what a model knows of them are few rows; weigh or drop repeated ones", plurals(classes, "class", "classes"))
	switch {
	case above > 0:
		detail = plurals(above, "class has", "classes have") + " rows outside training that are copies of training rows, or nearly so, more than their rows are alike"
	case severity >= Warning:
		detail = "rows outside training are copies of training rows, or nearly so, more than rows are alike"
	}
	if s.high != math.MaxUint64 {
		detail += fmt.Sprintf(" (of 1/%s of all shapes)", short(math.Round(1/s.share())))
	}
	return detail
}

// bound keeps as many examples as a finding may have.
func (f *Finding) bound() {
	if more := len(f.Examples) - mostExamples; more > 0 {
		f.Examples = append(f.Examples[:mostExamples], fmt.Sprintf("and %d more", more))
	}
	f.Evidence = f.Evidence[:min(len(f.Evidence), 4*mostExamples)]
}

func ratio(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

func percent(a, b int64) string { return short(math.Round(1e4*ratio(a, b))/100) + " %" }
