package accuracy_test

import (
	"slices"
	"testing"

	"pcapmill/bench/accuracy"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// What the comparisons of messages with tshark's have in common.

// truthOf returns the rows of a truth table, by capture, that are of one of the kinds; of
// all without any.
func truthOf(t *testing.T, file string, kinds ...string) map[string][]record {
	t.Helper()
	truth := map[string][]record{}
	readTSV(t, func(r record) {
		if len(kinds) == 0 || slices.Contains(kinds, r["kind"]) {
			truth[r["capture"]] = append(truth[r["capture"]], r)
		}
	}, "truth", file)
	return truth
}

// captureTables reads a capture.
func captureTables(t *testing.T, cfg stages.Config, capture string) (accuracy.Tables, *stages.Result) {
	t.Helper()
	tables, result, err := accuracy.RunTables(cfg, accuracy.File(capturePath(t, capture)))
	if err != nil {
		t.Fatal(err)
	}
	return tables, result
}

// readAlike reports whether tshark reads the same packets of a capture.
func readAlike(c record, r *stages.Result) bool {
	return r.Accounting.Read.Packets == c.int("tshark_packets")
}

// allInFlows reports whether each packet is in a flow.
func allInFlows(r *stages.Result) bool { return r.Accounting.By[packet.InFlow] == r.Accounting.Read }

// tally counts the messages that are as tshark has them, and others by the rule that says
// why they are not.
type tally struct {
	equal int
	by    map[string]int
}

// compareFrames compares the messages of a capture, frame by frame, and takes those that
// tshark has too out of rows. It reports whether all are equal. rule is given nil where we
// have no message at the frame.
func compareFrames[F comparable](t *testing.T, n *tally, truth []record, rows map[string]*F, of func(record) F, rule func(got *F, want F) string) bool {
	t.Helper()
	before := n.equal
	for _, r := range truth {
		got, want := rows[r["frame"]], of(r)
		delete(rows, r["frame"])
		if got != nil && *got == want {
			n.equal++
			continue
		}
		why := rule(got, want)
		if n.by[why]++; why == "" {
			t.Errorf("unexplained: %s frame %s:\n got %+v\nwant %+v", r["capture"], r["frame"], got, want)
		}
	}
	return n.equal-before == len(truth)
}
