package labels_test

import (
	"path/filepath"
	"testing"

	"pcapmill/bench/labels"
	"pcapmill/bench/sharedtest"
)

// alerted are the shared captures that Suricata's output is of.
type alerted struct {
	name, capture, eve, fast string
}

func alertedCaptures(t *testing.T) (list []alerted) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(sharedtest.Dir(t), "captures", "labels", "*", "capture.pcap*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, capture := range found {
		dir := filepath.Dir(capture)
		a := alerted{name: filepath.Base(dir), capture: capture, fast: filepath.Join(dir, "fast.log")}
		eve, err := filepath.Glob(filepath.Join(dir, "eve*.json"))
		if err != nil {
			t.Fatal(err)
		}
		if len(eve) == 1 {
			a.eve = eve[0]
			list = append(list, a)
		}
	}
	if len(list) != 53 {
		t.Fatalf("%d captures with alerts", len(list))
	}
	return list
}

// TestOracle: the captures themselves say of every alert which one flow it is about, but for
// one whose packet is in none.
func TestOracle(t *testing.T) {
	total, none := 0, 0
	for _, c := range alertedCaptures(t) {
		alerts, packets, rows := readAlerted(t, c)
		total += len(alerts)
		for _, a := range alerts {
			flows, carried := a.Flows(packets, rows)
			if len(flows) == 1 && carried {
				continue
			}
			if none++; c.name != "sv__sctp-pkt-too-small" || len(flows) > 0 {
				t.Errorf("%s, line %d: %d flows, in its packet %v", c.name, a.Line, len(flows), carried)
			}
		}
	}
	if total != 941 || none != 1 {
		t.Errorf("%d alerts, %d of no flow", total, none)
	}
}

// readAlerted reads what is known of a capture, and its tables.
func readAlerted(t *testing.T, c alerted) ([]labels.Alert, labels.Packets, []labels.Row) {
	t.Helper()
	alerts, err := labels.ReadAlerts(c.eve)
	if err != nil {
		t.Fatal(err)
	}
	packets, err := labels.ReadPackets(c.capture)
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	dataset := filepath.Join(t.TempDir(), "tables")
	if err := labels.Tables(dataset, c.capture); err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	rows, err := labels.ReadRows(dataset)
	if err != nil {
		t.Fatal(err)
	}
	return alerts, packets, rows
}
