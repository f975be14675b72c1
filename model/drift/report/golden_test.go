package report_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"pcapmill/model/drift"
	"pcapmill/model/drift/report"
	"pcapmill/model/drift/report/reporttest"
)

var update = flag.Bool("update", false, "rewrite golden files")

func golden(t *testing.T, name string, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("%s is out of date: go test ./model/drift/report -update, and read what changes; got\n%s", path, b.Bytes())
	}
	return b.String()
}

// forms for people and CI servers, by the ending of their golden files.
var forms = map[string]func(io.Writer, *drift.Report, report.Options) error{
	"txt": report.Text, "md": report.Markdown, "xml": report.JUnit, "html": report.HTML,
}

var medium = report.Options{FailOn: drift.Medium}

// TestTextOnTerminal holds text for terminals: lines broken, colours.
func TestTextOnTerminal(t *testing.T) {
	golden(t, "rich-100.txt", func(w io.Writer) error {
		return report.Text(w, reporttest.Rich(), report.Options{FailOn: drift.Critical, Top: 1, Width: 100, Color: true})
	})
	golden(t, "quiet-60.txt", func(w io.Writer) error { return report.Text(w, reporttest.Quiet(), report.Options{Width: 60}) })
}

func TestGolden(t *testing.T) {
	for ending, write := range forms {
		golden(t, "rich."+ending, func(w io.Writer) error { return write(w, reporttest.Rich(), medium) })
		golden(t, "quiet."+ending, func(w io.Writer) error { return write(w, reporttest.Quiet(), medium) })
	}
	golden(t, "rich.json", func(w io.Writer) error { return report.JSON(w, reporttest.Rich()) })
	golden(t, "quiet.json", func(w io.Writer) error { return report.JSON(w, reporttest.Quiet()) })
}
