package labels_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pcapmill/bench/labels"
	"pcapmill/bench/sharedtest"
	"pcapmill/datasets/label"
	"pcapmill/datasets/label/source"
)

// truth is what became of the alerts of all reference captures.
type truth struct {
	matched int
	behind  time.Duration // the most that one comes after its flow
	listed  []string      // those that are about no flow, with the reason
}

// TestTruthAlerts: the alerts of all reference captures, written as Suricata writes them, come to
// the flow that their packet shows, or where Suricata names none to one of their tuple.
func TestTruthAlerts(t *testing.T) {
	if !sharedtest.Accept() {
		t.Skip("163 captures: PCAPMILL_ACCEPT=1 runs them")
	}
	shared := sharedtest.Dir(t)
	of := alertsByCapture(t, filepath.Join(shared, "truth", "suricata_alerts.jsonl.gz"))
	var all truth
	for _, name := range slices.Sorted(maps.Keys(of)) {
		dir := t.TempDir()
		c := alerted{name: name, capture: filepath.Join(shared, "captures", name), eve: filepath.Join(dir, "eve.json"), dataset: filepath.Join(dir, "tables")}
		if err := os.WriteFile(c.eve, of[name], 0o600); err != nil {
			t.Fatal(err)
		}
		all.add(t, c)
	}
	slices.Sort(all.listed)
	// The capture of jabber is joined of several: Suricata gives a connection up when it has come
	// to the next, and says so of its last alerts.
	want := []string{"protocols/xmpp/ndpi__jabber.pcap 1:2100230 time", "protocols/xmpp/ndpi__jabber.pcap 1:2100233 time", "protocols/xmpp/ndpi__jabber.pcap 1:2100236 time"}
	if all.matched != 1804 || all.behind != 671_972_952*time.Microsecond || !slices.Equal(all.listed, want) {
		t.Errorf("%d matched, at most %v after their flows; without a flow %q", all.matched, all.behind, all.listed)
	}
}

// add matches the alerts of a capture.
func (y *truth) add(t *testing.T, c alerted) {
	t.Helper()
	alerts, packets, rows := readAlerted(t, c)
	l, err := labels.Label(c.dataset, source.Options{Zone: time.UTC}, c.eve)
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	checkScans(t, c.name, l.Report)
	for i := range alerts {
		a, e, r := &alerts[i], &l.Set.Events[i], &l.Report.Events[i]
		found := l.Events[int32(i)]
		if r.Outcome != label.Labelled || len(found) != 1 {
			why := fmt.Sprintf("%d flows", r.Flows)
			if r.Miss != nil {
				why = r.Miss.Fields.String()
			}
			y.listed = append(y.listed, fmt.Sprintf("%s %s %s", c.name, e.ID, why))
			continue
		}
		y.matched++
		y.behind = max(y.behind, time.Duration(-r.Distance))
		row := &rows[found[0]]
		checkCommunity(t, c.name, e, row)
		if want, _ := a.Flows(packets, rows); a.Packet > 0 && !slices.Equal(want, found) {
			t.Errorf("%s:%d: %s is on row %d, the capture says %v", c.name, e.Line, e.ID, found[0], want)
		} else if !a.Of(row) || e.Depth >= 0 && e.Depth != row.Depth {
			t.Errorf("%s:%d: %s is on %+v", c.name, e.Line, e.ID, *row)
		}
	}
}

// alertsByCapture returns the lines of eve.json for each capture.
func alertsByCapture(t *testing.T, path string) map[string][]byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	of := make(map[string][]byte)
	lines := bufio.NewScanner(z)
	for lines.Scan() {
		var one map[string]any
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			t.Fatal(err)
		}
		one["event_type"] = "alert"
		one["alert"] = map[string]any{"gid": 1, "signature_id": one["sid"], "signature": one["signature"], "category": one["category"], "severity": one["severity"]}
		text, err := json.Marshal(one)
		if err != nil {
			t.Fatal(err)
		}
		name := one["capture"].(string)
		of[name] = append(append(of[name], text...), '\n')
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return of
}
