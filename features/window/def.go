package window

import (
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/flow"
	"pcapmill/ingest/packet"
)

// def declares one column and takes its value out of an R, which is a row to be.
type def[R any] struct {
	column.Column
	put func(v *batch.Vector, r *R)
}

// count declares a column of integers that is never null.
func count[R any](name string, unit column.Unit, doc string, value func(*R) int64) def[R] {
	return def[R]{column.Column{Name: name, Type: column.Int64, Unit: unit, Doc: doc}, func(v *batch.Vector, r *R) {
		v.Int64 = append(v.Int64, value(r))
	}}
}

// bit declares a column that is 1 or 0.
func bit[R any](name, doc string, value func(*R) bool) def[R] {
	return def[R]{column.Column{Name: name, Type: column.Int32, Doc: doc}, func(v *batch.Vector, r *R) {
		n := int32(0)
		if value(r) {
			n = 1
		}
		v.Int32 = append(v.Int32, n)
	}}
}

// instants declare a time, in nanoseconds and for people.
func instants[R any](name, doc string, value func(*R) packet.Nanos) []def[R] {
	ns := count(name+"_ns", column.EpochNano, doc+".", value)
	people := count(name+"_time", column.None, doc+", for people and SQL.", func(r *R) int64 { return flow.Micros(value(r)) })
	people.Type = column.Timestamp
	return []def[R]{ns.as(column.Time), people.as(column.Time)}
}

// real declares a column of finite numbers; null says when there is none.
func real[R any](name string, unit column.Unit, doc, null string, value func(*R) (float64, bool)) def[R] {
	return def[R]{column.Column{Name: name, Type: column.Double, Unit: unit, Doc: doc, Null: null}, func(v *batch.Vector, r *R) {
		x, known := value(r)
		valid := byte(1)
		if !known {
			x, valid = 0, 0
		}
		v.Float64, v.Valid = append(v.Float64, x), append(v.Valid, valid)
	}}
}

// quotient declares the quotient of two counts, null where the lower one is 0.
func quotient[R any](name string, unit column.Unit, doc, null string, value func(*R) (upper, lower int64)) def[R] {
	return real(name, unit, doc, null, func(r *R) (float64, bool) {
		upper, lower := value(r)
		if lower == 0 {
			return 0, false
		}
		return float64(upper) / float64(lower), true
	})
}

// rate declares a number per time, which there always is.
func rate[R any](name string, unit column.Unit, doc string, value func(*R) float64) def[R] {
	return def[R]{column.Column{Name: name, Type: column.Double, Unit: unit, Doc: doc}, func(v *batch.Vector, r *R) {
		v.Float64 = append(v.Float64, value(r))
	}}
}

// as sets the role.
func (d def[R]) as(r column.Role) def[R] { d.Role = r; return d }

// from sets the source.
func (d def[R]) from(source string) def[R] { d.Source = source; return d }

// grouped sets the group of columns.
func grouped[R any](group string, defs ...def[R]) []def[R] {
	for i := range defs {
		defs[i].Group = group
	}
	return defs
}
