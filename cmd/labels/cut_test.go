package labels_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pcapmill/datasets/rows"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/tables"
)

// demoFlows are the flows of the demo.
func demoFlows(t *testing.T) *batch.Batch {
	t.Helper()
	var c *rows.Copier
	var names []string
	pick := func(s *column.Schema) ([]string, error) {
		c = rows.NewCopier(s)
		for i := range s.Columns {
			names = append(names, s.Columns[i].Name)
		}
		return names, nil
	}
	err := tables.Read(context.Background(), filepath.Join(demoDir(t), "out", "flows"), pick, func(b *batch.Batch) error {
		c.Add(b, stretch(0, b.Rows))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return c.To
}

// stretch is the numbers from lo and before hi.
func stretch(lo, hi int) (list []int32) {
	for i := lo; i < hi; i++ {
		list = append(list, int32(i))
	}
	return list
}

// cut writes flows as a table whose parts end before the given rows; parts may be empty.
func cut(dir string, flows *batch.Batch, ends []int) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	lo := 0
	for i, hi := range append(ends, flows.Rows) {
		c := rows.NewCopier(flows.Schema)
		c.Add(flows, stretch(lo, hi))
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("part-%05d.parquet", i)))
		if err != nil {
			return err
		}
		out, err := parquetfile.NewFile(f, flows.Schema, parquetfile.DefaultConfig(), nil)
		if err != nil {
			return err
		}
		if err := errors.Join(out.Write(c.To), out.Close(), f.Close()); err != nil {
			return err
		}
		lo = hi
	}
	return nil
}

// everyKind are sources that say something of the demo's flows in ways that are matched apart:
// by rules with conditions and attempts, as events at an instant and over a time, and by flow_id.
func everyKind(t *testing.T, flows *batch.Batch) []string {
	t.Helper()
	alerts := eve("2026-03-02T09:00:30.000000+0000", "") + eve("2026-03-02T12:00:30.000000+0000", "")
	log := "#separator \\x09\n#path\tconn\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tduration\tlabel\tdetailedlabel\n" +
		"#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tinterval\tstring\tstring\n" +
		"1772442030.000000\tC1\t203.0.113.66\t33000\t192.0.2.20\t1\ttcp\t1.0\tMalicious\tscan\n"
	return []string{"testdata/demo.yaml", file(t, "eve.json", alerts), file(t, "conn.log", log), scored(t, flows)}
}

// scored is a table that says something of every seventh flow.
func scored(t *testing.T, flows *batch.Batch) string {
	t.Helper()
	schema := &column.Schema{Table: "scores", Version: 1, Columns: []column.Column{
		{Name: "flow_id", Type: column.Int64, Doc: "As of flows."}, {Name: "label", Type: column.String, Doc: "What is said."}, {Name: "score", Type: column.Double, Doc: "How surely."},
	}}
	b := batch.New(schema)
	ids := flows.Vectors[flows.Schema.Index("flow_id")].Int64
	for i := 0; i < len(ids); i += 7 {
		b.Rows++
		b.Vectors[0].Int64 = append(b.Vectors[0].Int64, ids[i])
		b.Vectors[1].AppendText([]byte("odd"))
		b.Vectors[2].Float64 = append(b.Vectors[2].Float64, float64(1+i%9)/10)
	}
	dir := t.TempDir()
	if err := cut(dir, b, nil); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "part-00000.parquet")
}

// TestCuts: labels have the same bytes for any number of workers and any cut of the flows table
// into parts, by sources of every kind.
func TestCuts(t *testing.T) {
	flows := demoFlows(t)
	l := label(t, everyKind(t, flows)...)
	l.Source.Zone = time.UTC
	base := t.TempDir()
	run := func(n int, ends []int, workers int) (map[string]string, error) {
		l := l
		l.Tables, l.Out, l.Match.Workers = filepath.Join(base, fmt.Sprint(n), "flows"), filepath.Join(base, fmt.Sprint(n), "labels"), workers
		if err := cut(l.Tables, flows, ends); err != nil {
			return nil, err
		}
		if _, err := l.Run(context.Background()); err != nil {
			return nil, err
		}
		all := files(t, l.Out)
		m, err := manifest.Read(strings.NewReader(all[manifest.Name]))
		if err != nil {
			return nil, err
		}
		delete(all, manifest.Name)
		for name := range all { // the plan says what parts the flows have
			all[name] = strings.ReplaceAll(all[name], m.PlanID, "plan")
		}
		return all, nil
	}
	want, err := run(0, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"port scan", "Scan", "Malicious", "odd"} {
		if !strings.Contains(want["coverage.json"], name) {
			t.Errorf("no source says %s", name)
		}
	}
	for n := 1; n <= 12; n++ {
		random := rand.New(rand.NewPCG(uint64(n), 0))
		var ends []int
		for range random.IntN(7) {
			ends = append(ends, random.IntN(flows.Rows+1))
		}
		slices.Sort(ends)
		got, err := run(n, ends, 1+n%5)
		if err != nil {
			t.Fatal(ends, err)
		}
		for name, data := range want {
			if got[name] != data {
				t.Errorf("cut at %v, %d workers: %s has other bytes", ends, 1+n%5, name)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d files, and in one part %d", len(got), len(want))
		}
	}
}
