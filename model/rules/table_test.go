package rules_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/flow"
	"pcapmill/features/record"
	"pcapmill/features/window"
	"pcapmill/model/rules"
	"pcapmill/outputs/parquetfile"
)

// second is one in ns.
const second = int64(1e9)

// cells are the values of a row by column; those that are not named are null, or 0 and ""
// where a column is never null.
type cells map[string]any

// tables returns all that a run can write, with all their columns.
func tables(t testing.TB) []*column.Schema {
	t.Helper()
	flows, err := flow.NewTable([]string{"all"}, flow.AddrBoth)
	if err != nil {
		t.Fatal(err)
	}
	all := []*column.Schema{flows.Schema, record.ErrorsSchema()}
	records, err := record.Schemas(record.Options{Names: record.Names(), Addresses: flow.AddrBoth})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range window.Tables() {
		all = append(all, w.Schema)
	}
	return append(all, records...)
}

func table(t testing.TB, name string) *column.Schema {
	t.Helper()
	all := tables(t)
	at := slices.IndexFunc(all, func(s *column.Schema) bool { return s.Table == name })
	if at < 0 {
		t.Fatalf("no table %s", name)
	}
	return all[at]
}

// part returns the schema of some columns.
func part(s *column.Schema, names []string) *column.Schema {
	p := &column.Schema{Table: s.Table, Version: s.Version}
	for _, name := range names {
		p.Columns = append(p.Columns, s.Columns[s.Index(name)])
	}
	return p
}

// filled makes a batch of the named columns.
func filled(t testing.TB, schema *column.Schema, names []string, rows []cells) *batch.Batch {
	t.Helper()
	b := batch.New(part(schema, names))
	for _, row := range rows {
		for name := range row {
			if schema.Index(name) < 0 {
				t.Fatalf("table %s has no column %s", schema.Table, name)
			}
		}
		for i := range b.Schema.Columns {
			c := &b.Schema.Columns[i]
			appendCell(t, c, &b.Vectors[i], row[c.Name])
		}
		b.Rows++
	}
	return b
}

func appendCell(t testing.TB, c *column.Column, v *batch.Vector, value any) {
	t.Helper()
	if c.Optional() {
		v.Valid = append(v.Valid, 0)
		if value != nil {
			v.Valid[len(v.Valid)-1] = 1
		}
	}
	switch c.Type {
	case column.Int64, column.Timestamp:
		n, _ := value.(int64)
		if i, ok := value.(int); ok {
			n = int64(i)
		}
		v.Int64 = append(v.Int64, n)
	case column.Int32:
		n, _ := value.(int)
		v.Int32 = append(v.Int32, int32(n))
	case column.Double:
		x, _ := value.(float64)
		v.Float64 = append(v.Float64, x)
	case column.String, column.Text, column.Binary:
		s, _ := value.(string)
		v.AppendText([]byte(s))
	case column.ListString:
		words, _ := value.([]string)
		if v.Offsets == nil {
			v.Offsets = []int32{0}
		}
		for _, w := range words {
			v.Codes, v.Dict = append(v.Codes, int32(len(v.Dict))), append(v.Dict, w)
		}
		v.Offsets = append(v.Offsets, int32(len(v.Codes)))
	case column.ListInt32:
		numbers, _ := value.([]int32)
		if v.Offsets == nil {
			v.Offsets = []int32{0}
		}
		v.Int32 = append(v.Int32, numbers...)
		v.Offsets = append(v.Offsets, int32(len(v.Int32)))
	default:
		t.Fatalf("%s: %s", c.Name, c.Type)
	}
}

// input is the rows of a table.
type input struct {
	schema *column.Schema
	rows   []cells
}

// apply runs rules over rows, in batches of a size.
func apply(t testing.TB, all []*rules.Rule, base rules.Baseline, c rules.Config, size int, inputs ...input) *rules.Report {
	t.Helper()
	e, err := rules.New(all, base, c)
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range inputs {
		r, err := e.Open(in.schema)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Columns()) == 0 {
			continue
		}
		for some := range slices.Chunk(in.rows, size) {
			if err := r.Take(context.Background(), filled(t, in.schema, r.Columns(), some)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return e.Finish()
}

// parsed reads a file of one version and some rules.
func parsed(t testing.TB, list string) []*rules.Rule {
	t.Helper()
	all, err := rules.Parse("test.yaml", []byte("version: 1\nrules:\n"+list))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// said writes alerts in short: time in seconds, keys, value, count, rows.
func said(r *rules.Report) []string {
	var all []string
	for i := range r.Alerts {
		a := &r.Alerts[i]
		s := fmt.Sprintf("%s @%d", a.Rule.ID, a.Time/second)
		for _, k := range a.Keys {
			value := k.Value
			if k.Null {
				value = "null"
			}
			s += " " + k.Name + "=" + value
		}
		if a.Value.Known {
			s += fmt.Sprintf(" %v", a.Value.X)
		}
		all = append(all, fmt.Sprintf("%s ×%d of %d", s, a.Count, a.Rows))
	}
	return all
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// written writes the rows of things as a dataset of one table.
func written(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, things.Table), 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, things.Table, "part-00000.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range things.Columns {
		names = append(names, things.Columns[i].Name)
	}
	p, err := parquetfile.NewFile(f, things, parquetfile.DefaultConfig(), nil)
	if err == nil {
		err = errors.Join(p.Write(filled(t, things, names, thingRows)), p.Close(), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
