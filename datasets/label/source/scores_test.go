package source_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"pcapmill/datasets/label"
	"pcapmill/datasets/label/source"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/parquetfile"
)

// scored is one row: of texts "" stands for null, of scores a negative number.
type scored struct {
	key             int64
	label, category string
	score           float64
}

func valid(v *batch.Vector, known bool) {
	bit := byte(0)
	if known {
		bit = 1
	}
	v.Valid = append(v.Valid, bit)
}

// scoreFile is a Parquet file of rows.
func scoreFile(t testing.TB, rows []scored) []byte {
	t.Helper()
	schema := &column.Schema{Table: "scores", Version: 1, Columns: []column.Column{
		{Name: "other", Type: column.Int32, Doc: "d"},
		{Name: "flow_id", Type: column.Int64, Doc: "d"},
		{Name: "label", Type: column.String, Null: "n", Doc: "d"},
		{Name: "category", Type: column.String, Null: "n", Doc: "d"},
		{Name: "score", Type: column.Double, Null: "n", Doc: "d"},
	}}
	b := batch.New(schema)
	for _, r := range rows {
		b.Rows++
		b.Vectors[0].Int32 = append(b.Vectors[0].Int32, 7)
		b.Vectors[1].Int64 = append(b.Vectors[1].Int64, r.key)
		for i, s := range []string{r.label, r.category} {
			b.Vectors[2+i].AppendText([]byte(s))
			valid(&b.Vectors[2+i], s != "")
		}
		b.Vectors[4].Float64 = append(b.Vectors[4].Float64, max(r.score, 0))
		valid(&b.Vectors[4], r.score >= 0)
	}
	var out bytes.Buffer
	w, err := parquetfile.NewFile(&out, schema, parquetfile.DefaultConfig(), nil)
	if err == nil {
		err = errors.Join(w.Write(b), w.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestScores(t *testing.T) {
	content := string(scoreFile(t, []scored{
		{11, "scan", "recon", 0.75}, {12, "", "", 0.5}, {13, "scan", "recon", -1}, {14, "dos", "", 3}, {15, "scan", "", 0.25},
	}))
	limit := 0.6
	for _, c := range []struct {
		name    string
		o       source.Options
		want    string
		skipped int64
	}{
		{"labels", source.Options{}, "[{11 0 0.75} {13 0 -1} {14 1 -1} {15 2 0.25}] [scan/recon dos/ scan/]", 1},
		{"labels above", source.Options{Threshold: &limit}, "[{11 0 0.75} {14 1 -1}] [scan/recon dos/]", 3},
		{"scores", source.Options{ScoreLabel: "odd"}, "[{11 0 0.75} {12 1 0.5} {14 1 -1}] [odd/recon odd/]", 2},
		{"named", source.Options{ScoreLabel: "odd", ScoreColumn: "other", Threshold: &limit}, "[{11 0 -1} {12 1 -1} {13 0 -1} {14 1 -1} {15 1 -1}] [odd/recon odd/]", 0},
	} {
		set, err := read(t, "x", content, c.o)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var meanings []string
		for _, m := range set.Meanings {
			meanings = append(meanings, m.Label+"/"+m.Category)
			if m.Priority != -1000 || m.ID != m.Label {
				t.Errorf("%s: %+v", c.name, m)
			}
		}
		s := set.Sources[0]
		if got := fmt.Sprint(set.Scores, " ", meanings); got != c.want || s.Skipped != c.skipped || s.Events != int64(len(set.Scores)) || s.Kind != label.Scores {
			t.Errorf("%s: %s, skipped %d, want %s", c.name, got, s.Skipped, c.want)
		}
		if sum := sha256.Sum256([]byte(content)); s.SHA256 != hex.EncodeToString(sum[:]) || s.Bytes != int64(len(content)) {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
	for _, o := range []source.Options{{ScoreColumn: "none"}, {ScoreColumn: "label", ScoreLabel: "x"}} {
		if _, err := read(t, "x", content, o); !errors.Is(err, source.ErrContent) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if _, err := read(t, "x", content, source.Options{MaxScores: 3}); !errors.Is(err, source.ErrLimit) {
		t.Errorf("limit: %v", err)
	}
	if _, err := read(t, "x", content[:len(content)-5], source.Options{}); !errors.Is(err, source.ErrOpen) {
		t.Errorf("cut: %v", err)
	}
}

func TestScoresOfAFolder(t *testing.T) {
	dir := t.TempDir()
	list := sha256.New()
	for i := range 2 {
		name, content := fmt.Sprintf("part-%05d.parquet", i), scoreFile(t, []scored{{int64(i), "a", "", -1}})
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(list, "%x  %s\n", sha256.Sum256(content), name)
	}
	set, err := source.Read(context.Background(), []string{dir}, source.Options{})
	if err != nil || len(set.Scores) != 2 || len(set.Meanings) != 1 || set.Sources[0].SHA256 != hex.EncodeToString(list.Sum(nil)) {
		t.Errorf("%v %+v", err, set)
	}
	if _, err := source.Read(context.Background(), []string{t.TempDir()}, source.Options{}); !errors.Is(err, source.ErrOpen) {
		t.Errorf("empty folder: %v", err)
	}
	if _, err := source.Read(context.Background(), []string{dir}, source.Options{Format: "csv"}); !errors.Is(err, source.ErrOptions) {
		t.Errorf("a folder as CSV: %v", err)
	}
}
