package baseline_test

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"pcapmill/model/baseline"
)

var update = flag.Bool("update", false, "rewrite testdata/example.v1")

// TestFormat: files of version 1 are written and read as they have always been. Another
// format is another version, which goes on reading this one.
func TestFormat(t *testing.T) {
	const name = "testdata/example.v1"
	got := encoded(t, example(t))
	if *update {
		if err := os.WriteFile(name, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %d in %s", len(got), len(want), name)
	}
	b, err := baseline.Load(name, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Check(); err != nil {
		t.Error(err)
	}
	if rest, err := b.Rest(); err != nil || rest.Windows != 9 || len(rest.Days) != 2 {
		t.Errorf("%+v, %v", rest, err)
	}
}
