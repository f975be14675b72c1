// Package hosttest makes hosts tables for tests, with the columns that fingerprints are
// made of and some others.
package hosttest

import (
	"os"
	"strings"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/sinktest"
)

// Cells are the values of a row by the names of their columns. Columns that are left out
// are 0, and null where they can be.
type Cells map[string]any

// Windows of tests.
const (
	Minute  = int64(60e9)
	TenMins = 10 * Minute
	Begin   = int64(1795240800e9) / TenMins * TenMins // of the first window
)

const exactness = "fan_out fan_in out_ports in_ports protocols app_protocols dns_names tls_server_names ja4_prints"

// Schema has the columns of the hosts table that fingerprints are made of, and some others.
func Schema() *column.Schema {
	s := &column.Schema{Table: "hosts", Version: 1}
	add := func(t column.Type, null, names string) {
		for _, name := range strings.Fields(names) {
			s.Columns = append(s.Columns, column.Column{Name: name, Type: t, Doc: "d", Null: null})
		}
	}
	add(column.Int64, "", "window_start_ns window_ns")
	add(column.Int32, "one sequence", "capture_id")
	add(column.Int32, "", "part_no")
	add(column.String, "", "host")
	add(column.Int64, "", "out_packets in_packets out_wire_bytes in_wire_bytes active_seconds out_flows in_flows failed_out_flows failed_in_flows fan_out fan_in out_ports in_ports protocols")
	add(column.Int64, "not read", "app_protocols dns_queries dns_responses dns_nxdomain dns_names tls_hellos tls_server_names ja4_prints")
	add(column.Double, "unknown", "gap_mean_ns gap_std_ns gap_cv burst_score period_s periodicity_score spectral_dominance regularity dns_name_entropy_bits")
	for _, name := range strings.Fields(exactness) {
		add(column.Int32, "not read", name+"_exact")
	}
	return s
}

// Batches makes batches of rows of at most size rows.
func Batches(size int, rows ...Cells) []*batch.Batch {
	s := Schema()
	var all []sinktest.Row
	for _, r := range rows {
		all = append(all, rowOf(s, r))
	}
	return sinktest.Batches(s, all, size)
}

func rowOf(s *column.Schema, r Cells) sinktest.Row {
	full := Cells{"window_start_ns": Begin, "window_ns": TenMins, "host": "10.0.0.1"}
	for i := range s.Columns {
		if c := &s.Columns[i]; full[c.Name] == nil && !c.Optional() {
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

// WriteFile writes rows as one part of a table.
func WriteFile(path string, rows ...Cells) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // closed below where it matters
	p, err := parquetfile.NewFile(f, Schema(), parquetfile.DefaultConfig(), nil)
	if err != nil {
		return err
	}
	for _, b := range Batches(100, rows...) {
		if err := p.Write(b); err != nil {
			return err
		}
	}
	if err := p.Close(); err != nil {
		return err
	}
	return f.Close()
}
