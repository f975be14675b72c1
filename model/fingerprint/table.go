package fingerprint

import (
	"strings"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// Schema returns the columns of the fingerprints table: a row is a host.
func Schema() *column.Schema {
	s := &column.Schema{Table: "fingerprints", Version: 1}
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
}

func identity(name string, unit column.Unit, doc string, of func(f *Fingerprint) int64) attribute {
	return attribute{Column: column.Column{Name: name, Type: column.Int64, Unit: unit, Role: column.Identity, Group: "host", Doc: doc}, of: of}
}

func (a attribute) role(r column.Role) attribute { a.Role = r; return a }

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
	identity("vector_version", column.None, "Version of the features.", func(*Fingerprint) int64 { return VectorVersion }),
	identity("rules_version", column.None, "Version of the rules of classes.", func(*Fingerprint) int64 { return RulesVersion }),
	identity("window_ns", column.Nanos, "Length of the windows.", func(f *Fingerprint) int64 { return f.WindowNanos }),
	identity("first_window_ns", column.EpochNano, "Begin of the first window.", func(f *Fingerprint) int64 { return f.First }).role(column.Time),
	identity("last_window_ns", column.EpochNano, "Begin of the last window.", func(f *Fingerprint) int64 { return f.Last }).role(column.Time),
	identity("windows", column.Count, "Windows in which the host has a packet.", func(f *Fingerprint) int64 { return f.Windows }),
	identity("part_rows", column.Count, "Rows beyond one a window, in which distinct counts may count things twice.", func(f *Fingerprint) int64 { return f.Parts }),
	identity("inexact_rows", column.Count, "Rows in which a distinct count is an estimate.", func(f *Fingerprint) int64 { return f.Inexact }),
	identity("packets", column.Packets, "Packets in both directions.", func(f *Fingerprint) int64 { return f.Packets }),
	identity("wire_bytes", column.Bytes, "Wire bytes in both directions.", func(f *Fingerprint) int64 { return f.WireBytes }),
	identity("flows", column.Count, "Flows in both directions.", func(f *Fingerprint) int64 { return f.Flows }),
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
