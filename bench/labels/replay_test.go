package labels_test

import (
	"path/filepath"
	"testing"

	"pcapmill/bench/labels"
	"pcapmill/bench/sharedtest"
)

// replayed are the tables of flows that a capture of a table's rows gives.
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

func TestReplay(t *testing.T) {
	dir := filepath.Join(sharedtest.Dir(t), "captures", "labels")
	for _, c := range []struct {
		file string
		read func(string) ([]labels.Conn, error)
	}{
		{"slips/test18-malicious-ctu-sme-11-win__zeek-labeled__conn.log.labeled", labels.ReadConnLog},
		{"netflowlabeler/conn.tab.log", labels.ReadConnLog},
		{"netflowlabeler/nfcapd.sample1.labeled", labels.ReadNfdump},
	} {
		conns, err := c.read(filepath.Join(dir, c.file))
		if err != nil {
			t.Fatal(err)
		}
		_, rows := replayed(t, conns)
		said := labels.Said(rows, conns)
		n := map[int]int{}
		for i := range said {
			n[len(said[i])]++
			if len(said[i]) == 0 {
				t.Log(rows[i])
			}
		}
		t.Log(c.file, len(conns), len(rows), n)
	}
}
