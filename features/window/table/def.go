package table

import (
	"slices"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/flow"
	"pcapmill/ingest/packet"
)

// Def declares a column and takes its values out of rows to be.
type Def[R any] struct {
	column.Column
	fill func(v *batch.Vector, rows []R)
}

// Count declares a column of integers that is never null.
func Count[R any](name string, unit column.Unit, doc string, value func(*R) int64) Def[R] {
	return Def[R]{column.Column{Name: name, Type: column.Int64, Unit: unit, Doc: doc}, func(v *batch.Vector, rows []R) {
		put(&v.Int64, rows, value)
	}}
}

// Timestamp declares a column of times for people and SQL that is never null.
func Timestamp[R any](name, doc string, value func(*R) packet.Nanos) Def[R] {
	d := Count(name, column.None, doc, func(r *R) int64 { return flow.Micros(value(r)) })
	d.Type = column.Timestamp
	return d
}

// Small declares a column of small integers that is never null.
func Small[R any](name, doc string, value func(*R) int32) Def[R] {
	return Def[R]{column.Column{Name: name, Type: column.Int32, Doc: doc}, func(v *batch.Vector, rows []R) {
		put(&v.Int32, rows, value)
	}}
}

// Bit declares a column that is 1 or 0.
func Bit[R any](name, doc string, value func(*R) bool) Def[R] {
	return Small(name, doc, func(r *R) int32 { return flag(value(r)) })
}

// Rate declares a column of finite numbers that is never null.
func Rate[R any](name string, unit column.Unit, doc string, value func(*R) float64) Def[R] {
	return Def[R]{column.Column{Name: name, Type: column.Double, Unit: unit, Doc: doc}, func(v *batch.Vector, rows []R) {
		put(&v.Float64, rows, value)
	}}
}

// Shared says that rows which are filled together have one value.
func Shared[R any](d Def[R]) Def[R] {
	fill := d.fill
	d.fill = func(v *batch.Vector, rows []R) {
		if len(rows) == 0 {
			return
		}
		fill(v, rows[:1])
		n := len(rows) - 1
		repeat(&v.Int64, n)
		repeat(&v.Int32, n)
		repeat(&v.Float64, n)
		repeat(&v.Valid, n)
	}
	return d
}

// repeat appends the last element n times, where there is one.
func repeat[T any](to *[]T, n int) {
	if len(*to) == 0 {
		return
	}
	last := (*to)[len(*to)-1]
	more := more(to, n)
	for i := range more {
		more[i] = last
	}
}

// Known declares a column of integers; null says when it is unknown.
func Known[R any](name string, unit column.Unit, doc, null string, value func(*R) (int64, bool)) Def[R] {
	return Def[R]{column.Column{Name: name, Type: column.Int64, Unit: unit, Doc: doc, Null: null}, func(v *batch.Vector, rows []R) {
		putKnown(&v.Int64, v, rows, value)
	}}
}

// KnownSmall declares the same of small integers.
func KnownSmall[R any](name, doc, null string, value func(*R) (int32, bool)) Def[R] {
	return Def[R]{column.Column{Name: name, Type: column.Int32, Doc: doc, Null: null}, func(v *batch.Vector, rows []R) {
		putKnown(&v.Int32, v, rows, value)
	}}
}

// KnownBit declares the same of 1 and 0.
func KnownBit[R any](name, doc, null string, value func(*R) (bit, known bool)) Def[R] {
	return KnownSmall(name, doc, null, func(r *R) (int32, bool) {
		bit, known := value(r)
		return flag(bit), known
	})
}

// Double declares a column of finite numbers; null says when it is unknown.
func Double[R any](name string, unit column.Unit, doc, null string, value func(*R) (float64, bool)) Def[R] {
	return Def[R]{column.Column{Name: name, Type: column.Double, Unit: unit, Doc: doc, Null: null}, func(v *batch.Vector, rows []R) {
		putKnown(&v.Float64, v, rows, value)
	}}
}

// Address declares a column of addresses as text.
func Address[R any](name, doc string, value func(*R) (addr *packet.Addr, version uint8)) Def[R] {
	return Def[R]{column.Column{Name: name, Type: column.String, Role: column.LeakProne, Doc: doc}, func(v *batch.Vector, rows []R) {
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

// Word declares a column of texts of a few; null, where it is not empty, says when there is none,
// which the empty text then stands for.
func Word[R any](name, doc, null string, value func(*R) string) Def[R] {
	return Def[R]{column.Column{Name: name, Type: column.String, Doc: doc, Null: null}, func(v *batch.Vector, rows []R) {
		for i := range rows {
			text := value(&rows[i])
			v.AppendText([]byte(text))
			if null != "" {
				v.Valid = append(v.Valid, byte(flag(text != "")))
			}
		}
	}}
}

// more extends s by n elements and returns them.
func more[T any](s *[]T, n int) []T {
	old := len(*s)
	*s = slices.Grow(*s, n)[:old+n]
	return (*s)[old:]
}

// put appends each row's value.
func put[T, R any](to *[]T, rows []R, value func(*R) T) {
	dst := more(to, len(rows))
	for i := range rows {
		dst[i] = value(&rows[i])
	}
}

// putKnown appends each row's value where it is known; else zero, as a batch has it. to
// is the part of v that has its type.
func putKnown[T, R any](to *[]T, v *batch.Vector, rows []R, value func(*R) (T, bool)) {
	dst, valid := more(to, len(rows)), more(&v.Valid, len(rows))
	clear(dst)
	clear(valid)
	for i := range rows {
		if x, known := value(&rows[i]); known {
			dst[i], valid[i] = x, 1
		}
	}
}

func flag(b bool) int32 {
	if b {
		return 1
	}
	return 0
}

// As sets the role.
func (d Def[R]) As(r column.Role) Def[R] { d.Role = r; return d }

// From sets the source.
func (d Def[R]) From(source string) Def[R] { d.Source = source; return d }

// Group describes a group of columns.
type Group struct{ Name, Doc string }

// Grouped sets the group of columns.
func Grouped[R any](group string, defs ...Def[R]) []Def[R] {
	for i := range defs {
		defs[i].Group = group
	}
	return defs
}

// Schema makes a table's schema of its columns.
func Schema[R any](table string, version int, defs []Def[R]) *column.Schema {
	s := &column.Schema{Table: table, Version: version}
	for i := range defs {
		s.Columns = append(s.Columns, defs[i].Column)
	}
	return s
}
