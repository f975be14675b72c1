package buildtest

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/datasets/folder"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/parts"
	"pcapmill/outputs/publish"
)

// Tool is what the folders say that they were written by.
func Tool() manifest.Tool { return manifest.Tool{Name: "pcapmill", Version: "test"} }

// Table is a table to be written: its rows in order, values by column.
type Table struct {
	Schema *column.Schema
	Rows   [][]any // int64, int32, float64, string or []string; nil: null
}

// Batch returns rows from one to another.
func (t *Table) Batch(from, to int) *batch.Batch {
	b := batch.New(t.Schema)
	for _, row := range t.Rows[from:to] {
		for i, value := range row {
			put(&b.Vectors[i], &t.Schema.Columns[i], value)
		}
		b.Rows++
	}
	return b
}

func put(v *batch.Vector, c *column.Column, value any) {
	valid := byte(1)
	if value == nil {
		valid = 0
		value = map[column.Type]any{column.Int64: int64(0), column.Int32: int32(0), column.Double: 0.0, column.String: "", column.Text: "", column.Binary: ""}[c.Type]
	}
	if c.Optional() {
		v.Valid = append(v.Valid, valid)
	}
	switch x := value.(type) {
	case int64:
		v.Int64 = append(v.Int64, x)
	case int32:
		v.Int32 = append(v.Int32, x)
	case float64:
		v.Float64 = append(v.Float64, x)
	case string:
		v.AppendText([]byte(x))
	default:
		panic(fmt.Sprintf("%s: %T", c.Name, value))
	}
}

// Run writes the folder of a run over so many captures, whose tables are in parts of so many
// rows.
func Run(t testing.TB, dir string, captures, partRows int, tables ...*Table) string {
	t.Helper()
	plan := strings.Repeat("ab", 32)
	d, _, err := publish.Open(dir, publish.Owner{PlanID: plan, RunKey: manifest.RunKey(plan, nil)})
	if err != nil {
		t.Fatal(err)
	}
	m := &manifest.Manifest{PlanID: plan, Tool: Tool(), Options: map[string]string{}, SelfChecks: []manifest.SelfCheck{}, NotProcessed: []manifest.NotProcessed{}, Inputs: []manifest.Input{}}
	var sums []string
	for i := range captures {
		in := manifest.Input{SHA256: fmt.Sprintf("%064x", i+1), Bytes: 24, Format: "pcap", Outcome: manifest.Complete, Packets: int64(i), Interfaces: []manifest.Interface{}}
		in.Path, in.PathHex = manifest.EncodePath(fmt.Sprintf("%s/capture-%d.pcap", filepath.Base(dir), i))
		m.Inputs, sums = append(m.Inputs, in), append(sums, in.SHA256)
	}
	m.RunID = manifest.RunID(plan, sums)
	for _, table := range tables {
		f, err := d.Table(table.Schema.Table)
		if err != nil {
			t.Fatal(err)
		}
		c := parquetfile.DefaultConfig()
		c.PartRows = partRows
		w := parts.New(f, table.Schema, parts.Config{Format: parts.Parquet, Parquet: c})
		if err := errors.Join(w.Write(table.Batch(0, len(table.Rows))), w.Close()); err != nil {
			t.Fatal(err)
		}
		m.Tables = append(m.Tables, w.Entry())
	}
	if err := d.Finish(m, &manifest.Execution{}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Labels writes the folder of labels of runs.
func Labels(t testing.TB, dir string, options map[string]string, runs []string, tables ...*Table) string {
	t.Helper()
	var sources []folder.Source
	for _, run := range runs {
		o, err := folder.Open(run)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, o.Source("tables"))
	}
	f, err := folder.Create(dir, folder.Spec{Kind: "labels", Options: options, Sources: sources, Tool: Tool(), Parquet: parquetfile.DefaultConfig()})
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		w, err := f.Table(table.Schema, "", "")
		if err == nil {
			err = errors.Join(w.Write(table.Batch(0, len(table.Rows))), w.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Finish(nil); err != nil {
		t.Fatal(err)
	}
	return dir
}
