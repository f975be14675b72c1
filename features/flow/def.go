package flow

import (
	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// Def is a column's declaration together with how its values come out of Rows.
type Def struct {
	column.Column
	fill      func(v *batch.Vector, rows []*Row)
	fillExtra func(v *batch.Vector, extras []*Extra) // instead of fill, for columns over Extras
}

// attr is what the constructors below share; zero values are the usual case.
type attr struct {
	unit   column.Unit
	role   column.Role
	null   string
	source string
}

func newDef(name string, typ column.Type, a attr, doc string, fill func(*batch.Vector, []*Row)) Def {
	return Def{
		Column: column.Column{Name: name, Type: typ, Unit: a.unit, Role: a.role, Doc: doc, Null: a.null, Source: a.source},
		fill:   fill,
	}
}

// int64Def declares a column that always has a value.
func int64Def(name string, a attr, doc string, get func(*Row) int64) Def {
	return newDef(name, column.Int64, a, doc, func(v *batch.Vector, rows []*Row) {
		for _, r := range rows {
			v.Int64 = append(v.Int64, get(r))
		}
	})
}

func int32Def(name string, a attr, doc string, get func(*Row) int32) Def {
	return newDef(name, column.Int32, a, doc, func(v *batch.Vector, rows []*Row) {
		for _, r := range rows {
			v.Int32 = append(v.Int32, get(r))
		}
	})
}

func timestampDef(name string, a attr, doc string, get func(*Row) int64) Def {
	d := int64Def(name, a, doc, func(r *Row) int64 { return floorDiv(get(r), 1000) })
	d.Type = column.Timestamp
	return d
}

// optInt64 declares a column that is null where get says so, provided that a.null
// names when that is; without it the column is required.
func optInt64(name string, a attr, doc string, get func(*Row) (int64, bool)) Def {
	return newDef(name, column.Int64, a, doc, func(v *batch.Vector, rows []*Row) {
		for _, r := range rows {
			x, ok := get(r)
			v.Int64 = append(v.Int64, x)
			if a.null != "" {
				v.Valid = append(v.Valid, valid(ok))
			}
		}
	})
}

func optInt32(name string, a attr, doc string, get func(*Row) (int32, bool)) Def {
	return newDef(name, column.Int32, a, doc, func(v *batch.Vector, rows []*Row) {
		for _, r := range rows {
			x, ok := get(r)
			v.Int32 = append(v.Int32, x)
			if a.null != "" {
				v.Valid = append(v.Valid, valid(ok))
			}
		}
	})
}

func optDouble(name string, a attr, doc string, get func(*Row) (float64, bool)) Def {
	return newDef(name, column.Double, a, doc, func(v *batch.Vector, rows []*Row) {
		for _, r := range rows {
			x, ok := get(r)
			if !ok {
				x = 0
			}
			v.Float64 = append(v.Float64, x)
			if a.null != "" {
				v.Valid = append(v.Valid, valid(ok))
			}
		}
	})
}

// enumDef declares a text column over a fixed set of words.
func enumDef(name string, a attr, doc string, words []string, get func(*Row) int32) Def {
	return newDef(name, column.String, a, doc, func(v *batch.Vector, rows []*Row) {
		v.Dict = words
		for _, r := range rows {
			v.Codes = append(v.Codes, get(r))
		}
	})
}

// textDef declares a text column; get appends the value to dst.
func textDef(name string, typ column.Type, a attr, doc string, get func(r *Row, dst []byte) []byte) Def {
	return newDef(name, typ, a, doc, func(v *batch.Vector, rows []*Row) {
		startText(v)
		for _, r := range rows {
			v.Bytes = get(r, v.Bytes)
			v.Offsets = append(v.Offsets, int32(len(v.Bytes)))
		}
	})
}

// optText is textDef for a column that can be null: get then returns false.
func optText(name string, typ column.Type, a attr, doc string, get func(r *Row, dst []byte) ([]byte, bool)) Def {
	return newDef(name, typ, a, doc, func(v *batch.Vector, rows []*Row) {
		startText(v)
		for _, r := range rows {
			out, ok := get(r, v.Bytes)
			if ok {
				v.Bytes = out
			}
			v.Offsets = append(v.Offsets, int32(len(v.Bytes)))
			if a.null != "" {
				v.Valid = append(v.Valid, valid(ok))
			}
		}
	})
}

// optList32 declares a list column that is null where get appends nothing.
func optList32(name string, a attr, doc string, get func(r *Row, dst []int32) []int32) Def {
	return newDef(name, column.ListInt32, a, doc, func(v *batch.Vector, rows []*Row) {
		startText(v)
		for _, r := range rows {
			n := len(v.Int32)
			v.Int32 = get(r, v.Int32)
			v.Offsets = append(v.Offsets, int32(len(v.Int32)))
			v.Valid = append(v.Valid, valid(len(v.Int32) > n))
		}
	})
}

func startText(v *batch.Vector) {
	if len(v.Offsets) == 0 {
		v.Offsets = append(v.Offsets, 0)
	}
}

func valid(ok bool) byte {
	if ok {
		return 1
	}
	return 0
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// perSide expands one declaration into its fwd_ and rev_ columns.
func perSide(declare func(prefix, of string, dir int) []Def) []Def {
	return append(declare("fwd_", "initiator to responder", Fwd), declare("rev_", "responder to initiator", Rev)...)
}
