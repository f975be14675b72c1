package accuracy_test

import (
	"testing"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/traffic"
)

// TestHours: of generated hours, unchanged and changed in each way, the records are as
// many as the messages, and the flows as many as the conversations, each as long as
// it was written and with what was said.
func TestHours(t *testing.T) {
	n, err := traffic.NewNetwork(traffic.DefaultNetworkConfig())
	if err != nil {
		t.Fatal(err)
	}
	for k := range traffic.NumChanges {
		w := &collector{}
		truth, err := n.Hour(writer(w.keep), 3, 13+int(k), traffic.DefaultChange(k))
		if err != nil {
			t.Fatal(err)
		}
		cfg := uncut()
		cfg.Streams.Bytes = 64 << 20 // all of each stream: HTTP goes on in it
		tables, _, err := accuracy.RunTables(cfg, &accuracy.Packets{List: w.list, Block: 2000})
		if err != nil {
			t.Fatal(err)
		}
		compareMessages(t, tables, &truth.Messages)
		compareMissing(t, tables["dns"], truth.Lookups, truth.Missing)
		compareConversations(t, tables["flows"], truth.Conversations)
	}
}

// compareMissing counts the answers to lookups and those that say NXDOMAIN.
func compareMissing(t *testing.T, table *accuracy.Table, lookups, missing int64) {
	t.Helper()
	var answers, failed int64
	for row := range table.Rows {
		if table.Int("response", row) == 0 {
			continue
		}
		answers++
		if table.Int("rcode", row) == 3 {
			failed++
		}
	}
	if answers != lookups || failed != missing {
		t.Errorf("%d of %d answers say NXDOMAIN, truth has %d of %d", failed, answers, missing, lookups)
	}
}

// compareConversations compares the rows with the conversations.
func compareConversations(t *testing.T, flows *accuracy.Table, conversations []traffic.HourFlow) {
	t.Helper()
	if flows.Rows != len(conversations) {
		t.Errorf("%d flows, %d conversations", flows.Rows, len(conversations))
	}
	truth := map[flowTuple]traffic.FlowTruth{}
	for i := range conversations {
		f := &conversations[i].FlowTruth
		truth[flowTuple{f.Src.String(), f.Dst.String(), int64(f.SrcPort), int64(f.DstPort), f.Proto}] = *f
	}
	if compared := compareSaid(t, flows, truth); compared < 300 {
		t.Errorf("only %d flows compared", compared)
	}
	for row := range flows.Rows {
		f, ok := truth[flowTuple{
			flows.Text("src_ip", row), flows.Text("dst_ip", row), flows.Int("src_port", row), flows.Int("dst_port", row),
			uint8(flows.Int("protocol", row)),
		}]
		if !ok {
			t.Fatalf("flow of row %d was not written", row)
		}
		got := [4]int64{flows.Int("start_ns", row), flows.Int("duration_ns", row), flows.Int("fwd_wire_bytes", row), flows.Int("rev_wire_bytes", row)}
		want := [4]int64{int64(f.FirstNs), int64(f.LastNs - f.FirstNs), f.FwdWireBytes, f.RevWireBytes}
		if got != want || flows.Text("conn_state", row) != f.State {
			t.Fatalf("%v, %s: %+v", got, flows.Text("conn_state", row), f)
		}
	}
}
