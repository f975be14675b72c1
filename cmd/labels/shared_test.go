package labels_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
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
