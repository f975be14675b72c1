package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"pcapmill/cmd/job"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
	"pcapmill/stages"
)

func TestNumbersForPeople(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -999: "-999"} {
		if got := text.Count(n); got != want {
			t.Errorf("text.Count(%d) = %s, want %s", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1 kB", 1500000: "1.5 MB", 999_900_000: "1 GB", 12_345_678_901: "12.3 GB"} {
		if got := size(n); got != want {
			t.Errorf("size(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestSummaryCountsOneOfAThing(t *testing.T) {
	r := job.Report{Out: "out", Left: 1, Tables: []manifest.Table{{Name: "flows", Rows: 1, Parts: []manifest.Part{{Rows: 1, Bytes: 10}}}}}
	r.Accounting.Read.Packets = 1
	var b bytes.Buffer
	newReporter(&b, "text", false, false).report(&r)
	for _, want := range []string{"1 packet, ", "in 1 flow,", "not read in folders: 1 file, see", "1 row, 10 B in 1 file\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q lacks %q", b.String(), want)
		}
	}
}

func TestRemainingTime(t *testing.T) {
	for _, test := range []struct {
		read, total int64
		want        time.Duration
	}{
		{25, 100, 30 * time.Second}, {100, 100, 0}, {0, 100, 0}, {50, 0, 0}, {200, 100, 0}, // 200: compressed
	} {
		if got := remaining(test.read, test.total, 10*time.Second); got != test.want {
			t.Errorf("%d of %d: %v, want %v", test.read, test.total, got, test.want)
		}
	}
}

func TestMeterLineShowsEveryCount(t *testing.T) {
	p := new(stages.Progress)
	p.Packets.Store(2_000_000)
	p.Bytes.Store(500_000_000)
	p.Rows.Store(1500)
	p.Live.Store(77)
	m := &meter{progress: p}
	m.total.Store(1_000_000_000)
	line := m.line(10 * time.Second)
	for _, want := range []string{"500 MB", "2,000,000 packets", "200,000/s", "77 open flows", "1,500 written", "memory", "10s left"} {
		if !strings.Contains(line, want) {
			t.Errorf("%q lacks %q", line, want)
		}
	}
}

func TestSummaryNamesTroubleFirstAndStaysShort(t *testing.T) {
	var r job.Report
	for i := range 60 {
		in := job.NewInputReport(fmt.Sprintf("good%02d.pcap", i), job.Outcome{Kind: "complete"})
		if i == 59 {
			in = job.NewInputReport("bad.pcap", job.Outcome{Kind: "partial", Reason: "truncated", Offset: 77})
		}
		r.Inputs = append(r.Inputs, in)
	}
	var b bytes.Buffer
	newReporter(&b, "text", false, false).report(&r)
	lines := strings.Split(b.String(), "\n")
	if !strings.HasPrefix(lines[0], "warning: bad.pcap: partial: truncated at offset 77") {
		t.Errorf("first line is %q", lines[0])
	}
	if got := strings.Count(b.String(), ".pcap: "); got != maxLines {
		t.Errorf("%d lines about inputs, want %d", got, maxLines)
	}
	if !strings.Contains(b.String(), "… and 40 more inputs, see manifest.json") {
		t.Errorf("the rest is not named:\n%s", b.String())
	}
}
