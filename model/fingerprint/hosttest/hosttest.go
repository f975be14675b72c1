// Package hosttest makes hosts and pairs tables for tests.
package hosttest

import (
	"os"
	"strings"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/window/host"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/sinktest"
)

// Cells are the values of a row by the names of their columns. Columns that are left out
// are null where they can be, else 0; distinct counts are exact.
type Cells map[string]any

// Windows of tests.
const (
	Minute  = int64(60e9)
	TenMins = 10 * Minute
	Begin   = int64(1795240800e9) / TenMins * TenMins // of the first window
)

// Batches makes batches of rows of at most size rows.
func Batches(size int, rows ...Cells) []*batch.Batch {
	return batches(host.HostsSchema(), size, rows)
}

func batches(s *column.Schema, size int, rows []Cells) []*batch.Batch {
	var all []sinktest.Row
	for _, r := range rows {
		all = append(all, rowOf(s, r))
	}
	return sinktest.Batches(s, all, size)
}

func rowOf(s *column.Schema, r Cells) sinktest.Row {
	full := Cells{"window_start_ns": Begin, "window_ns": TenMins, "host": "10.0.0.1", "src_ip": "10.0.0.1", "dst_ip": "10.0.0.2"}
	for i := range s.Columns {
		switch c := &s.Columns[i]; {
		case full[c.Name] != nil || c.Optional():
		case strings.HasSuffix(c.Name, "_exact"):
			full[c.Name] = 1
		default:
			full[c.Name] = 0
		}
	}
	for name, v := range r {
		full[name] = v
	}
	row := make(sinktest.Row, len(s.Columns))
	for i := range s.Columns {
		switch v := full[s.Columns[i].Name].(type) {
		case int:
			if row[i] = any(int64(v)); s.Columns[i].Type == column.Double {
				row[i] = float64(v)
			}
		default:
			row[i] = v
		}
	}
	return row
}

// WriteFile writes rows as one part of a hosts table.
func WriteFile(path string, rows ...Cells) error { return write(path, host.HostsSchema(), rows) }

// WritePairs writes rows as one part of a pairs table.
func WritePairs(path string, rows ...Cells) error { return write(path, host.PairsSchema(), rows) }

func write(path string, s *column.Schema, rows []Cells) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // closed below where it matters
	p, err := parquetfile.NewFile(f, s, parquetfile.DefaultConfig(), nil)
	if err != nil {
		return err
	}
	for _, b := range batches(s, 100, rows) {
		if err := p.Write(b); err != nil {
			return err
		}
	}
	if err := p.Close(); err != nil {
		return err
	}
	return f.Close()
}
