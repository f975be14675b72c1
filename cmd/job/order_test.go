package job_test

import (
	"bytes"
	"context"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pcapmill/bench/traffic"
	"pcapmill/cmd/job"
	"pcapmill/ingest/capfile"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/manifest/manifesttest"
	"pcapmill/stages"
)

// dealt returns the packets of a generated capture, with distinct times, dealt
// out to n captures.
func dealt(t *testing.T, n int) [][]byte {
	t.Helper()
	files := make([]bytes.Buffer, n)
	writers := make([]*capfile.PcapWriter, n)
	for i := range writers {
		w, err := capfile.NewPcapWriter(&files[i], capfile.DefaultPcapConfig())
		if err != nil {
			t.Fatal(err)
		}
		writers[i] = w
	}
	d := &dealer{to: writers}
	o, err := traffic.DefaultOptions("small")
	if err != nil {
		t.Fatal(err)
	}
	o.Packets, o.Flows = 2000, 100
	if _, err := traffic.Generate("small", d, o); err != nil {
		t.Fatal(err)
	}
	out := make([][]byte, n)
	for i, w := range writers {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		out[i] = files[i].Bytes()
	}
	return out
}

// dealer writes one packet after the other to the next capture.
type dealer struct {
	to   []*capfile.PcapWriter
	next int
	last int64
}

func (d *dealer) WritePacket(at int64, wire uint32, data []byte) error {
	at = max(at/1000*1000, d.last+1000) // classic captures have microseconds
	w := d.to[d.next%len(d.to)]
	d.next, d.last = d.next+1, at
	return w.WritePacket(at, wire, data)
}

// TestMergedTaps holds that parallel taps give the rows of the whole, that each has
// its own outcome, and that a damaged one harms no other.
func TestMergedTaps(t *testing.T) {
	run := func(files map[string][]byte, args ...string) *manifest.Manifest {
		t.Helper()
		o := options(t, files, args...)
		o.Stages.Merge = len(args) > 1
		if _, err := job.Run(context.Background(), o, job.IO{}); err != nil {
			t.Fatal(err)
		}
		return manifesttest.Read(t, o.Out)
	}
	whole := run(map[string][]byte{"all": dealt(t, 1)[0]}, "all")
	parts := dealt(t, 2)
	merged := run(map[string][]byte{"a": parts[0], "b": parts[1]}, "a", "b")
	if w, m := whole.Tables[0].Rows, merged.Tables[0].Rows; w != m || w == 0 {
		t.Errorf("%d rows of the whole, %d of its taps", w, m)
	}
	if merged.Options["merge"] != "true" || merged.Options["reorder"] != "100ms" {
		t.Errorf("options %v", merged.Options)
	}
	damaged := run(map[string][]byte{"a": parts[0][:len(parts[0])/2], "b": parts[1]}, "a", "b")
	if a, b := damaged.Inputs[0], damaged.Inputs[1]; a.Outcome != manifest.Partial || b.Outcome != manifest.Complete || b.Packets != merged.Inputs[1].Packets {
		t.Errorf("outcomes %s and %s with %d packets", a.Outcome, b.Outcome, b.Packets)
	}
}

func TestTooManyTaps(t *testing.T) {
	files := map[string][]byte{}
	var args []string
	for i := range stages.MaxTaps + 1 {
		name := "tap" + strings.Repeat("x", i)
		files[name] = demo(t)
		args = append(args, name)
	}
	o := options(t, files, args...)
	o.Stages.Merge = true
	r, err := job.Run(context.Background(), o, job.IO{})
	if err == nil || r.Exit != job.ExitUsage {
		t.Errorf("exit %d, %v", r.Exit, err)
	}
}

// TestOrderInManifest holds what the manifest says of disorder and duplicates.
func TestOrderInManifest(t *testing.T) {
	var buf bytes.Buffer
	w, err := capfile.NewPcapWriter(&buf, capfile.DefaultPcapConfig())
	if err != nil {
		t.Fatal(err)
	}
	base := int64(1_700_000_000) * int64(time.Second)
	client, server := netip.MustParseAddrPort("192.0.2.1:40000"), netip.MustParseAddrPort("192.0.2.2:53")
	add := func(d time.Duration, ident uint16) {
		t.Helper()
		frame := traffic.UDP(client, server, []byte("x"), traffic.Ident(ident))
		if err := w.WritePacket(base+int64(d), uint32(len(frame)), frame); err != nil {
			t.Fatal(err)
		}
	}
	add(0, 1)
	add(20*time.Millisecond, 2)
	add(10*time.Millisecond, 3) // put before the one read before it
	add(20*time.Millisecond, 2) // again
	add(-time.Hour, 4)          // the clock is set back
	add(-time.Hour+time.Second, 5)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []stages.DuplicateMode{stages.DuplicatesMark, stages.DuplicatesDrop} {
		o := options(t, map[string][]byte{"a": buf.Bytes()}, "a")
		o.Stages.Duplicates.Mode = mode
		if _, err := job.Run(context.Background(), o, job.IO{}); err != nil {
			t.Fatal(err)
		}
		m := manifesttest.Read(t, o.Out)
		in := m.Inputs[0]
		if in.Backward != 2 || in.Reordered != 1 || in.ClockSteps != 1 || in.Late != 2 || in.Outcome != manifest.CompleteWithNotes {
			t.Errorf("%+v", in)
		}
		if !strings.Contains(strings.Join(in.Notes, " "), "clock_steps_back: 1") {
			t.Errorf("notes %q", in.Notes)
		}
		dropped := m.Accounting.Packets.Get("duplicate")
		if mode == stages.DuplicatesMark && (in.Duplicates != 1 || dropped != 0) || mode == stages.DuplicatesDrop && (in.Duplicates != 0 || dropped != 1) {
			t.Errorf("%s: %d marked, %d dropped", mode, in.Duplicates, dropped)
		}
	}
}

