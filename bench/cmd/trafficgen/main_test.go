package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"pcapmill/bench/traffic"
)

func TestSizes(t *testing.T) {
	for _, c := range []struct {
		text string
		want int64
	}{
		{"", 0}, {"7", 7}, {"1KiB", 1024}, {"1.5MiB", 3 << 19}, {"2GiB", 2 << 30},
	} {
		if got, err := parseSize(c.text); err != nil || got != c.want {
			t.Errorf("%q: %d, %v; want %d", c.text, got, err, c.want)
		}
	}
	for _, text := range []string{"x", "-1", "1GB", "MiB"} {
		if _, err := parseSize(text); err == nil {
			t.Errorf("%q accepted", text)
		}
	}
}

// TestResize: the mixed profile has 160,000 flows and 1 GiB.
func TestResize(t *testing.T) {
	for _, c := range []struct {
		args                  []string
		flows, packets, bytes int64
	}{
		{nil, 160_000, 0, 1 << 30},
		{[]string{"--flows", "320000"}, 320_000, 0, 2 << 30},
		{[]string{"--bytes", "2GiB"}, 320_000, 0, 2 << 30},
		{[]string{"--bytes", "1GiB", "--flows", "1000"}, 1000, 0, 1 << 30},
		{[]string{"--packets", "500000"}, 160_000, 500_000, 1 << 30},
	} {
		a, err := parse(append([]string{"-o", "x"}, c.args...))
		o := a.options
		if err != nil || o.Flows != c.flows || o.Packets != c.packets || o.Bytes != c.bytes {
			t.Errorf("%v: %d flows, %d packets, %d bytes, %v", c.args, o.Flows, o.Packets, o.Bytes, err)
		}
	}
}

// TestRun writes a capture of each format with its truth, and the demo.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	for _, format := range []string{"pcap", "pcapng"} {
		file, flows := filepath.Join(dir, "f."+format), filepath.Join(dir, format+".jsonl")
		var printed bytes.Buffer
		err := run([]string{"--flows", "500", "-o", file, "--format", format, "--truth", flows}, &printed)
		if err != nil {
			t.Fatal(err)
		}
		var total traffic.Truth
		if err := json.Unmarshal(printed.Bytes(), &struct{ Packets, Flows *int64 }{&total.Packets, &total.Flows}); err != nil {
			t.Fatal(err)
		}
		if n := packetsIn(t, flows); n != total.Packets || total.Flows != 500 {
			t.Errorf("%s: flows hold %d packets, totals say %d in %d flows", format, n, total.Packets, total.Flows)
		}
		if info, err := os.Stat(file); err != nil || info.Size() < 1<<20 {
			t.Errorf("%s: %v, %v", format, info, err)
		}
	}
	if err := run([]string{"--profile", "demo", "-o", filepath.Join(dir, "demo")}, &bytes.Buffer{}); err != nil {
		t.Error(err)
	}
}

// packetsIn sums the packets of a truth file.
func packetsIn(t *testing.T, file string) (n int64) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var flow traffic.FlowTruth
		if err := json.Unmarshal(lines.Bytes(), &flow); err != nil {
			t.Fatal(err)
		}
		n += flow.FwdPackets + flow.RevPackets
	}
	return n
}

func TestArgumentsRefused(t *testing.T) {
	for _, args := range [][]string{
		{}, {"-o", "x", "--profile", "nothing"}, {"-o", "x", "--bytes", "many"}, {"-o", "x", "--packets", "3"},
	} {
		if err := run(args, &bytes.Buffer{}); err == nil {
			t.Errorf("%v: accepted", args)
		}
	}
}
