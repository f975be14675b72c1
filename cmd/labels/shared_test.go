package labels_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pcapmill/bench/sharedtest"
	"pcapmill/cmd/job"
	"pcapmill/cmd/labels"
	"pcapmill/outputs/manifest"
)

// unmatched are alerts of the shared captures that are about no flow, with the reason: Suricata
// gives what it says on giving up flows the time of the machine that it ran on, and its malformed
// packet has none.
var unmatched = map[string]string{
	"sv__enip-keywords":      "[{time 3}]",
	"sv__sctp-pkt-too-small": "[{hosts 1}]",
}

// TestSharedCaptures labels each shared capture by its alerts, from eve.json and from fast.log:
// both give the same, every alert finds its flow or says why not, and every packet that the run
// counts in a flow finds it.
func TestSharedCaptures(t *testing.T) {
	if testing.Short() {
		t.Skip("runs on 51 captures")
	}
	dirs, err := filepath.Glob(filepath.Join(sharedtest.Dir(t), "captures", "labels", "*"))
	if err != nil {
		t.Fatal(err)
	}
	done := 0
	for _, dir := range dirs {
		captures, _ := filepath.Glob(filepath.Join(dir, "capture.*"))
		if _, err := os.Stat(filepath.Join(dir, "eve.json")); err != nil || len(captures) != 1 {
			continue
		}
		done++
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel() // it waits for the disk
			shared(t, filepath.Base(dir), dir, captures[0])
		})
	}
	if done < 50 {
		t.Errorf("%d captures", done)
	}
}

func shared(t *testing.T, name, dir, capture string) {
	t.Helper()
	o := job.DefaultOptions()
	o.Args, o.Out, o.Tool = []string{capture}, filepath.Join(t.TempDir(), "out"), manifest.Tool{Name: "pcapmill", Version: "test"}
	run, err := job.Run(context.Background(), o, job.IO{})
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	inFlow := run.Accounting.By[0].Packets
	var outs [2]string
	for i, source := range []string{"eve.json", "fast.log"} {
		l := label(t, filepath.Join(dir, source))
		l.Tables, l.Source.Zone, l.Packets = o.Out, time.UTC, []string{capture}
		r := must(t, l).Report
		outs[i] = l.Out
		if reasons := fmt.Sprint(r.Events.Reasons); r.Events.All == 0 || r.Events.Ambiguous > 0 || r.Events.Unmatched > 0 && reasons != unmatched[name] {
			t.Errorf("%s by %s: %d events, %d ambiguous, unmatched %s", name, source, r.Events.All, r.Events.Ambiguous, reasons)
		}
		if c := r.Captures[0]; c.Rows != inFlow || c.NoFlow+c.Several+c.Fragments > 0 {
			t.Errorf("%s: %d packets in flows: %+v", name, inFlow, c)
		}
	}
	if run.Accounting.By[0].Packets == 0 { // there are no flows to compare
		return
	}
	r, err := (&labels.Compare{A: outs[0], B: outs[1]}).Run(context.Background())
	if err != nil || r.Agree != r.Rows || r.OnlyA+r.OnlyB > 0 {
		t.Errorf("%s: eve.json and fast.log differ: %v %+v", name, err, r)
	}
}

// TestSharedMessages: of alerts on requests of HTTP, which say the request's address, the named row
// is that of the address, unless the request is of no HTTP that we read; and no other one is named. Suricata names a later packet than the request's.
func TestSharedMessages(t *testing.T) {
	if testing.Short() {
		t.Skip("runs on captures with alerts on HTTP")
	}
	all := 0
	for _, name := range []string{"malcolm__CVE-2021-41773__apache_exploit_success", "ndpi__webdav", "zeek__http__methods", "zeek__bittorrent__tracker", "netspot__toolsmith"} {
		dir := filepath.Join(sharedtest.Dir(t), "captures", "labels", name)
		captures, _ := filepath.Glob(filepath.Join(dir, "capture.*"))
		o := job.DefaultOptions()
		o.Args, o.Out, o.Tool = captures, filepath.Join(t.TempDir(), "out"), manifest.Tool{Name: "pcapmill", Version: "test"}
		if _, err := job.Run(context.Background(), o, job.IO{}); err != nil {
			t.Fatal(err)
		}
		l := label(t, filepath.Join(dir, "eve.json"))
		l.Tables, l.To = o.Out, []string{labels.ToRecords}
		must(t, l)
		var named []string
		read(t, filepath.Join(l.Out, "record_labels"), []string{"record_table", "named"}, func(row map[string]string) {
			if row["record_table"] == "http" {
				named = append(named, row["named"])
			}
		})
		want := asked(t, filepath.Join(dir, "eve.json"))
		got, there, i := map[string]bool{}, map[string]bool{}, 0
		read(t, filepath.Join(o.Out, "http"), []string{"src_port", "kind", "uri"}, func(row map[string]string) {
			if request := row["src_port"] + " " + row["uri"]; row["kind"] == "request" {
				there[request] = there[request] || want[request]
				if named[i] == "1" {
					got[request] = true
				}
			}
			i++
		})
		maps.DeleteFunc(there, func(_ string, asked bool) bool { return !asked })
		if !maps.Equal(got, there) {
			t.Errorf("%s: named are %v, want %v", name, got, there)
		}
		all += len(got)
	}
	if all < 20 {
		t.Errorf("%d requests", all)
	}
}

// asked are the requests that alerts of an eve.json are about: ports of clients, and paths.
func asked(t *testing.T, path string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		var e struct {
			Kind      string `json:"event_type"`
			Packet    int64  `json:"pcap_cnt"`
			Tx        *int64 `json:"tx_id"`
			Direction string `json:"direction"`
			Port      int64  `json:"src_port"`
			HTTP      struct {
				URL string `json:"url"`
			} `json:"http"`
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.Kind == "alert" && e.Packet > 0 && e.Tx != nil && e.Direction == "to_server" && e.HTTP.URL != "" {
			uri, _, _ := strings.Cut(e.HTTP.URL, "?")
			all[fmt.Sprint(e.Port, " ", uri)] = true
		}
	}
	return all
}
