package leak

import (
	"fmt"
	"math"

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
	rest   uint32 // in training
	stands uint32 // of training, in the part that stands in for the others
	others uint32 // outside training
	class  uint16
}

func newShapes(room int) *shapes {
	return &shapes{room: room, high: math.MaxUint64, of: map[uint64]shape{}}
}

func (s *shapes) count(h uint64, l *labelled, row int64) {
	class := l.class[row]
	if h = mix(h, uint64(class)); h > s.high { // a shape is of one class
		return
	}
	sh := s.of[h]
	sh.class = class
	at := &sh.rest
	switch {
	case l.splitOf(row) != Train:
		at = &sh.others
	case l.split[row]&standsIn != 0:
		at = &sh.stands
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

// twins are, of one class, shapes that are there once, and how many have a twin in the rest of training.
type twins struct {
	standing, standingTwins int64 // of those that stand in
	others, otherTwins      int64 // of those outside training
	rows, twinRows          int64 // rows outside training, and those of a shape that training has
}

func (s *shapes) twins(classes int) []twins {
	all := make([]twins, classes)
	for _, sh := range s.of {
		t := &all[sh.class]
		t.rows += int64(sh.others)
		if sh.rest+sh.stands > 0 {
			t.twinRows += int64(sh.others)
		}
		if sh.stands == 1 {
			t.standing++
			t.standingTwins += once(sh.rest)
		}
		if sh.others == 1 {
			t.others++
			t.otherTwins += once(sh.rest)
		}
	}
	return all
}

func once(n uint32) int64 {
	if n > 0 {
		return 1
	}
	return 0
}

// excess is the share of a class's single rows whose twin alikeness does not explain, and how
// probable so much would be without a leak.
func (t *twins) excess() (share, p float64) {
	if t.others == 0 || t.standing == 0 {
		return 0, 1
	}
	share = float64(t.otherTwins)/float64(t.others) - float64(t.standingTwins)/float64(t.standing)
	return share, fisherTail(t.otherTwins, t.others, t.standingTwins, t.standing)
}

// What makes twins a finding.
const (
	level       = 0.001 // of all tests of a kind together that alikeness is called a leak
	leastExcess = 0.005
	grossExcess = 0.1
	leastTwins  = 5
	alikeShare  = 0.5 // of rows that have a twin in training, from which readers should know
)

// finding of a kind; individual are shares of rows that are not like others by chance, nil: not known.
func (s *shapes) finding(kind Kind, l *labelled, individual []share) *Finding {
	f := &Finding{Kind: kind}
	all := s.twins(len(l.classes))
	found := false
	for c := range all {
		t := &all[c]
		excess, p := t.excess()
		severity, is := Note, false
		if t.otherTwins >= leastTwins && excess >= leastExcess && p <= level/float64(2*len(all)) {
			severity, is = Warning, true
			if excess >= grossExcess {
				severity = Error
			}
		}
		what := fmt.Sprintf("%s: %s of %s rows outside training have a twin in it", l.classes[c].shown(), percent(t.twinRows, t.rows), counted(t.rows))
		if is {
			what += fmt.Sprintf("; of single rows %s, where alikeness explains %s (p = %s)", percent(t.otherTwins, t.others), percent(t.standingTwins, t.standing), short(p))
		}
		if individual != nil {
			own := individual[c].severity()
			is, severity = is || individual[c].is(), max(severity, own)
			if individual[c].is() {
				what += fmt.Sprintf("; of %s sampled rows that are like no others %s", counted(individual[c].of), percent(individual[c].have, individual[c].of))
			}
		}
		alike := t.rows >= leastTwins && float64(t.twinRows) >= alikeShare*float64(t.rows)
		if !is && !alike {
			continue
		}
		found = true
		f.Severity = max(f.Severity, severity)
		f.Examples = append(f.Examples, what)
		f.Evidence = append(f.Evidence, Number{"share_" + clip(l.classes[c].shown()), ratio(t.twinRows, t.rows)}, Number{"excess_" + clip(l.classes[c].shown()), excess})
	}
	if !found {
		return nil
	}
	f.Detail = s.detail(f.Severity, len(f.Examples))
	f.bound()
	return f
}

func (s *shapes) detail(severity Severity, classes int) string {
	detail := fmt.Sprintf("%d classes have rows outside training that are like rows of training, more than their rows are alike", classes)
	if severity == Note {
		detail = fmt.Sprintf("rows of %d classes are alike: what a model knows of them are few rows; weigh or drop repeated ones", classes)
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

// share of sampled rows outside training that are individual, and have the same row in training.
type share struct{ have, of int64 }

func (s share) is() bool { return s.have > 0 }

// severity: capture clocks of µs make some twins by chance, so that one in a hundred is a note.
func (s share) severity() Severity {
	switch {
	case s.have < leastTwins || ratio(s.have, s.of) < 0.05:
		return Note
	case ratio(s.have, s.of) < 0.25:
		return Warning
	}
	return Error
}

func ratio(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

func percent(a, b int64) string { return short(math.Round(1e4*ratio(a, b))/100) + " %" }

func counted(n int64) string { return fmt.Sprint(n) }
