package labels_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"pcapmill/cmd/labels"
)

var update = flag.Bool("update", false, "rewrite golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is out of date: go test ./cmd/labels -run Golden -update, and read what changes (%v)\n%s", path, err, got)
	}
}

// TestGolden holds the reports of the generated capture in all their forms.
func TestGolden(t *testing.T) {
	l := label(t, "testdata/demo.yaml")
	l.Packets = []string{filepath.Join(demoDir(t), "demo.pcapng")}
	r := must(t, l).Report
	for _, ending := range []string{".txt", ".md", ".html", ".json"} {
		var b bytes.Buffer
		if err := labels.WriteReport(&b, r, ending, 0); err != nil {
			t.Fatal(err)
		}
		golden(t, "demo"+ending, b.Bytes())
	}
	whole, err := os.ReadFile(filepath.Join(l.Out, "coverage.html"))
	var again bytes.Buffer
	if err := errors.Join(err, labels.WriteReport(&again, r, ".html", 0)); err != nil || !bytes.Equal(whole, again.Bytes()) {
		t.Errorf("coverage.html is another page: %v", err)
	}
}

// TestCompareGolden compares labels by hand with those that a coarser rule gives.
func TestCompareGolden(t *testing.T) {
	a, b := label(t, "testdata/demo.yaml"), label(t, "testdata/coarse.yaml")
	a.Attempt = labels.AttemptSame
	must(t, a)
	must(t, b)
	r, err := (&labels.Compare{A: a.Out, B: b.Out}).Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	r.A, r.B = "by-hand", "coarse"
	for _, ending := range []string{".txt", ".md", ".json"} {
		var out bytes.Buffer
		if err := labels.WriteComparison(&out, r, ending, 20, 0); err != nil {
			t.Fatal(err)
		}
		golden(t, "compare"+ending, out.Bytes())
	}
}
