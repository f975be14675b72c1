package alerts_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pcapmill/bench/sharedtest"
	"pcapmill/cmd/job"
	"pcapmill/datasets/label"
	"pcapmill/datasets/label/match"
	"pcapmill/datasets/label/source"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/tables"
)

// tuple is where a flow is.
type tuple struct {
	src, dst         netip.Addr
	srcPort, dstPort int32 // of ICMP its type, and code
	protocol, depth  int32
	community        string
	start, end       int64
}

// capture is one capture's flows.
type capture struct {
	path, table string
	flows       map[int64]tuple
}

// newCapture makes tables of a capture.
func newCapture(t *testing.T, path string) *capture {
	t.Helper()
	o := job.DefaultOptions()
	o.Args, o.Out = []string{path}, filepath.Join(t.TempDir(), "tables")
	o.Tool = manifest.Tool{Name: "pcapmill", Version: "test"}
	o.Stages.Workers = 1
	if _, err := job.Run(context.Background(), o, job.IO{}); err != nil {
		t.Fatal(path, err)
	}
	c := &capture{path, filepath.Join(o.Out, "flows"), make(map[int64]tuple)}
	names := []string{"flow_id", "src_ip", "dst_ip", "src_port", "dst_port", "icmp_type", "icmp_code", "protocol", "tunnel_depth", "community_id", "start_ns", "end_ns"}
	pick := func(*column.Schema) ([]string, error) { return names, nil }
	err := tables.Read(context.Background(), c.table, pick, func(b *batch.Batch) error {
		for i := range b.Rows {
			v := b.Vectors
			port := func(at, icmp int) int32 {
				switch {
				case !v[at].Null(i):
					return v[at].Int32[i]
				case !v[icmp].Null(i):
					return v[icmp].Int32[i]
				}
				return label.None
			}
			c.flows[v[0].Int64[i]] = tuple{
				netip.MustParseAddr(v[1].String(i)).Unmap(), netip.MustParseAddr(v[2].String(i)).Unmap(), port(3, 5), port(4, 6),
				v[7].Int32[i], v[8].Int32[i], v[9].String(i), v[10].Int64[i], v[11].Int64[i],
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// match matches the alerts of a file, and returns them with what became of them.
func (c *capture) match(t *testing.T, file string) ([]label.Event, *match.Report) {
	t.Helper()
	s, err := source.Read(context.Background(), []string{file}, source.Options{Zone: time.UTC})
	if err != nil {
		t.Fatal(file, err)
	}
	in := match.Input{Flows: c.table, Captures: []string{c.path}, Set: s}
	report, err := match.Run(context.Background(), in, match.DefaultConfig(), func(*match.Row) error { return nil })
	if err != nil {
		t.Fatal(file, err)
	}
	for _, scan := range report.Scans {
		if scan.Clear {
			t.Errorf("%s: the scan would move alerts by %v", file, scan.Offsets[scan.Best].Shift)
		}
	}
	return s.Events, report
}

// wrong says what of an alert is not the flow's, "" where all is.
func (f *tuple) wrong(e *label.Event) string {
	forward, reverse := f.src == e.Src && f.dst == e.Dst, f.src == e.Dst && f.dst == e.Src
	switch {
	case !forward && !reverse:
		return "hosts"
	case e.Protocol >= 0 && e.Protocol != f.protocol:
		return "protocol"
	case e.Depth >= 0 && e.Depth != f.depth:
		return "depth"
	}
	switch f.protocol {
	case 6, 17, 132:
		if !(forward && f.srcPort == e.SrcPort && f.dstPort == e.DstPort || reverse && f.srcPort == e.DstPort && f.dstPort == e.SrcPort) {
			return "ports"
		}
	}
	// Of a host that talks with itself Suricata does not put the lower port first, as the specification has it.
	if e.Community != "" && e.Community != f.community && f.src != f.dst {
		return "community"
	}
	return ""
}

// tally is what became of alerts; listed has those that are about no one flow.
type tally struct {
	matched int
	after   int64 // the most ns that one comes after its flow
	listed  []string
}

func (y *tally) add(t *testing.T, c *capture, name string, events []label.Event, report *match.Report) {
	t.Helper()
	for i := range events {
		e, r := &events[i], &report.Events[i]
		if r.Outcome == label.Labelled && r.Flows == 1 {
			f := c.flows[r.FlowID]
			if why := f.wrong(e); why != "" {
				t.Errorf("%s:%d: %s is on a flow of other %s: %+v", name, e.Line, e.ID, why, f)
			}
			y.matched++
			y.after = max(y.after, -r.Distance)
			continue
		}
		why := fmt.Sprintf("%d flows", r.Flows)
		if r.Miss != nil {
			why = r.Miss.Fields.String()
		}
		y.listed = append(y.listed, fmt.Sprintf("%s %s %s", name, e.ID, why))
	}
}

func (y *tally) check(t *testing.T, matched int, after time.Duration, listed []string) {
	t.Helper()
	slices.Sort(y.listed)
	y.listed = slices.Compact(y.listed)
	slices.Sort(listed)
	if y.matched != matched || time.Duration(y.after) != after || !slices.Equal(y.listed, listed) {
		t.Errorf("%d matched, at most %v after their flows; want %d, %v; without a flow\n%s\nwant\n%s", y.matched, time.Duration(y.after), matched, after, strings.Join(y.listed, "\n"), strings.Join(listed, "\n"))
	}
}

// TestSharedLabels: the alerts that lie beside captures.
func TestSharedLabels(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(sharedtest.Dir(t), "captures/labels/*/eve.json"))
	if err != nil || len(files) < 50 {
		t.Fatal(len(files), err)
	}
	var y tally
	for _, eve := range files {
		dir := filepath.Dir(eve)
		captures, err := filepath.Glob(filepath.Join(dir, "capture.*"))
		if err != nil || len(captures) != 1 {
			t.Fatal(dir, captures, err)
		}
		c := newCapture(t, captures[0])
		for _, file := range []string{"eve.json", "fast.log"} {
			events, report := c.match(t, filepath.Join(dir, file))
			y.add(t, c, filepath.Base(dir)+"/"+file, events, report)
		}
	}
	// The capture of enip is joined of several: Suricata gives a connection of 2008 up when it has
	// come to 2020, and says so of its last alerts. The packet of sctp is too short to be in a flow.
	y.check(t, 1874, 10_063_511*time.Microsecond, []string{
		"sv__enip-keywords/eve.json 1:1 time", "sv__enip-keywords/eve.json 1:2 time",
		"sv__enip-keywords/fast.log 1:1 time", "sv__enip-keywords/fast.log 1:2 time",
		"sv__sctp-pkt-too-small/eve.json 1:2239001 hosts", "sv__sctp-pkt-too-small/fast.log 1:2239001 hosts",
	})
}

// TestTruthAlerts: the alerts of all reference captures, written as Suricata writes them.
func TestTruthAlerts(t *testing.T) {
	if !sharedtest.Accept() {
		t.Skip("163 captures: PCAPMILL_ACCEPT=1 runs them")
	}
	shared := sharedtest.Dir(t)
	of := alertsByCapture(t, filepath.Join(shared, "truth/suricata_alerts.jsonl.gz"))
	var names []string
	for name := range of {
		names = append(names, name)
	}
	slices.Sort(names)
	var y tally
	for _, name := range names {
		c := newCapture(t, filepath.Join(shared, "captures", name))
		file := filepath.Join(t.TempDir(), "eve.json")
		if err := os.WriteFile(file, of[name], 0o600); err != nil {
			t.Fatal(err)
		}
		events, report := c.match(t, file)
		y.add(t, c, name, events, report)
	}
	// The capture of jabber is joined of several, too.
	y.check(t, 1804, 671_972_952*time.Microsecond, []string{
		"protocols/xmpp/ndpi__jabber.pcap 1:2100230 time",
		"protocols/xmpp/ndpi__jabber.pcap 1:2100233 time",
		"protocols/xmpp/ndpi__jabber.pcap 1:2100236 time",
	})
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
