package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestMiddle(t *testing.T) {
	for _, c := range []struct {
		list []float64
		want float64
	}{
		{[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 3, 2}, 2.5},
	} {
		if got := middle(c.list); got != c.want {
			t.Errorf("median of %v is %v, want %v", c.list, got, c.want)
		}
	}
}

// TestPaired: rounds of 1 and 4 s against 2 and 4 s are ratios of 0.5 and 1.
func TestPaired(t *testing.T) {
	ours := []sample{{cpu: time.Second}, {cpu: 4 * time.Second}}
	peer := []sample{{cpu: 2 * time.Second}, {cpu: 4 * time.Second}}
	if got := paired(ours, peer); got != 0.75 {
		t.Errorf("paired ratio %v, want 0.75", got)
	}
	if got := paired(ours, peer[:1]); got != 0.5 {
		t.Errorf("ratio to a peer of one run %v, want 0.5", got)
	}
}

func TestFlowCounts(t *testing.T) {
	for _, c := range []struct{ pattern, printed, want string }{
		{`Flows exported: (\d+)`, "Flows exported: 12 (30 records)", "12"},
		{`sum\s+(\d+)`, "racount records\n    sum   199955   2394804", "199955"},
		{`sum\s+(\d+)`, "nothing", ""},
	} {
		if got := printedAfter(c.pattern)("", c.printed); got != c.want {
			t.Errorf("%q in %q: %q, want %q", c.pattern, c.printed, got, c.want)
		}
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "out"), 0o700); err != nil {
		t.Fatal(err)
	}
	manifest := `{"tables":[{"name":"hosts","rows":3},{"name":"flows","rows":77}]}`
	if err := os.WriteFile(filepath.Join(dir, "out", "manifest.json"), []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := pcapmillFlows(dir, ""); got != "77" {
		t.Errorf("flows of the manifest: %q", got)
	}
}

// TestReport has one round of two contenders with hand-worked figures.
func TestReport(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f.pcap")
	if err := os.WriteFile(file, make([]byte, 2_000_000), 0o600); err != nil {
		t.Fatal(err)
	}
	field := []contender{{name: "pcapmill w1 hash=none"}, {name: "argus"}}
	results := [][]sample{
		{{cpu: time.Second, wall: 2 * time.Second, rss: 3 << 20, output: 5e6, flows: "9"}},
		{{cpu: 4 * time.Second, wall: 4 * time.Second}},
	}
	var b bytes.Buffer
	if err := report(&b, arguments{file: file, rounds: 1}, field, results); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2 MB", "wall/CPU 2.00", "/argus 0.25", "5.0"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in\n%s", want, b.String())
		}
	}
}

func TestArgumentsRefused(t *testing.T) {
	for _, args := range [][]string{{}, {"--file", "x", "--rounds", "0"}, {"--unknown"}} {
		if _, err := parse(args); err == nil {
			t.Errorf("%v: accepted", args)
		}
	}
}
