package watch_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pcapmill/bench/traffic"
	"pcapmill/cmd/baselines"
	"pcapmill/cmd/job"
	"pcapmill/cmd/watch"
	"pcapmill/model/baseline"
	"pcapmill/outputs/manifest"
)

func TestObserveWindow(t *testing.T) {
	const usual = 10 * time.Minute
	for duration, want := range map[time.Duration]time.Duration{
		0: usual, 24 * time.Hour: usual, 130 * time.Minute: usual, 129 * time.Minute: 5 * time.Minute, 15 * time.Minute: time.Minute,
		10 * time.Minute: 30 * time.Second, 130 * time.Second: 10 * time.Second, time.Second: 10 * time.Second,
	} {
		if got := watch.ObserveWindow(duration, usual); got != want {
			t.Errorf("%v: %v, want %v", duration, got, want)
		}
	}
	if got := watch.ObserveWindow(time.Minute, 5*time.Second); got != 5*time.Second {
		t.Errorf("%v", got)
	}
	for _, c := range []struct {
		duration, window time.Duration
		want             string
	}{
		{0, usual, "learns windows of 10m0s until it is stopped"},
		{25 * time.Hour, time.Hour, "learns 24 or 25 whole windows of 1h0m0s; drift against it needs windows of 1h0m0s"},
		{15 * time.Minute, usual, "learns 0 or 1 whole windows of 10m0s; drift against it needs windows of 10m0s; 0 are few: capture for 2h10m0s or longer, " +
			"or with a shorter --window; hours of the day that it has not seen are compared with those that it has"},
	} {
		if got := watch.Learns(c.duration, c.window); got != c.want {
			t.Errorf("%s\nwant %s", got, c.want)
		}
	}
}

// quarter makes the tables of a quarter of an hour with windows of a length.
func quarter(t *testing.T, window time.Duration) string {
	t.Helper()
	config := traffic.DefaultNetworkConfig()
	config.Clients = 8
	n, err := traffic.NewNetwork(config)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	out, m, err := hour(dir, n, 9, "none")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(out); err != nil {
		t.Fatal(err)
	}
	o := job.DefaultOptions()
	o.Args, o.Out, o.Stages.Window = []string{filepath.Join(dir, "hour-9.pcap")}, out, window
	o.Tool = manifest.Tool{Name: "pcapmill", Version: "test"}
	first := *m.Inputs[0].FirstNs
	o.Stages.From, o.Stages.To = first+20*int64(time.Second), first+int64(15*time.Minute)+20*int64(time.Second)
	if _, err := job.Run(context.Background(), o, job.IO{}); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSaveBaseline: a quarter of an hour teaches windows of a minute, with the bytes that
// baseline build gives, and no window of half an hour.
func TestSaveBaseline(t *testing.T) {
	duration := 15 * time.Minute
	out := quarter(t, watch.ObserveWindow(duration, 10*time.Minute))
	o := watch.Observation{Out: out, File: filepath.Join(t.TempDir(), "out.baseline"), Covered: 0.95}
	for range 2 { // again, over what is there
		if _, err := o.Save(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	other := filepath.Join(t.TempDir(), "other.baseline")
	build := baselines.Build{Out: other, Tables: []string{out}, Keys: -1, Covered: 0.95}
	if _, err := build.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(o.File)
	want, failed := os.ReadFile(other)
	if err != nil || failed != nil || !bytes.Equal(got, want) {
		t.Errorf("%v %v: %d bytes, and %d", err, failed, len(got), len(want))
	}
	b, err := baseline.Open(o.File, baseline.DefaultFileBytes)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if b.Table().Window != int64(time.Minute) || b.Hosts() < 5 {
		t.Errorf("windows of %d, %d hosts", b.Table().Window, b.Hosts())
	}
	short := watch.Observation{Out: quarter(t, 30*time.Minute), File: o.File, Covered: 0.95}
	if _, err := short.Save(t.Context()); !errors.Is(err, watch.ErrUnlearned) {
		t.Errorf("no window is whole: %v", err)
	}
	if again, err := os.ReadFile(o.File); err != nil || !bytes.Equal(again, got) {
		t.Errorf("%v: the file changed", err)
	}
}
