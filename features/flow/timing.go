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
	d := durationDef(name, what, of, null, source)
	d.fill = func(vs []batch.Vector, t *tile) {
		w := newGapWriter(vs, len(t.rows))
		for i, r := range t.rows {
			w.set(i, at.at(r))
		}
	}
	return d
}

func durationDef(name, what, of, null, source string) Def {
	stat := func(stat string, typ column.Type, null, doc string) column.Column {
		return column.Column{Name: name + "_" + stat + "_ns", Type: typ, Unit: column.Nanos, Null: null, Doc: doc + " " + of + ".", Source: source}
	}
	return Def{Columns: []column.Column{
		stat("min", column.Int64, null, "Shortest "+what),
		stat("mean", column.Double, null, "Mean "+what),
		stat("std", column.Double, "fewer than two of them", "Sample standard deviation (divisor n-1) of the "+what),
		stat("max", column.Int64, null, "Longest "+what),
	}}
}

// gapWriter writes the four columns of durationDef.
type gapWriter struct {
	lo, hi    []int64
	mean, std []float64
	valid     [4][]byte
}

func newGapWriter(vs []batch.Vector, n int) gapWriter {
	w := gapWriter{lo: more(&vs[0].Int64, n), mean: more(&vs[1].Float64, n), std: more(&vs[2].Float64, n), hi: more(&vs[3].Int64, n)}
	for i := range w.valid {
		w.valid[i] = more(&vs[i].Valid, n)
	}
	return w
}

func (w *gapWriter) set(i int, g *gapStats) {
	ok := flag(g.n > 0)
	w.lo[i], w.hi[i] = g.minVal, g.maxVal
	w.mean[i] = meanOf(g.sum, g.n)
	w.std[i], w.valid[2][i] = sampleStd(g.n, g.sum, g.sqHi, g.sqLo)
	w.valid[0][i], w.valid[1][i], w.valid[3][i] = ok, ok, ok
}
