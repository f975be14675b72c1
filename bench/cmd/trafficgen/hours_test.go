package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/gopacket/pcapgo"
)

// TestHours writes hours with changes in turn; the truth says how many packets each
// file has.
func TestHours(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	var printed bytes.Buffer
	args := []string{"hours", "-o", dir, "--hours", "3", "--from", "9", "--clients", "3", "--change", "none,hosts:2"}
	if err := run(args, &printed); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "truth.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	names := []string{"hour-000009-none.pcap", "hour-000010-hosts.pcap", "hour-000011-none.pcap"}
	if len(lines) != len(names) || strings.Count(printed.String(), "\n") != len(names) {
		t.Fatalf("%d hours, printed %q", len(lines), printed.String())
	}
	for i, line := range lines {
		var truth struct {
			Capture   string
			Packets   int64
			Concerned []string
			Change    struct{ Kind string }
		}
		if err := json.Unmarshal([]byte(line), &truth); err != nil {
			t.Fatal(err)
		}
		kind, concerned := "none", 0
		if i == 1 {
			kind, concerned = "hosts", 2
		}
		if truth.Capture != names[i] || truth.Change.Kind != kind || len(truth.Concerned) != concerned {
			t.Errorf("hour %d: %+v", i, truth)
		}
		if n := packetsOf(t, filepath.Join(dir, truth.Capture)); n != truth.Packets || n == 0 {
			t.Errorf("%s has %d packets, truth says %d", truth.Capture, n, truth.Packets)
		}
	}
}

// packetsOf counts the packets of a capture.
func packetsOf(t *testing.T, file string) (n int64) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := pcapgo.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for {
		_, _, err := r.ReadPacketData()
		if errors.Is(err, io.EOF) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
}

func TestHoursRefused(t *testing.T) {
	for _, args := range [][]string{
		{}, {"-o", "x", "--hours", "0"}, {"-o", "x", "--change", "nothing"}, {"-o", "x", "--change", ""}, {"-o", "x", "--clients", "0"},
		{"-o", "x", "--what"}, {"-o", "hours_test.go"},
	} {
		if err := run(append([]string{"hours"}, args...), &bytes.Buffer{}); err == nil {
			t.Errorf("%v: accepted", args)
		}
	}
}
