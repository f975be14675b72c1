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

// TestTableUsesTheTerminal: nothing is cut where all of it fits, as little as will
// do where that is enough, and columns are left out only beyond that.
func TestTableUsesTheTerminal(t *testing.T) {
	cfg := text.DefaultTable()
	for width, last := range map[int]string{
		100: "  a note that is much too long for its cell",
		64:  "  a note that is much too long for its cell",
		63:  "  a note that is much too long for its ce…",
		39:  "  a note that is …",
		38:  "-123456      -",
	} {
		cfg.Width = width
		row := strings.Split(tableOf(t, cfg, people()), "\n")[3]
		if !strings.HasSuffix(row, last) || text.Width(row) > width {
			t.Errorf("%d cells: %q", width, row)
		}
	}
}

// TestTableForPrograms: without a limit nothing is cut, in rows behind the sample neither.
func TestTableForPrograms(t *testing.T) {
	cfg := text.DefaultTable()
	cfg.Cell, cfg.Sample, cfg.Empty = 0, 1, `""`
	b := people()
	b.Vectors[0] = batch.Vector{}
	for _, s := range []string{"x", "", "longer"} {
		b.Vectors[0].AppendText([]byte(s))
	}
	want := strings.Join([]string{
		"name  packets  ratio  note",
		"----  -------  -----  -----",
		"x           5   0.25  short",
		`""    -123456      -  a note that is much too long for its cell`,
		"longer       70  1e-09  \\x1b[2J",
		"",
	}, "\n")
	if got := tableOf(t, cfg, b); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestTableNamesSomeOfMany: the columns that do not fit do not fill the screen.
func TestTableNamesSomeOfMany(t *testing.T) {
	s := &column.Schema{Table: "t", Version: 1}
	b := batch.New(s)
	for range 200 {
		s.Columns = append(s.Columns, column.Column{Name: "some_name", Type: column.Int64, Doc: "d"})
		b.Vectors = append(b.Vectors, batch.Vector{Int64: []int64{1}})
	}
	b.Rows = 1
	cfg := text.DefaultTable()
	cfg.Width = 40
	got := tableOf(t, cfg, b)
	if !strings.HasSuffix(got, " some_name and 186 more\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestTableTimesAreWhole(t *testing.T) {
	s := &column.Schema{Table: "t", Version: 1, Columns: []column.Column{
		{Name: "at", Type: column.Timestamp, Doc: "d"}, {Name: "note", Type: column.Text, Doc: "d"},
	}}
	b := batch.New(s)
	sinktest.Fill(b, []sinktest.Row{{int64(0), "a note that is long"}})
	cfg := text.DefaultTable()
	cfg.Width = 46
	if got := tableOf(t, cfg, b); !strings.Contains(got, "1970-01-01T00:00:00.000000Z  a note that is l…\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestPagesLook(t *testing.T) {
	var out strings.Builder
	b := people()
	w := text.NewPages(&out, b.Schema)
	if err := errors.Join(w.Write(b), w.Close()); err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"-- row 1 --", "name     東京", "packets  5", "ratio    0.25", "note     short", "",
		"-- row 2 --", "name     e\u0301tage", "packets  -123456", "ratio    -", "note     a note that is much too long for its cell", "",
		"-- row 3 --", "name     -", "packets  70", "ratio    1e-09", `note     \x1b[2J`, "",
	}, "\n")
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}