func TestPlanKnowsOrder(t *testing.T) {
	plan := func(change func(*stages.Config)) string {
		o := options(t, map[string][]byte{"a": demo(t)}, "a")
		o.Stages.Packets = 10
		change(&o.Stages)
		r, err := job.Run(context.Background(), o, job.IO{})
		if err != nil {
			t.Fatal(err)
		}
		return r.PlanID
	}
	seen := map[string]string{}
	for name, change := range map[string]func(*stages.Config){
		"default": func(*stages.Config) {},
		"merge":   func(c *stages.Config) { c.Merge = true },
		"reorder": func(c *stages.Config) { c.Reorder = 0 },
		"mark":    func(c *stages.Config) { c.Duplicates.Mode = stages.DuplicatesMark },
		"drop":    func(c *stages.Config) { c.Duplicates.Mode = stages.DuplicatesDrop },
		"key": func(c *stages.Config) {
			c.Duplicates.Mode, c.Duplicates.Key = stages.DuplicatesDrop, stages.DuplicateByVLAN
		},
		"window": func(c *stages.Config) { c.Duplicates.Mode, c.Duplicates.Window = stages.DuplicatesDrop, 1 },
	} {
		id := plan(change)
		if other, twice := seen[id]; twice {
			t.Errorf("%s has the plan_id of %s", name, other)
		}
		seen[id] = name
	}
	unused := plan(func(c *stages.Config) { c.Duplicates.Key = stages.DuplicateByFrame })
	if seen[unused] != "default" {
		t.Error("a key that nobody asks for is in plan_id")
	}
}

// TestDisorder warns of a series whose captures are not in the order of their times, as a shell
// sorts the names of days, and of no other.
func TestDisorder(t *testing.T) {
	client, server := netip.MustParseAddrPort("192.0.2.1:40000"), netip.MustParseAddrPort("192.0.2.2:53")
	day := func(n int) []byte {
		var buf bytes.Buffer
		w, err := capfile.NewPcapWriter(&buf, capfile.DefaultPcapConfig())
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range []time.Duration{0, 23 * time.Hour} {
			frame := traffic.UDP(client, server, []byte("x"))
			if err := w.WritePacket(int64(1_700_000_000)*int64(time.Second)+int64(time.Duration(n)*24*time.Hour+d), uint32(len(frame)), frame); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return buf.Bytes()
	}
	files := map[string][]byte{"friday": day(4), "monday": day(0), "tuesday": day(1)}
	for _, c := range []struct {
		names  []string
		change func(*job.Options)
		want   string
	}{
		{names: []string{"monday", "tuesday", "friday"}},
		{names: []string{"friday", "monday", "tuesday"}, want: "monday begins 119h0m0s before friday ends, and 1 more begin early"},
		{names: []string{"friday", "monday"}, want: "monday begins 119h0m0s before friday ends: in a series"},
		{names: []string{"friday", "monday"}, change: func(o *job.Options) { o.Stages.Inputs = stages.Independent }},
		{names: []string{"friday", "monday"}, change: func(o *job.Options) { o.Stages.Merge = true }},
	} {
		o := options(t, files, c.names...)
		if c.change != nil {
			c.change(&o)
		}
		r, err := job.Run(context.Background(), o, job.IO{})
		if err != nil {
			t.Fatal(err)
		}
		got := strings.ReplaceAll(strings.Join(r.Warnings, "\n"), filepath.Dir(o.Out)+string(filepath.Separator), "")
		if c.want == "" && got != "" || !strings.Contains(got, "begins") != (c.want == "") || !strings.Contains(strings.ReplaceAll(got, "in/", ""), c.want) {
			t.Errorf("%v: %q", c.names, got)
		}
	}
}
