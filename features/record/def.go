package record

import "pcapmill/features/column"

// Def declares one column and takes its value out of an M, which a parser has filled.
type Def[M any] struct {
	column.Column
	put  func(m *M, r *Rows, at int) (cost int) // puts the value into its slot of the open row
	part *part[M]                               // nil: it stands alone
}

// part is the first of some columns next to each other that are of something which a
// message has or lacks: where it lacks it, all of them are null or empty lists, and
// nobody looks at one after the other.
type part[M any] struct {
	columns int
	put     func(m *M, r *Rows, l *layout, first int) (cost int)
}

// partOf declares columns of what of returns, nil where a message lacks it.
func partOf[M, P any](of func(*M) *P, defs ...Def[P]) []Def[M] {
	whole := make([]Def[M], len(defs))
	for i := range defs {
		whole[i].Column = defs[i].Column
	}
	whole[0].part = &part[M]{len(defs), func(m *M, r *Rows, l *layout, first int) int {
		if p := of(m); p != nil {
			return put(r, defs, l, first, p)
		}
		return r.putNone(l.slots[first : first+len(defs)])
	}}
	return whole
}

// where declares columns of messages for which that holds.
func where[M any](holds func(*M) bool, defs ...Def[M]) []Def[M] {
	return partOf(func(m *M) *M {
		if holds(m) {
			return m
		}
		return nil
	}, defs...)
}

// long declares a column of a 64-bit type; null says when it is unknown.
func long[M any](name string, t column.Type, doc, null string, value func(*M) (int64, bool)) Def[M] {
	return Def[M]{Column: column.Column{Name: name, Type: t, Doc: doc, Null: null}, put: func(m *M, r *Rows, at int) int {
		v, known := value(m)
		if !known {
			return nothingCost
		}
		return r.putLong(at, v)
	}}
}

// number declares a column of small integers; null says when it is unknown.
func number[M any](name, doc, null string, value func(*M) (int32, bool)) Def[M] {
	return Def[M]{Column: column.Column{Name: name, Type: column.Int32, Doc: doc, Null: null}, put: func(m *M, r *Rows, at int) int {
		v, known := value(m)
		if !known {
			return nothingCost
		}
		return r.putSmall(at, v)
	}}
}

// whole declares a column of small integers that is never null.
func whole[M any](name, doc string, value func(*M) int32) Def[M] {
	return Def[M]{Column: column.Column{Name: name, Type: column.Int32, Doc: doc}, put: func(m *M, r *Rows, at int) int {
		return r.putSmall(at, value(m))
	}}
}

// bit declares a column that is 1 or 0.
func bit[M any](name, doc string, value func(*M) bool) Def[M] {
	return Def[M]{Column: column.Column{Name: name, Type: column.Int32, Doc: doc}, put: func(m *M, r *Rows, at int) int {
		return r.putSmall(at, flag(value(m)))
	}}
}

func flag(b bool) int32 {
	if b {
		return 1
	}
	return 0
}

// text declares a column of text; null says when it is unknown. value appends it to dst,
// of which what is there is none of its business.
func text[M any](name string, t column.Type, doc, null string, value func(m *M, dst []byte) ([]byte, bool)) Def[M] {
	return Def[M]{Column: column.Column{Name: name, Type: t, Doc: doc, Null: null}, put: func(m *M, r *Rows, at int) int {
		grown, known := value(m, r.bytes)
		if !known {
			return r.putNothing(at)
		}
		return r.putText(at, grown)
	}}
}

// word declares a column of text that is never null.
func word[M any](name, doc string, value func(*M) string) Def[M] {
	return Def[M]{Column: column.Column{Name: name, Type: column.String, Doc: doc}, put: func(m *M, r *Rows, at int) int {
		return r.putText(at, append(r.bytes, value(m)...))
	}}
}

// field declares a text that the message holds as it is written; null says when it is
// empty, which is unknown.
func field[M any](name, doc, null string, value func(*M) []byte) Def[M] {
	return Def[M]{Column: column.Column{Name: name, Type: column.String, Doc: doc, Null: null}, put: func(m *M, r *Rows, at int) int {
		v := value(m)
		if len(v) == 0 {
			return r.putNothing(at)
		}
		return r.putText(at, append(r.bytes, v...))
	}}
}

// integers declares a list of small integers that the message has as a slice.
func integers[M any, N uint8 | uint16](name, doc string, list func(*M) []N) Def[M] {
	return Def[M]{Column: column.Column{Name: name, Type: column.ListInt32, Doc: doc}, put: func(m *M, r *Rows, at int) int {
		for _, v := range list(m) {
			r.addSmall(int32(v))
		}
		return r.putList(at)
	}}
}

// numbers declares a list of small integers.
func numbers[M any](name, doc string, each func(m *M, add func(int32))) Def[M] {
	return Def[M]{Column: column.Column{Name: name, Type: column.ListInt32, Doc: doc}, put: func(m *M, r *Rows, at int) int {
		each(m, r.adders().small)
		return r.putList(at)
	}}
}

// longs declares a list of integers.
func longs[M any](name, doc string, each func(m *M, add func(int64))) Def[M] {
	return Def[M]{Column: column.Column{Name: name, Type: column.ListInt64, Doc: doc}, put: func(m *M, r *Rows, at int) int {
		each(m, r.adders().long)
		return r.putList(at)
	}}
}

// words declares a list of texts, which are printable or else to be printed.
func words[M any](name, doc string, each func(m *M, add func([]byte))) Def[M] {
	return Def[M]{Column: column.Column{Name: name, Type: column.ListString, Doc: doc}, put: func(m *M, r *Rows, at int) int {
		each(m, r.adders().text)
		return r.putList(at)
	}}
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
func (d Def[M]) printed(print func(dst, text []byte) []byte) Def[M] {
	put := d.put
	d.put = func(m *M, r *Rows, at int) int {
		r.print = print
		cost := put(m, r, at)
		r.print = nil
		return cost
	}
	return d
}

// in sets the unit.
func (d Def[M]) in(u column.Unit) Def[M] { d.Unit = u; return d }

// as sets the role.
func (d Def[M]) as(r column.Role) Def[M] { d.Role = r; return d }

// from sets the source.
func (d Def[M]) from(source string) Def[M] { d.Source = source; return d }
