package pack_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"pcapmill/datasets/pack"
)

var update = flag.Bool("update", false, "write the files of testdata anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what is made now; run with -update and look at the difference", path)
	}
}

// documents are all that a package says of a dataset, by the name of the file.
func documents(t *testing.T, f *pack.Facts) map[string][]byte {
	t.Helper()
	croissant, err := f.Croissant()
	if err != nil {
		t.Fatal(err)
	}
	dictionary, err := f.Dictionary()
	if err != nil {
		t.Fatal(err)
	}
	var report bytes.Buffer
	if err := f.Report(&report); err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{"README.md": f.Card(), "croissant.json": croissant, "dictionary.json": dictionary, "columns.md": f.Columns(), "report.html": report.Bytes()}
	if cite, ok := f.Citation(); ok {
		all["CITATION.cff"] = cite
	}
	return all
}

// TestGolden holds every document, with all that makers can say and with none of it.
func TestGolden(t *testing.T) {
	full := factsOf(t, dataset(t, true), fullMeta(t))
	full.Checked = &pack.Checked{Headline: "1 error", Findings: 1, Lines: []string{"error: constant (zero): always the same"}}
	full.Left = []pack.LeftOut{{Why: "identity: its role is not kept", Columns: []string{"flow_id", "conn_id"}}}
	for name, got := range documents(t, full) {
		golden(t, "full."+name, got)
	}
	bare := documents(t, factsOf(t, dataset(t, false), new(pack.Meta)))
	for _, name := range []string{"README.md", "croissant.json"} {
		golden(t, "bare."+name, bare[name])
	}
	if _, there := bare["CITATION.cff"]; there {
		t.Error("a citation without authors, whom its format asks for")
	}
}
