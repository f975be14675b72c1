package flow

import (
	"slices"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
)

// Def declares columns and says how their values come out of Rows. Most Defs are
// one column; statistics of one population are filled together.
type Def struct {
	Columns []column.Column
	when    []*condition // null rule of each column, nil where it is never null; empty if none is
	addr    AddrFormat   // the format that asks for it; empty: written with each
	fill    func(vs []batch.Vector, t *tile)
}

// condition is a null rule: when it holds there is a value. One condition serves
// many columns and is evaluated once a row.
type condition struct {
	null string // says in words when the value is null
	mark func(valid []byte, rows []*Row)
}

// tile is the stretch of rows being filled: few enough to stay in the cache while
// column after column walks over them.
type tile struct {
	rows   []*Row
	extras []*Extra
	apps   []*App   // nil: nobody reads what the flows say
	words  []string // of app_protocol
	byApp  []int32  // places in words, by Row.App
	spread spread   // of the population being filled; here so that it need not be allocated
}

const tileRows = 128

// attr is what the constructors below share; zero values are the usual case.
type attr struct {
	unit   column.Unit
	role   column.Role
	when   *condition
	source string
}

func declare(name string, typ column.Type, a attr, doc string) column.Column {
	c := column.Column{Name: name, Type: typ, Unit: a.unit, Role: a.role, Doc: doc, Source: a.source}
	if a.when != nil {
		c.Null = a.when.null
	}
	return c
}

func single(name string, typ column.Type, a attr, doc string, fill func(v *batch.Vector, t *tile)) Def {
	return Def{
		Columns: []column.Column{declare(name, typ, a, doc)}, when: []*condition{a.when},
		fill: func(vs []batch.Vector, t *tile) { fill(&vs[0], t) },
	}
}

// more extends s by n elements and returns them.
func more[T any](s *[]T, n int) []T {
	old := len(*s)
	*s = slices.Grow(*s, n)[:old+n]
	return (*s)[old:]
}

type integer interface {
	~int64 | ~uint64 | ~int32 | ~uint32 | ~uint16 | ~uint8
}

// field64 declares an INT64 column that is a field of the Row.
func field64[T integer](name string, a attr, doc string, field func(*Row) *T) Def {
	at := refer(field)
	return single(name, column.Int64, a, doc, func(v *batch.Vector, t *tile) {
		rows := t.rows
		dst := more(&v.Int64, len(rows))[:len(rows)]
		for i, r := range rows {
			dst[i] = int64(*at.at(r))
		}
	})
}

// field32 declares an INT32 column that is a field of the Row.
func field32[T integer](name string, a attr, doc string, field func(*Row) *T) Def {
	at := refer(field)
	return single(name, column.Int32, a, doc, func(v *batch.Vector, t *tile) {
		rows := t.rows
		dst := more(&v.Int32, len(rows))[:len(rows)]
		for i, r := range rows {
			dst[i] = int32(*at.at(r))
		}
	})
}

// The declarations below take a function that computes the column for a tile of
// rows: a call for each cell would cost more than most of the sums themselves.

// value64 declares an INT64 column that is computed.
func value64(name string, a attr, doc string, fill func(dst []int64, rows []*Row)) Def {
	return single(name, column.Int64, a, doc, func(v *batch.Vector, t *tile) {
		fill(more(&v.Int64, len(t.rows)), t.rows)
	})
}

// value32 declares an INT32 column that is computed.
func value32(name string, a attr, doc string, fill func(dst []int32, rows []*Row)) Def {
	return single(name, column.Int32, a, doc, func(v *batch.Vector, t *tile) {
		fill(more(&v.Int32, len(t.rows)), t.rows)
	})
}

func timestamp(name string, a attr, doc string, field func(*Row) *int64) Def {
	at := refer(field)
	return single(name, column.Timestamp, a, doc, func(v *batch.Vector, t *tile) {
		dst := more(&v.Int64, len(t.rows))
		for i, r := range t.rows {
			dst[i] = Micros(*at.at(r))
		}
	})
}

// double declares a DOUBLE column that is computed; fill must set finite numbers,
// and 0 where a.when does not hold.
func double(name string, a attr, doc string, fill func(dst []float64, rows []*Row)) Def {
	return single(name, column.Double, a, doc, func(v *batch.Vector, t *tile) {
		fill(more(&v.Float64, len(t.rows)), t.rows)
	})
}

// enum declares a text column over a fixed set of words.
func enum(name string, a attr, doc string, words []string, fill func(dst []int32, rows []*Row)) Def {
	return single(name, column.String, a, doc, func(v *batch.Vector, t *tile) {
		v.Dict = words
		fill(more(&v.Codes, len(t.rows)), t.rows)
	})
}

// text declares a text column; get appends the value to dst, nothing where a.when
// does not hold.
func text(name string, typ column.Type, a attr, doc string, get func(r *Row, dst []byte) []byte) Def {
	return single(name, typ, a, doc, func(v *batch.Vector, t *tile) {
		startOffsets(v)
		ends, text := more(&v.Offsets, len(t.rows)), v.Bytes
		for i, r := range t.rows {
			text = get(r, text)
			ends[i] = int32(len(text))
		}
		v.Bytes = text
	})
}

// list32 declares a list column; get appends the elements.
func list32(name string, a attr, doc string, get func(r *Row, dst []int32) []int32) Def {
	return single(name, column.ListInt32, a, doc, func(v *batch.Vector, t *tile) {
		startOffsets(v)
		dst := more(&v.Offsets, len(t.rows))
		for i, r := range t.rows {
			v.Int32 = get(r, v.Int32)
			dst[i] = int32(len(v.Int32))
		}
	})
}

func startOffsets(v *batch.Vector) {
	if len(v.Offsets) == 0 {
		v.Offsets = append(v.Offsets, 0)
	}
}

// Micros returns an instant in microseconds, rounded down before 1970 too.
func Micros(t packet.Nanos) int64 {
	us := t / 1000
	if t%1000 < 0 {
		us--
	}
	return us
}

func flag(ok bool) byte {
	if ok {
		return 1
	}
	return 0
}

// perSide expands one declaration into its fwd_ and rev_ columns.
func perSide(declare func(prefix, of string, dir int) []Def) []Def {
	return append(declare("fwd_", "initiator to responder", Fwd), declare("rev_", "responder to initiator", Rev)...)
}
