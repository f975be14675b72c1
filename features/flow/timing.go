package flow

import (
	"pcapmill/features/batch"
	"pcapmill/features/column"
)

func timingColumns() []Def {
	const null = "fewer than two packets in order"
	defs := []Def{gapDef("iat", "gap", "between consecutive packets of the flow, both directions together", null, "", func(r *Row) *gapStats { return &r.gap })}
	return append(defs, perSide(func(p, of string, dir int) []Def {
		return []Def{gapDef(p+"iat", "gap", "between consecutive packets, "+of, null, "", func(r *Row) *gapStats { return &r.sides[dir].gap })}
	})...)
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
