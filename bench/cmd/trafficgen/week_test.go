package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"pcapmill/bench/traffic"
)

// TestWeek writes a small week: seven captures, whose packets are those of the truth, and
// every file of labels.
func TestWeek(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	var printed bytes.Buffer
	if err := run([]string{"week", "-o", dir, "--clients", "4", "--scale", "0.02", "--calm", "0"}, &printed); err != nil {
		t.Fatal(err)
	}
	captures, err := filepath.Glob(filepath.Join(dir, "*.pcap"))
	if err != nil || len(captures) != traffic.WeekDays {
		t.Fatalf("%v, %v", captures, err)
	}
	packets, told := int64(0), int64(0)
	for _, c := range captures {
		packets += packetsOf(t, c)
	}
	text, err := os.ReadFile(filepath.Join(dir, traffic.WeekTruth))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var f traffic.WeekFlow
		if err := json.Unmarshal(line, &f); err != nil {
			t.Fatal(err)
		}
		told += f.Packets
	}
	if packets != told || packets == 0 {
		t.Errorf("%d packets, the truth says %d", packets, told)
	}
	for _, name := range []string{
		traffic.WeekRules, traffic.WeekYAML, traffic.WeekNetcap, traffic.WeekEVE, traffic.WeekCSV,
		traffic.WeekYAMLWrong, traffic.WeekNetcapWrong, traffic.WeekEVEWrong, traffic.WeekEVETwelve, traffic.WeekYAMLTwelve,
	} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	var totals map[string]int
	if err := json.Unmarshal(printed.Bytes(), &totals); err != nil || totals["outcome: labelled"] == 0 || totals["label: DDoS LOIT"] == 0 {
		t.Errorf("printed %s, %v", printed.String(), err)
	}
}

func TestWeekRefused(t *testing.T) {
	for _, args := range [][]string{
		{}, {"-o", "x", "--clients", "1"}, {"-o", "x", "--zone", "nowhere"}, {"-o", "x", "--what"}, {"-o", "week_test.go"},
	} {
		if err := run(append([]string{"week"}, args...), &bytes.Buffer{}); err == nil {
			t.Errorf("%v: accepted", args)
		}
	}
}
