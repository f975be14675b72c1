package labels_test

import (
	"path/filepath"
	"testing"
	"time"

	"pcapmill/bench/labels"
	"pcapmill/bench/sharedtest"
	"pcapmill/datasets/label"
	"pcapmill/datasets/label/source"
)

// replayed are the flows that a capture of a table's rows gives.
func replayed(t *testing.T, conns []labels.Conn) (dataset string, rows []labels.Row) {
	t.Helper()
	dir := t.TempDir()
	capture, dataset := filepath.Join(dir, "replay.pcap"), filepath.Join(dir, "tables")
	if err := labels.Replay(capture, conns); err != nil {
		t.Fatal(err)
	}
	if err := labels.Tables(dataset, capture); err != nil {
		t.Fatal(err)
	}
	rows, err := labels.ReadRows(dataset)
	if err != nil {
		t.Fatal(err)
	}
	return dataset, rows
}

// TestReplayed: labelled tables of others give the flows of a capture that is made of their
// rows the labels of those rows. Where the rows that are one flow disagree, it is ambiguous:
// nfdump has a row for each direction. The configuration of netflowlabeler that made the
// labels of Slips' conn.log gives the same.
func TestReplayed(t *testing.T) {
	dir := filepath.Join(sharedtest.Dir(t), "captures", "labels")
	const slips = "slips/test18-malicious-ctu-sme-11-win__"
	for _, c := range []struct {
		table              string
		read               func(string) ([]labels.Conn, error)
		source             string
		labelled, disputed int
	}{
		{slips + "zeek-labeled__conn.log.labeled", labels.ReadConnLog, slips + "zeek-labeled__conn.log.labeled", 766, 0},
		{slips + "zeek-labeled__conn.log.labeled", labels.ReadConnLog, slips + "labels.config", 766, 0},
		{"netflowlabeler/nfcapd.sample1.labeled", labels.ReadNfdump, "netflowlabeler/nfcapd.sample1.labeled", 24, 2},
	} {
		conns, err := c.read(filepath.Join(dir, c.table))
		if err != nil {
			t.Fatal(err)
		}
		dataset, rows := replayed(t, conns)
		l, err := labels.Label(dataset, source.Options{Zone: time.UTC}, filepath.Join(dir, c.source))
		if err != nil {
			t.Fatal(err)
		}
		labelled, disputed := 0, 0
		for i, said := range labels.Said(rows, conns) {
			if len(said) > 1 && l.Said[i].Outcome == label.Ambiguous {
				disputed++
				continue
			}
			m := &label.Meaning{}
			if l.First[i] != nil {
				m = l.First[i].Meaning
			}
			if got := labels.Detailed(m.Label, m.Category); l.Said[i].Outcome != label.Labelled || len(said) != 1 || got != said[0] {
				t.Errorf("%s: %+v is %v %q, the table says %q", c.source, rows[i], l.Said[i].Outcome, got, said)
			}
			labelled++
		}
		if labelled != c.labelled || disputed != c.disputed {
			t.Errorf("%s: %d labelled, %d disputed", c.source, labelled, disputed)
		}
		for i := range l.Report.Events {
			if e := &l.Report.Events[i]; e.Outcome == label.Unlabelled {
				t.Errorf("%s: event %d: %+v", c.source, i, *e)
			}
		}
	}
}
