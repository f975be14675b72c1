package fingerprint

import (
	"fmt"
	"strings"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// tableName is that of the fingerprints table.
const tableName = "fingerprints"

// Schema returns the columns of the fingerprints table: a row is a host.
func Schema() *column.Schema {
	s := &column.Schema{Table: tableName, Version: 1}
	for i := range attributes {
		s.Columns = append(s.Columns, attributes[i].Column)
	}
	for i := range features {
		f := &features[i]
		s.Columns = append(s.Columns, column.Column{Name: f.Name, Type: column.Double, Unit: f.Unit, Doc: f.Doc, Null: f.Null, Group: f.Group})
	}
	return s
}

// attribute is a column that is no feature.
type attribute struct {
	column.Column
	of func(f *Fingerprint) int64 // nil: text
	as func(f *Fingerprint) string
	to func(f *Fingerprint, n int64) error // takes a value back; nil: what follows from others, and the host
}

// number is an attribute that a field of a fingerprint has.
func number(name string, unit column.Unit, doc string, field func(f *Fingerprint) *int64) attribute {
	a := integer(name, unit, doc)
	a.of = func(f *Fingerprint) int64 { return *field(f) }
	a.to = func(f *Fingerprint, n int64) error { *field(f) = n; return nil }
	return a
}

// version is an attribute that says how the others were made.
func version(name, doc string, known int64, to func(f *Fingerprint, n int64) error) attribute {
	a := integer(name, column.None, doc)
	a.of = func(*Fingerprint) int64 { return known }
	a.to = to
	return a
}

func integer(name string, unit column.Unit, doc string) attribute {
	return attribute{Column: column.Column{Name: name, Type: column.Int64, Unit: unit, Role: column.Identity, Group: "host", Doc: doc}}
}

// sameVector refuses other features than those of this build. Other rules are fine: classes
// are made anew.
func sameVector(_ *Fingerprint, n int64) error {
	if n != VectorVersion {
		return fmt.Errorf("%w: vector %d, this build knows %d", ErrVersion, n, VectorVersion)
	}
	return nil
}

func (a attribute) role(r column.Role) attribute { a.Role = r; return a }

// hostAttribute is where the host is among attributes.
const hostAttribute = 0

var attributes = []attribute{
	{
		Column: column.Column{Name: "host", Type: column.Text, Role: column.LeakProne, Group: "host", Doc: "Address of the host."},
		as:     func(f *Fingerprint) string { return f.Host.String() },
	}, {
		Column: column.Column{Name: "classes", Type: column.Text, Role: column.Identity, Group: "host", Doc: "Classes of behaviour by the rules of docs/fingerprint.md, the most telling first, with a space between."},
		as: func(f *Fingerprint) string {
			classes, _ := Classify(f.Vector)
			names := make([]string, len(classes))
			for i, c := range classes {
				names[i] = c.Name
			}
			return strings.Join(names, " ")
		},
	},
	version("vector_version", "Version of the features.", VectorVersion, sameVector),
	version("rules_version", "Version of the rules of classes.", RulesVersion, nil),
	number("window_ns", column.Nanos, "Length of the windows.", func(f *Fingerprint) *int64 { return &f.WindowNanos }),
	number("first_window_ns", column.EpochNano, "Begin of the first window.", func(f *Fingerprint) *int64 { return &f.First }).role(column.Time),
	number("last_window_ns", column.EpochNano, "Begin of the last window.", func(f *Fingerprint) *int64 { return &f.Last }).role(column.Time),
	number("windows", column.Count, "Windows in which the host has a packet.", func(f *Fingerprint) *int64 { return &f.Windows }),
	number("part_rows", column.Count, "Rows beyond one a window, in which distinct counts may count things twice.", func(f *Fingerprint) *int64 { return &f.Parts }),
	number("inexact_rows", column.Count, "Rows in which a distinct count is an estimate.", func(f *Fingerprint) *int64 { return &f.Inexact }),
	number("packets", column.Packets, "Packets in both directions.", func(f *Fingerprint) *int64 { return &f.Packets }),
	number("wire_bytes", column.Bytes, "Wire bytes in both directions.", func(f *Fingerprint) *int64 { return &f.WireBytes }),
	number("flows", column.Count, "Flows in both directions.", func(f *Fingerprint) *int64 { return &f.Flows }),
}

// Append adds a row to a batch of Schema.
func (f *Fingerprint) Append(b *batch.Batch) {
	for i := range attributes {
		v := &b.Vectors[i]
		if a := &attributes[i]; a.of != nil {
			v.Int64 = append(v.Int64, a.of(f))
		} else {
			v.AppendText([]byte(a.as(f)))
		}
	}
	for i, x := range f.Vector {
		v := &b.Vectors[len(attributes)+i]
		v.Float64 = append(v.Float64, x.X)
		if features[i].Null != "" {
			known := byte(0)
			if x.Known {
				known = 1
			}
			v.Valid = append(v.Valid, known)
		}
	}
	b.Rows++
}
