package host

import (
	"slices"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/flow"
	"pcapmill/ingest/packet"
)

// def declares a column and takes its values out of rows to be.
type def[R any] struct {
	column.Column
	fill func(v *batch.Vector, rows []R)
}

// more extends s by n elements and returns them.
func more[T any](s *[]T, n int) []T {
	old := len(*s)
	*s = slices.Grow(*s, n)[:old+n]
	return (*s)[old:]
}

// count declares a column of integers that is never null.
func count[R any](name string, unit column.Unit, doc string, value func(*R) int64) def[R] {
	return def[R]{column.Column{Name: name, Type: column.Int64, Unit: unit, Doc: doc}, func(v *batch.Vector, rows []R) {
		dst := more(&v.Int64, len(rows))
		for i := range rows {
			dst[i] = value(&rows[i])
		}
	}}
}

// small declares a column of small integers that is never null.
func small[R any](name, doc string, value func(*R) int32) def[R] {
	return def[R]{column.Column{Name: name, Type: column.Int32, Doc: doc}, func(v *batch.Vector, rows []R) {
		dst := more(&v.Int32, len(rows))
		for i := range rows {
			dst[i] = value(&rows[i])
		}
	}}
}

// known declares a column of integers; null says when it is unknown.
func known[R any](name string, unit column.Unit, doc, null string, value func(*R) (int64, bool)) def[R] {
	return def[R]{column.Column{Name: name, Type: column.Int64, Unit: unit, Doc: doc, Null: null}, func(v *batch.Vector, rows []R) {
		dst, valid := more(&v.Int64, len(rows)), more(&v.Valid, len(rows))
		for i := range rows {
			n, ok := value(&rows[i])
			dst[i], valid[i] = where(n, ok), flag(ok)
		}
	}}
}

// knownSmall declares the same of small integers.
func knownSmall[R any](name, doc, null string, value func(*R) (int32, bool)) def[R] {
	return def[R]{column.Column{Name: name, Type: column.Int32, Doc: doc, Null: null}, func(v *batch.Vector, rows []R) {
		dst, valid := more(&v.Int32, len(rows)), more(&v.Valid, len(rows))
		for i := range rows {
			n, ok := value(&rows[i])
			dst[i], valid[i] = where(n, ok), flag(ok)
		}
	}}
}

// rate declares a column of finite numbers that is never null.
func rate[R any](name string, unit column.Unit, doc string, value func(*R) float64) def[R] {
	return def[R]{column.Column{Name: name, Type: column.Double, Unit: unit, Doc: doc}, func(v *batch.Vector, rows []R) {
		dst := more(&v.Float64, len(rows))
		for i := range rows {
			dst[i] = value(&rows[i])
		}
	}}
}

// double declares a column of finite numbers; null says when it is unknown.
func double[R any](name string, unit column.Unit, doc, null string, value func(*R) (float64, bool)) def[R] {
	return def[R]{column.Column{Name: name, Type: column.Double, Unit: unit, Doc: doc, Null: null}, func(v *batch.Vector, rows []R) {
		dst, valid := more(&v.Float64, len(rows)), more(&v.Valid, len(rows))
		for i := range rows {
			x, ok := value(&rows[i])
			dst[i], valid[i] = where(x, ok), flag(ok)
		}
	}}
}

// address declares a column of addresses as text.
func address[R any](name, doc string, value func(*R) (addr *packet.Addr, version uint8)) def[R] {
	return def[R]{column.Column{Name: name, Type: column.String, Role: column.LeakProne, Doc: doc}, func(v *batch.Vector, rows []R) {
		if len(v.Offsets) == 0 {
			v.Offsets = append(v.Offsets, 0)
		}
		ends, text := more(&v.Offsets, len(rows)), v.Bytes
		for i := range rows {
			addr, version := value(&rows[i])
			text = flow.AppendAddr(text, addr, version)
			ends[i] = int32(len(text))
		}
		v.Bytes = text
	}}
}

// where returns a value that is known; else zero, as a batch has it.
func where[T int32 | int64 | float64](value T, known bool) T {
	if !known {
		return 0
	}
	return value
}

func flag(ok bool) byte {
	if ok {
		return 1
	}
	return 0
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

// schemaOf makes a table's schema of its columns.
func schemaOf[R any](table string, version int, defs []def[R]) *column.Schema {
	s := &column.Schema{Table: table, Version: version}
	for i := range defs {
		s.Columns = append(s.Columns, defs[i].Column)
	}
	return s
}

// fill appends rows to a batch, column by column.
func fill[R any](b *batch.Batch, defs []def[R], rows []R) {
	for i := range defs {
		defs[i].fill(&b.Vectors[i], rows)
	}
	b.Rows += len(rows)
}
