package record

import (
	"encoding/binary"

	"pcapmill/features/column"
)

// Def declares one column and takes its value out of an M, which a parser has filled.
// Exactly one of the functions is set, as the column's type asks.
type Def[M any] struct {
	column.Column
	num    func(*M) (value int64, known bool)
	text   func(m *M, dst []byte) (grown []byte, known bool)
	smalls func(m *M, add func(int32))
	longs  func(m *M, add func(int64))
	texts  func(m *M, add func([]byte))
	print  func(dst, text []byte) []byte // of texts: nil where they are printable as they are
}

// long declares a column of a 64-bit type; null says when it is unknown.
func long[M any](name string, t column.Type, doc, null string, value func(*M) (int64, bool)) Def[M] {
	return Def[M]{Column: column.Column{Name: name, Type: t, Doc: doc, Null: null}, num: value}
}

// number declares a column of small integers; null says when it is unknown.
func number[M any](name, doc, null string, value func(*M) (int32, bool)) Def[M] {
	return long(name, column.Int32, doc, null, func(m *M) (int64, bool) {
		v, known := value(m)
		return int64(v), known
	})
}

// whole declares a column of small integers that is never null.
func whole[M any](name, doc string, value func(*M) int32) Def[M] {
	return number(name, doc, "", func(m *M) (int32, bool) { return value(m), true })
}

// bit declares a column that is 1 or 0.
func bit[M any](name, doc string, value func(*M) bool) Def[M] {
	return whole(name, doc, func(m *M) int32 { return flag(value(m)) })
}

func flag(b bool) int32 {
	if b {
		return 1
	}
	return 0
}

// text declares a column of text; null says when it is unknown.
func text[M any](name string, t column.Type, doc, null string, value func(*M, []byte) ([]byte, bool)) Def[M] {
	return Def[M]{Column: column.Column{Name: name, Type: t, Doc: doc, Null: null}, text: value}
}

// word declares a column of text that is never null.
func word[M any](name, doc string, value func(*M) string) Def[M] {
	return text(name, column.String, doc, "", func(m *M, dst []byte) ([]byte, bool) { return append(dst, value(m)...), true })
}

// field declares a text that the message holds as it is written; null says when it is
// empty, which is unknown.
func field[M any](name, doc, null string, value func(*M) []byte) Def[M] {
	return text(name, column.String, doc, null, func(m *M, dst []byte) ([]byte, bool) {
		v := value(m)
		return append(dst, v...), len(v) > 0
	})
}

// integers declares a list of small integers that the message has as a slice.
func integers[M any, N uint8 | uint16](name, doc string, list func(*M) []N) Def[M] {
	return numbers(name, doc, func(m *M, add func(int32)) {
		for _, v := range list(m) {
			add(int32(v))
		}
	})
}

// numbers declares a list of small integers.
func numbers[M any](name, doc string, each func(m *M, add func(int32))) Def[M] {
	return Def[M]{Column: column.Column{Name: name, Type: column.ListInt32, Doc: doc}, smalls: each}
}

// longs declares a list of integers.
func longs[M any](name, doc string, each func(m *M, add func(int64))) Def[M] {
	return Def[M]{Column: column.Column{Name: name, Type: column.ListInt64, Doc: doc}, longs: each}
}

// words declares a list of texts, which are printable or else to be printed.
func words[M any](name, doc string, each func(m *M, add func([]byte))) Def[M] {
	return Def[M]{Column: column.Column{Name: name, Type: column.ListString, Doc: doc}, texts: each}
}

// wordsOf declares a list of texts that the message has as a slice.
func wordsOf[M any](name, doc string, list func(*M) [][]byte) Def[M] {
	return words(name, doc, func(m *M, add func([]byte)) {
		for _, word := range list(m) {
			add(word)
		}
	})
}

// printed sets what makes the texts of a list printable.
func (d Def[M]) printed(print func(dst, text []byte) []byte) Def[M] { d.print = print; return d }

// in sets the unit.
func (d Def[M]) in(u column.Unit) Def[M] { d.Unit = u; return d }

// as sets the role.
func (d Def[M]) as(r column.Role) Def[M] { d.Role = r; return d }

// from sets the source.
func (d Def[M]) from(source string) Def[M] { d.Source = source; return d }

// scratch is what appendTo needs between calls. What adds to lists is made once: made
// for each list, it would be an allocation.
type scratch struct {
	text     []byte
	dst      []byte                        // while a list is written
	print    func(dst, text []byte) []byte // while a list is written, as in its Def
	addSmall func(int32)
	addLong  func(int64)
	addText  func([]byte)
}

func (s *scratch) prepare() {
	if s.addLong != nil {
		return
	}
	s.addLong = func(v int64) { s.dst = appendNumber(s.dst, v) }
	s.addSmall = func(v int32) { s.addLong(int64(v)) }
	s.addText = func(t []byte) {
		if s.print != nil {
			s.text = s.print(s.text[:0], t)
			t = s.text
		}
		s.dst = appendText(append(s.dst, present), t)
	}
}

// appendTo appends the value, as Filler decodes it: a number is a byte that says
// whether it is known and a varint; a text the same with its length and bytes; a list
// its values, each behind a 1, and a 0.
func (d *Def[M]) appendTo(dst []byte, m *M, s *scratch) []byte {
	switch {
	case d.num != nil:
		v, known := d.num(m)
		if !known {
			return append(dst, absent)
		}
		return appendNumber(dst, v)
	case d.text != nil:
		grown, known := d.text(m, s.text[:0])
		s.text = grown
		if !known {
			return append(dst, absent)
		}
		return appendText(append(dst, present), grown)
	}
	s.dst, s.print = dst, d.print
	switch {
	case d.smalls != nil:
		d.smalls(m, s.addSmall)
	case d.longs != nil:
		d.longs(m, s.addLong)
	default:
		d.texts(m, s.addText)
	}
	dst, s.dst = append(s.dst, absent), nil
	return dst
}

// The bytes before a value and behind a list.
const (
	absent  = 0
	present = 1
)

// appendNumber appends a number that is known: as binary.AppendVarint, which takes
// longer for the many that fit into a byte.
func appendNumber(dst []byte, v int64) []byte {
	if -64 <= v && v < 64 {
		return append(dst, present, byte(v<<1)^byte(v>>63))
	}
	return binary.AppendVarint(append(dst, present), v)
}

func appendText(dst, text []byte) []byte {
	if len(text) < 0x80 {
		return append(append(dst, byte(len(text))), text...)
	}
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}
