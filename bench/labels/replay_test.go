package labels_test

import (
	"os"
	"path/filepath"
	"strings"
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

// TestBinetflow: the published binetflows have empty labels, of which nothing is said. With
// labels of CTU-13's form in them their flows get the classes.
func TestBinetflow(t *testing.T) {
	dir := filepath.Join(sharedtest.Dir(t), "captures", "labels", "slips")
	for _, c := range []struct {
		file string
		rows int
	}{{"test11-portscan.binetflow", 66}, {"test3-mixed.binetflow", 89}} {
		path := filepath.Join(dir, c.file)
		conns, err := labels.ReadBinetflow(path, class)
		if err != nil || len(conns) != c.rows {
			t.Fatalf("%d rows, %v", len(conns), err)
		}
		dataset, rows := replayed(t, conns)
		l, err := labels.Label(dataset, source.Options{Zone: time.UTC}, path)
		if err != nil {
			t.Fatal(err)
		}
		if s := &l.Set.Sources[0]; s.Events != 0 || s.Skipped != int64(c.rows) || l.Report.Unlabelled != int64(len(rows)) {
			t.Errorf("%s: %+v", c.file, *s)
		}
		if l, err = labels.Label(dataset, source.Options{Zone: time.UTC}, filled(t, path, conns)); err != nil {
			t.Fatal(err)
		}
		for i, said := range labels.Said(rows, conns) {
			if l.Said[i].Outcome != label.Labelled || len(said) != 1 || l.Said[i].Label != said[0] {
				t.Errorf("%s: %+v is %v %q, the table says %q", c.file, rows[i], l.Said[i].Outcome, l.Said[i].Label, said)
			}
		}
		for i := range l.Report.Events {
			if e := &l.Report.Events[i]; e.Outcome != label.Labelled {
				t.Errorf("%s: row %d: %+v", c.file, i, *e)
			}
		}
	}
}

// class is made up, and the same for all rows of one tuple.
func class(c *labels.Conn) string {
	if c.Src.Port()%2 == 0 {
		return "Botnet"
	}
	return "Background"
}

// filled copies a binetflow with labels in its last column.
func filled(t *testing.T, path string, conns []labels.Conn) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	for i := range conns {
		lines[i+1] = strings.TrimRight(lines[i+1], "\r") + "flow=From-" + conns[i].Label + "-V1-TCP"
	}
	out := filepath.Join(t.TempDir(), "filled.binetflow")
	if err := os.WriteFile(out, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestPcapML: the comments of pcapML's example, read from the capture that has them, label its
// one connection with the program that made it.
func TestPcapML(t *testing.T) {
	capture := filepath.Join(sharedtest.Dir(t), "captures", "labels", "pcapml__python__tests__data__keyed", "capture.pcapng")
	dataset := filepath.Join(t.TempDir(), "tables")
	if err := labels.Tables(dataset, capture); err != nil {
		t.Fatal(err)
	}
	l, err := labels.Label(dataset, source.Options{}, capture)
	if err != nil {
		t.Fatal(err)
	}
	r := l.Report
	if r.Flows != 1 || r.Labelled != 1 || l.Said[0].Label != "curl" || len(l.Set.Events) != 9 || r.Sources[0].Matched != 9 || l.First[0].Meaning.Campaign != "0" {
		t.Errorf("%+v, %+v, %+v", l.Said, r.Sources, l.First[0].Meaning)
	}
}
