package accuracy_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"pcapmill/bench/accuracy"
	"pcapmill/features/flow"
	records "pcapmill/features/record"
	"pcapmill/features/window"
	"pcapmill/stages"
)

// tablesOf runs the data path and returns all tables.
func tablesOf(t *testing.T, cfg stages.Config, inputs ...stages.Input) accuracy.Tables {
	t.Helper()
	tables, _, err := accuracy.RunTables(cfg, inputs...)
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

// TestRecordsDependOnPacketsOnly holds that neither shards nor blocks nor cuts of the
// capture show in the tables of records, and that these change no flow.
func TestRecordsDependOnPacketsOnly(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	rows := 0
	loadSample(t, 31, func(t *testing.T, c record, p *accuracy.Packets) {
		p.Err = nil
		cfg := everything()
		want := tablesOf(t, cfg, p)
		for _, workers := range []int{2, 3, 8} {
			in := *p
			cfg.Workers, in.Block = workers, []int{3, 7, 1000}[rng.IntN(3)]
			got := tablesOf(t, cfg, &in)
			for _, name := range records.Names() {
				if got[name].Hash() != want[name].Hash() {
					t.Errorf("%s: %s with %d workers, blocks of %d: %v", c["capture"], name, workers, in.Block, sameRows(want[name], got[name]))
				}
			}
		}
		cfg.Workers = 1
		got := tablesOf(t, cfg, cut(rng, p, 1+rng.IntN(20))...)
		for _, name := range records.Names() {
			rows += want[name].Rows
			if err := sameRows(want[name], got[name], "capture_id", "packet_index", "request_capture_id", "request_packet_index"); err != nil {
				t.Errorf("%s: %s, cut: %v", c["capture"], name, err)
			}
		}
		cfg.Records, cfg.Windows = []string{records.None}, []string{window.None}
		none := tablesOf(t, cfg, p)
		if err := sameRows(want["flows"], none["flows"], spoken()...); len(none) != 2 || err != nil {
			t.Errorf("%s: without records there are %d tables, not flows and errors; flows: %v", c["capture"], len(none), err)
		}
	})
	if rows == 0 {
		t.Error("no records in any capture")
	}
}

// spoken are the columns of flows that come from records.
func spoken() []string {
	table, err := flow.NewTable([]string{"all"}, flow.AddrText)
	if err != nil {
		panic(err)
	}
	var names []string
	for _, c := range table.Schema.Columns {
		if c.Group == "application" || c.Group == "streams" {
			names = append(names, c.Name)
		}
	}
	return names
}

// TestRecordsBelongToFlows holds that each record names a flow of its endpoints that
// was open at its time.
func TestRecordsBelongToFlows(t *testing.T) {
	loadSample(t, 31, func(t *testing.T, c record, p *accuracy.Packets) {
		tables := tablesOf(t, everything(), p)
		flows := tables["flows"]
		at := map[int64]int{}
		for row := range flows.Rows {
			at[flows.Int("flow_id", row)] = row
		}
		for _, name := range records.Names() {
			r := tables[name]
			for row := range r.Rows {
				f, known := at[r.Int("flow_id", row)]
				if !known {
					t.Fatalf("%s: %s row %d: no flow %d", c["capture"], name, row, r.Int("flow_id", row))
				}
				src, dst := fmt.Sprint(r.Text("src_ip", row), r.Int("src_port", row)), fmt.Sprint(r.Text("dst_ip", row), r.Int("dst_port", row))
				if r.Text("direction", row) == "rev" {
					src, dst = dst, src
				}
				if fsrc, fdst := fmt.Sprint(flows.Text("src_ip", f), flows.Int("src_port", f)), fmt.Sprint(flows.Text("dst_ip", f), flows.Int("dst_port", f)); src != fsrc || dst != fdst {
					t.Errorf("%s: %s row %d is from %s to %s in a flow from %s to %s", c["capture"], name, row, src, dst, fsrc, fdst)
				}
				if ns := r.Int("time_ns", row); ns > flows.Int("end_ns", f) && flows.Int("late_packets", f) == 0 {
					t.Errorf("%s: %s row %d at %d is after its flow's end", c["capture"], name, row, ns)
				}
			}
		}
	})
}
