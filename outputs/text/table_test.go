package text_test

import (
	"errors"
	"strings"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/sinktest"
	"pcapmill/outputs/text"
)

func people() *batch.Batch {
	s := &column.Schema{Table: "hosts", Version: 1, Columns: []column.Column{
		{Name: "name", Type: column.Text, Doc: "A name.", Null: "where unknown"},
		{Name: "packets", Type: column.Int64, Doc: "A count."},
		{Name: "ratio", Type: column.Double, Doc: "A ratio.", Null: "where unknown"},
		{Name: "note", Type: column.Text, Doc: "A note.", Null: "where unknown"},
	}}
	b := batch.New(s)
	sinktest.Fill(b, []sinktest.Row{
		{"東京", int64(5), 0.25, "short"},
		{"e\u0301tage", int64(-123456), nil, "a note that is much too long for its cell"},
		{nil, int64(70), 1e-9, "\x1b[2J"},
	})
	return b
}

func tableOf(t *testing.T, cfg text.TableConfig, batches ...*batch.Batch) string {
	t.Helper()
	var out strings.Builder
	w, err := text.NewTable(&out, batches[0].Schema, cfg)
	for _, b := range batches {
		err = errors.Join(err, w.Write(b))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestTableLooks(t *testing.T) {
	cfg := text.DefaultTable()
	cfg.Cell = 20
	want := strings.Join([]string{
		"name   packets  ratio  note",
		"-----  -------  -----  --------------------",
		"東京         5   0.25  short",
		"e\u0301tage  -123456      -  a note that is much…",
		"-           70  1e-09  \\x1b[2J",
		"",
	}, "\n")
	if got := tableOf(t, cfg, people()); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestTableFitsTheTerminal(t *testing.T) {
	cfg := text.DefaultTable()
	cfg.Width = 24
	got := tableOf(t, cfg, people())
	for line := range strings.Lines(got) {
		if text.Width(strings.TrimSuffix(line, "\n")) > cfg.Width && !strings.HasPrefix(line, "…") {
			t.Errorf("%q is wider than %d", line, cfg.Width)
		}
	}
	if !strings.HasSuffix(got, "\n… not shown: note\n") {
		t.Errorf("the hidden column is not named:\n%s", got)
	}
}

// TestTableAfterSample: later rows keep the widths; text is cut visibly, numbers
// stay whole.
func TestTableAfterSample(t *testing.T) {
	cfg := text.DefaultTable()
	cfg.Sample = 1
	late := people()
	late.Vectors[1].Int64[2] = 123456789012
	got := strings.Split(tableOf(t, cfg, late), "\n")
	if got[3] != "e\u0301ta…  -123456      -  a no…" {
		t.Errorf("second row: %q", got[3])
	}
	if !strings.Contains(got[4], "123456789012") {
		t.Errorf("a number was cut: %q", got[4])
	}
}
