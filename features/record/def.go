package record

import (
	"encoding/binary"
	"math"

	"pcapmill/features/column"
)

// Def declares one column and takes its value out of an M, which a parser has filled.
// Exactly one of the functions is set, as the column's type asks.
type Def[M any] struct {
	column.Column
	num   func(*M) (value int64, known bool)
	text  func(m *M, dst []byte) (grown []byte, known bool)
	nums  func(m *M, add func(int64))
	texts func(m *M, add func([]byte))
}

// number declares a column of an integer type; null says when it is unknown.
func number[M any](name string, t column.Type, doc, null string, value func(*M) (int64, bool)) Def[M] {
	return Def[M]{Column: column.Column{Name: name, Type: t, Doc: doc, Null: null}, num: value}
}

// whole declares a column of small integers that is never null.
func whole[M any](name, doc string, value func(*M) int64) Def[M] {
	return number(name, column.Int32, doc, "", func(m *M) (int64, bool) { return value(m), true })
}

// bit declares a column that is 1 or 0.
func bit[M any](name, doc string, value func(*M) bool) Def[M] {
	return whole(name, doc, func(m *M) int64 {
		if value(m) {
			return 1
		}
		return 0
	})
}

// text declares a column of text; null says when it is unknown.
func text[M any](name string, t column.Type, doc, null string, value func(*M, []byte) ([]byte, bool)) Def[M] {
	return Def[M]{Column: column.Column{Name: name, Type: t, Doc: doc, Null: null}, text: value}
}

// word declares a column of text that is never null.
func word[M any](name, doc string, value func(*M) string) Def[M] {
	return text(name, column.String, doc, "", func(m *M, dst []byte) ([]byte, bool) { return append(dst, value(m)...), true })
}

// numbers declares a list of small integers.
func numbers[M any](name, doc string, each func(m *M, add func(int64))) Def[M] {
	return Def[M]{Column: column.Column{Name: name, Type: column.ListInt32, Doc: doc}, nums: each}
}

// longs declares a list of integers.
func longs[M any](name, doc string, each func(m *M, add func(int64))) Def[M] {
	return Def[M]{Column: column.Column{Name: name, Type: column.ListInt64, Doc: doc}, nums: each}
}

// words declares a list of texts.
func words[M any](name, doc string, each func(m *M, add func([]byte))) Def[M] {
	return Def[M]{Column: column.Column{Name: name, Type: column.ListString, Doc: doc}, texts: each}
}

// in sets the unit.
func (d Def[M]) in(u column.Unit) Def[M] { d.Unit = u; return d }

// as sets the role.
func (d Def[M]) as(r column.Role) Def[M] { d.Role = r; return d }

// from sets the source.
func (d Def[M]) from(source string) Def[M] { d.Source = source; return d }

// scratch is what appendTo needs between calls.
type scratch struct {
	text []byte
	dst  []byte
}

// appendTo appends the value, as Layout decodes it: a number is a byte that says
// whether it is known and a varint; a text the same with its length and bytes; a list
// its values, each behind a 1, and a 0.
func (d *Def[M]) appendTo(dst []byte, m *M, s *scratch) []byte {
	switch {
	case d.num != nil:
		v, known := d.num(m)
		if !known {
			return append(dst, absent)
		}
		return binary.AppendVarint(append(dst, present), v)
	case d.text != nil:
		grown, known := d.text(m, s.text[:0])
		s.text = grown
		if !known {
			return append(dst, absent)
		}
		return appendText(append(dst, present), grown)
	case d.nums != nil:
		s.dst = dst
		d.nums(m, func(v int64) { s.dst = binary.AppendVarint(append(s.dst, present), v) })
	default:
		s.dst = dst
		d.texts(m, func(t []byte) { s.dst = appendText(append(s.dst, present), t) })
	}
	return append(s.dst, absent)
}

// The bytes before a value and behind a list.
const (
	absent  = 0
	present = 1
)

func appendText(dst, text []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

// small reports a value of a 32-bit column; more cannot come from a message's fields.
func small(v int64) int32 {
	if v < math.MinInt32 || v > math.MaxInt32 {
		panic("record: value of a 32-bit column out of its range")
	}
	return int32(v)
}
