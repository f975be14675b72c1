package main

import (
	"cmp"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/model/baseline"
	"pcapmill/outputs/parquetfile"
)

// firstWindow is the place of the first window of a table in a day: 10 o'clock.
const firstWindow = 60

// tables writes a table of hosts with so many windows of each, from 10 o'clock on the day
// behind that of a baseline, by window and address as run does.
func tables(a *arguments) (numbers map[string]float64, err error) {
	schema, err := a.schema()
	if err != nil {
		return nil, err
	}
	table, err := baseline.TableOf(schema)
	if err != nil {
		return nil, err
	}
	p, err := simulate(table.Features)
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(a.output, schema.Table)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	f, err := os.Create(filepath.Join(folder, "part-00000.parquet"))
	if err != nil {
		return nil, err
	}
	defer func() { err = cmp.Or(err, f.Close()) }()
	w, err := parquetfile.NewFile(f, schema, parquetfile.DefaultConfig(), nil)
	if err != nil {
		return nil, err
	}
	t := writer{schema: schema, file: w, batch: batch.New(schema), day: int64(a.day) * nanosPerDay}
	if err := t.all(p, table.Features, a); err != nil {
		return nil, err
	}
	return map[string]float64{"rows": float64(a.hosts * a.windows)}, nil
}

type writer struct {
	schema *column.Schema
	file   *parquetfile.File
	batch  *batch.Batch
	places []int // of the columns among the values of a row, -1 where there are none
	day    int64
	rows   int
}

func (t *writer) all(p pool, features []baseline.Feature, a *arguments) error {
	for i := range t.schema.Columns {
		name := t.schema.Columns[i].Name
		t.places = append(t.places, slices.IndexFunc(features, func(f baseline.Feature) bool { return f.Name == name }))
	}
	order := make([]netip.Addr, a.hosts)
	for i := range order {
		order[i] = address(a.from + i)
	}
	for window := range a.windows {
		for i, host := range order {
			r := p.of(a.from+i, 1)[firstWindow+window]
			r.Host, r.Start = host, r.Start+t.day
			t.add(&r)
			if t.batch.Rows == 1<<14 {
				if err := t.flush(); err != nil {
					return err
				}
			}
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	return t.file.Close()
}

func (t *writer) flush() error {
	err := t.file.Write(t.batch)
	t.batch.Reset()
	return err
}

// add adds a row.
func (t *writer) add(r *baseline.Row) {
	t.batch.Rows++
	for i := range t.schema.Columns {
		c, v := &t.schema.Columns[i], &t.batch.Vectors[i]
		if at := t.places[i]; at >= 0 {
			put(v, c, r.Values[at]*t.unlike(c), r.Known[at])
			continue
		}
		switch c.Name {
		case "window_start_ns":
			put(v, c, 0, true)
			v.Int64[len(v.Int64)-1] = r.Start
		case "window_start":
			put(v, c, 0, true)
			v.Int64[len(v.Int64)-1] = r.Start / 1000
		case "window_ns":
			put(v, c, 600e9, true)
		case "part_no":
			put(v, c, 0, true)
		case "host":
			v.AppendText(r.Host.AppendTo(nil))
		default:
			put(v, c, 0, !c.Optional())
		}
	}
}

// unlike is next to 1, and makes real numbers differ as they do in a network.
func (t *writer) unlike(c *column.Column) float64 {
	if c.Type != column.Double {
		return 1
	}
	t.rows++
	return 1 + float64(t.rows)/(1<<50)
}

// put appends a number.
func put(v *batch.Vector, c *column.Column, x float64, known bool) {
	if !known {
		x = 0
	}
	switch c.Type {
	case column.Int64, column.Timestamp:
		v.Int64 = append(v.Int64, int64(x))
	case column.Int32:
		v.Int32 = append(v.Int32, int32(x))
	case column.Double:
		v.Float64 = append(v.Float64, x)
	default:
		panic(fmt.Sprintf("column %s of type %v", c.Name, c.Type))
	}
	if c.Optional() {
		valid := byte(0)
		if known {
			valid = 1
		}
		v.Valid = append(v.Valid, valid)
	}
}
