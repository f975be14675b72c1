package fingerprint_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"pcapmill/features/batch"
	"pcapmill/model/fingerprint"
)

var update = flag.Bool("update", false, "rewrite golden files")

// TestVectorGolden: what a vector is changes with its version only.
func TestVectorGolden(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "vector %d\n", fingerprint.VectorVersion)
	for _, f := range fingerprint.Features() {
		fmt.Fprintf(&b, "%s\t%s\t%s\tlow %v usual %v high %v step %v most %v\tnull: %s\t%s\n", f.Name, f.Unit, f.Group, f.Low, f.Usual, f.High, f.Step, f.Most, f.Null, f.Doc)
	}
	fmt.Fprintf(&b, "rules %d\n", fingerprint.RulesVersion)
	for _, r := range fingerprint.Rules() {
		fmt.Fprintf(&b, "%s\tall %v any %v none %v\n", r.Class, r.All, r.Any, r.None)
	}
	golden(t, "testdata/vector.txt", b.String())
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs:\n%s", path, got)
	}
}

// TestFeaturesAreWellFormed: scales have a length, and ratios end at 1.
func TestFeaturesAreWellFormed(t *testing.T) {
	for _, f := range fingerprint.Features() {
		if f.Low < 0 || f.Low >= f.High || f.Usual < f.Low && f.Usual != 0 || f.Usual >= f.High || f.Step < 0 || f.Transform(f.Low) >= f.Transform(f.High) || f.Group == "" {
			t.Errorf("%+v", f)
		}
	}
	if err := fingerprint.Schema().Validate(); err != nil {
		t.Error(err)
	}
}

// TestTable: a row has what the fingerprint has.
func TestTable(t *testing.T) {
	f := one(t, cells{"out_packets": 12, "out_wire_bytes": 1200, "burst_score": 4})
	b := batch.New(fingerprint.Schema())
	f.Append(b)
	f.Append(b)
	at := func(name string) *batch.Vector { return &b.Vectors[b.Schema.Index(name)] }
	if at("host").String(1) != "10.0.0.1" || at("classes").String(0) != "idle" || at("packets").Int64[1] != 12 || at("burst_score").Float64[1] != 4 || !at("gap_cv").Null(1) {
		t.Errorf("%+v", b)
	}
	record, err := b.Record(memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	defer record.Release()
	if record.NumRows() != 2 {
		t.Errorf("%d rows", record.NumRows())
	}
}
