package flow

import (
	"pcapmill/features/batch"
	"pcapmill/features/column"
)

func timingColumns() []Def {
	const null = "fewer than two packets in order"
	all := func(least uint64, null string) *condition {
		return &condition{null, func(valid []byte, rows []*Row) {
			for i, r := range rows {
				valid[i] = flag(r.gaps() >= least)
			}
		}}
	}
	defs := []Def{durationDef("iat", "gap", "between consecutive packets of the flow, both directions together", "", all(1, null), all(2, fewerThanTwo), fillGaps)}
	return append(defs, perSide(func(p, of string, dir int) []Def {
		some := func(least uint64, null string) *condition {
			return &condition{null, func(valid []byte, rows []*Row) {
				for i, r := range rows {
					valid[i] = flag(r.sides[dir].gaps() >= least)
				}
			}}
		}
		return []Def{durationDef(p+"iat", "gap", "between consecutive packets, "+of, "", some(1, null), some(2, fewerThanTwo), func(w *spread, rows []*Row) {
			for i, r := range rows {
				s := &r.sides[dir]
				n := s.gaps()
				w.set(i, n, uint64(s.volume.last-s.rare.first), s.gap.sqHi, s.gap.sqLo, s.gap.shortestOf(n), s.gap.longest)
			}
		})}
	})...)
}

// fillGaps fills the statistics of the gaps between packets of either direction.
// Their sum is the time from the first to the latest packet.
func fillGaps(w *spread, rows []*Row) {
	for i, r := range rows {
		n := r.gaps()
		w.set(i, n, uint64(r.LastTime-r.StartTime), r.gap.sqHi, r.gap.sqLo, r.gap.shortestOf(n), r.gap.longest)
	}
}

// gaps returns the number of gaps between packets: all but the first end one,
// unless their time is before the latest.
func (r *Row) gaps() uint64 { return r.Packets() - 1 - uint64(r.disorder) }

// gaps does the same for one direction.
func (s *side) gaps() uint64 {
	return uint64(max(s.volume.packets, 1) - 1 - s.rare.disorder)
}

// gapDef declares shortest, mean, deviation and longest of one population of
// durations: what names one, of says which.
func gapDef(name, what, of, null, source string, field func(*Row) *gapStats) Def {
	at := refer(field)
	count := func(r *Row) *uint64 { return &field(r).n }
	return durationDef(name, what, of, source, atLeast(1, null, count), atLeast(2, fewerThanTwo, count), func(w *spread, rows []*Row) {
		for i, r := range rows {
			g := at.at(r)
			w.set(i, g.n, g.sum, g.sqHi, g.sqLo, g.minVal, g.maxVal)
		}
	})
}

const fewerThanTwo = "fewer than two of them"

// durationDef declares the columns of gapDef. A nil when says that the population
// is never empty; two rules the deviation.
func durationDef(name, what, of, source string, when, two *condition, fill func(w *spread, rows []*Row)) Def {
	stat := func(stat string, typ column.Type, when *condition, doc string) column.Column {
		return declare(name+"_"+stat+"_ns", typ, attr{unit: column.Nanos, when: when, source: source}, doc+" "+of+".")
	}
	return Def{
		Columns: []column.Column{
			stat("min", column.Int64, when, "Shortest "+what),
			stat("mean", column.Double, when, "Mean "+what),
			stat("std", column.Double, two, "Sample standard deviation (divisor n-1) of the "+what),
			stat("max", column.Int64, when, "Longest "+what),
		},
		when: []*condition{when, when, two, when},
		fill: func(vs []batch.Vector, t *tile) {
			t.spread = newSpread(vs, len(t.rows))
			fill(&t.spread, t.rows)
		},
	}
}
