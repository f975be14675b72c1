package fingerprint_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/model/fingerprint"
	"pcapmill/outputs/sinktest"
)

// cells are the values of a row by the names of their columns. Columns that are left out
// are 0, and null where they can be.
type cells map[string]any

const (
	minute    = int64(60e9)
	tenMins   = 10 * minute
	monday    = int64(1795240800e9) / tenMins * tenMins
	exactness = "fan_out fan_in out_ports in_ports protocols app_protocols dns_names tls_server_names ja4_prints"
)

// hostsSchema has the columns of the hosts table that fingerprints are made of, and some others.
func hostsSchema() *column.Schema {
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

// hosts makes batches of rows of at most size rows.
func hosts(size int, rows ...cells) []*batch.Batch {
	s := hostsSchema()
	var all []sinktest.Row
	for _, r := range rows {
		all = append(all, rowOf(s, r))
	}
	return sinktest.Batches(s, all, size)
}

func rowOf(s *column.Schema, r cells) sinktest.Row {
	full := cells{"window_start_ns": monday, "window_ns": tenMins, "host": "10.0.0.1"}
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

// built makes fingerprints of rows.
func built(t *testing.T, batches []*batch.Batch, only ...netip.Addr) []*fingerprint.Fingerprint {
	t.Helper()
	b := fingerprint.NewBuilder(fingerprint.DefaultLimits(), only...)
	for _, rows := range batches {
		if err := b.Add(rows); err != nil {
			t.Fatal(err)
		}
	}
	return b.Fingerprints()
}

// one makes the fingerprint of one host.
func one(t *testing.T, rows ...cells) *fingerprint.Fingerprint {
	t.Helper()
	all := built(t, hosts(100, rows...))
	if len(all) != 1 {
		t.Fatalf("%d fingerprints", len(all))
	}
	return all[0]
}

// with returns cells with others in them.
func (c cells) with(name string, v any) cells {
	out := cells{name: v}
	for k, x := range c {
		if k != name {
			out[k] = x
		}
	}
	return out
}

// vector has these features, and does not know the others.
func vector(known map[string]float64) fingerprint.Vector {
	all := fingerprint.Features()
	v := make(fingerprint.Vector, len(all))
	for name, x := range known {
		i := slices.IndexFunc(all, func(f fingerprint.Feature) bool { return f.Name == name })
		v[i] = fingerprint.Value{X: x, Known: true}
	}
	return v
}
