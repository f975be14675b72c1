package flow

import "pcapmill/features/column"

func timingColumns() []Def {
	defs := gapDefs("iat", "between consecutive packets of the flow, both directions together", func(r *Row) *gapStats { return &r.gap })
	defs = append(defs, perSide(func(p, of string, dir int) []Def {
		return gapDefs(p+"iat", "between consecutive packets, "+of, func(r *Row) *gapStats { return &r.sides[dir].gap })
	})...)
	return defs
}

// gapDefs declares the statistics of one population of gaps.
func gapDefs(name, of string, get func(*Row) *gapStats) []Def {
	a := attr{unit: column.Nanos, null: "fewer than two packets in order"}
	return []Def{
		optInt64(name+"_min_ns", a, "Shortest gap "+of+".", func(r *Row) (int64, bool) { return get(r).minimum() }),
		optDouble(name+"_mean_ns", a, "Mean gap "+of+".", func(r *Row) (float64, bool) { return get(r).mean() }),
		optDouble(name+"_std_ns", attr{unit: column.Nanos, null: "fewer than two gaps"}, "Sample standard deviation (divisor n-1) of the gap "+of+".",
			func(r *Row) (float64, bool) { return get(r).std() }),
		optInt64(name+"_max_ns", a, "Longest gap "+of+".", func(r *Row) (int64, bool) { return get(r).maximum() }),
	}
}
