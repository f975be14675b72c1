package labels_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pcapmill/bench/labels"
	"pcapmill/bench/sharedtest"
	"pcapmill/datasets/label"
	"pcapmill/datasets/label/match"
	"pcapmill/datasets/label/source"
)

// alerted are the shared captures that Suricata's output is of.
type alerted struct {
	name, capture, eve, fast, dataset string
}

func alertedCaptures(t *testing.T) (list []alerted) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(sharedtest.Dir(t), "captures", "labels", "*", "capture.pcap*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, capture := range found {
		dir := filepath.Dir(capture)
		a := alerted{name: filepath.Base(dir), capture: capture, fast: filepath.Join(dir, "fast.log"), dataset: filepath.Join(t.TempDir(), "tables")}
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

	if err := labels.Tables(c.dataset, c.capture); err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	rows, err := labels.ReadRows(c.dataset)
	if err != nil {
		t.Fatal(err)
	}
	return alerts, packets, rows
}

// TestAlerts: the captures themselves say of every alert which one flow it is about, but for one
// whose packet is in none, and eve.json and fast.log label exactly those flows. What matches none
// is listed with the reason in docs/labels-accuracy.md.
func TestAlerts(t *testing.T) {
	total, none := 0, 0
	var table strings.Builder
	table.WriteString("| capture | alerts | matched | behind the end | flows labelled | ambiguous | unmatched |\n|---|--:|--:|--:|--:|--:|---|\n")
	for _, c := range alertedCaptures(t) {
		alerts, packets, rows := readAlerted(t, c)
		if len(alerts) == 0 {
			continue // of these there are records of flows alone
		}
		total += len(alerts)
		none += flowless(t, c.name, alerts, packets, rows)
		var lines [2]string
		for k, file := range []string{c.eve, c.fast} {
			l, err := labels.Label(c.dataset, source.Options{Zone: time.UTC}, file)
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			checkAlerts(t, file, l, alerts, packets, rows)
			lines[k] = outcomeOf(l)
		}
		if lines[0] != lines[1] && c.name != "sv__enip-keywords" { // of which eve.json alone says when the flow began
			t.Errorf("%s: eve.json %s, fast.log %s", c.name, lines[0], lines[1])
		}
		fmt.Fprintf(&table, "| %s | %d | %s |\n", c.name, len(alerts), lines[0])
	}
	golden(t, "alerts", table.String())
	if total != 941 || none != 1 {
		t.Errorf("%d alerts, %d of no flow", total, none)
	}
}

// flowless returns how many alerts are about no flow.
func flowless(t *testing.T, capture string, alerts []labels.Alert, packets labels.Packets, rows []labels.Row) (none int) {
	t.Helper()
	for _, a := range alerts {
		flows, carried := a.Flows(packets, rows)
		if len(flows) == 1 && carried {
			continue
		}
		if none++; capture != "sv__sctp-pkt-too-small" || len(flows) > 0 {
			t.Errorf("%s, line %d: %d flows, in its packet %v", capture, a.Line, len(flows), carried)
		}
	}
	return none
}

// checkAlerts compares the flows that events label with those that the capture says.
func checkAlerts(t *testing.T, file string, l *labels.Labelling, alerts []labels.Alert, packets labels.Packets, rows []labels.Row) {
	t.Helper()
	checkScans(t, file, l.Report)
	if len(l.Set.Events) != len(alerts) {
		t.Fatalf("%s: %d events of %d alerts", file, len(l.Set.Events), len(alerts))
	}
	for i, a := range alerts {
		want, _ := a.Flows(packets, rows)
		e := &l.Report.Events[i]
		for _, row := range want {
			checkCommunity(t, file, &l.Set.Events[i], &rows[row])
		}
		if e.Outcome == label.Unlabelled && e.Miss != nil && len(l.Events[int32(i)]) == 0 && (a.Packet == 0 || len(want) == 0) {
			continue // it is listed
		}
		if !slices.Equal(want, l.Events[int32(i)]) || e.Outcome != label.Labelled || e.FlowID != rows[want[0]].FlowID {
			t.Errorf("%s, alert %d: rows %v, %+v; the capture says %v", file, i, l.Events[int32(i)], *e, want)
		}
	}
}

// checkScans: the times of alerts are right, so no other ones are advised.
func checkScans(t *testing.T, file string, r *match.Report) {
	t.Helper()
	for _, scan := range r.Scans {
		if scan.Clear {
			t.Errorf("%s: the scan would move alerts by %v", file, scan.Offsets[scan.Best].Shift)
		}
	}
}

// checkCommunity: a flow has the community_id that Suricata gives the alert.
func checkCommunity(t *testing.T, file string, e *label.Event, r *labels.Row) {
	t.Helper()
	// Of a host that talks with itself Suricata does not put the lower port first, as the specification has it.
	if e.Community != "" && e.Community != r.Community && r.Src != r.Dst {
		t.Errorf("%s:%d: community_id %s, and of its flow %s", file, e.Line, e.Community, r.Community)
	}
}

// outcomeOf is what became of a capture's alerts, as cells.
func outcomeOf(l *labels.Labelling) string {
	matched, behind, misses := 0, 0, []string{}
	for i := range l.Report.Events {
		e := &l.Report.Events[i]
		if e.Outcome == label.Labelled {
			matched++
		}
		if e.Outcome == label.Labelled && e.Distance < 0 {
			behind++
		}
		if m := e.Miss; m != nil {
			misses = append(misses, fmt.Sprintf("%v, %v", m.Fields, time.Duration(m.Distance)))
		}
	}
	r := l.Report
	return fmt.Sprintf("%d | %d | %d | %d | %s", matched, behind, r.Labelled, r.Ambiguous, strings.Join(misses, "; "))
}
