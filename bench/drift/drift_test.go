package drift_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/bench/drift"
	"pcapmill/bench/sharedtest"
)

// TestCrafted: of the captures of shared/captures/drift, the one that is as the reference
// is not flagged, all others are, and the report names what changed.
func TestCrafted(t *testing.T) {
	captures := filepath.Join(sharedtest.Dir(t), "captures", "drift", "crafted")
	verdicts, err := drift.JudgeCrafted(build(t), captures, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if len(verdicts) != 7 {
		t.Errorf("%d captures judged, want 7", len(verdicts))
	}
	if err := drift.CheckCrafted(verdicts); err != nil {
		t.Errorf("%v\n%s", err, wrong(t, verdicts))
	}
}

// TestGenerated: of generated hours as many are flagged and named as must be: a sample,
// or with PCAPMILL_ACCEPT=1 as many as bench/drift.sh judges.
func TestGenerated(t *testing.T) {
	size, folder := drift.QuickSize(), t.TempDir()
	if sharedtest.Accept() {
		size = drift.DefaultSize()
	}
	binary := build(t)
	var verdicts []drift.Verdict
	for _, n := range drift.Networks(size) {
		if err := drift.Make(binary, folder, n); err != nil {
			t.Fatal(err)
		}
		said, err := drift.Judge(binary, folder, n)
		if err != nil {
			t.Fatal(err)
		}
		verdicts = append(verdicts, said...)
		if err := os.RemoveAll(filepath.Join(folder, n.Name)); err != nil {
			t.Fatal(err)
		}
	}
	var table strings.Builder
	if err := drift.Table(&table, verdicts); err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", table.String())
	if err := drift.Check(verdicts); err != nil {
		t.Errorf("%v\n%s", err, wrong(t, verdicts))
	}
}

// wrong tells what was said of hours that were not told for what they are.
func wrong(t *testing.T, verdicts []drift.Verdict) string {
	t.Helper()
	var b strings.Builder
	if err := drift.Wrong(&b, verdicts); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
