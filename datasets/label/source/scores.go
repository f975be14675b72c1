package source

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"

	"pcapmill/datasets/label"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
	"pcapmill/outputs/where"
)

// readScores reads a Parquet table that has flow_id, which is the same in every run over the same
// packets, and a label or a score of each flow: what a model said, or labels of another run.
//
//	flow_id int64 · label · category, mitre, campaign, rule_id text · score or confidence number
//
// With Options.ScoreLabel the label is that one for all rows whose score reaches the threshold.
func readScores(r *reading) error {
	t := scoreTable{reading: r, known: map[label.Meaning]int32{}}
	err := r.opts.View.Read(r.ctx, r.path, t.pick, t.take)
	if errors.Is(err, tables.ErrTable) {
		return fmt.Errorf("%w: %w", ErrOpen, err)
	}
	return err
}

func isParquet(head []byte, _ string) bool { return len(head) >= 4 && string(head[:4]) == "PAR1" }

// defaultThreshold is where a probability says yes.
const defaultThreshold = 0.5

// scoreTexts are the text columns that are read, in the order of scoreTable.texts.
var scoreTexts = []string{"label", "category", "mitre", "campaign", "rule_id"}

// scoreTable is one table on its way. Columns are places in the batch, -1 where there is none.
type scoreTable struct {
	*reading
	known  map[label.Meaning]int32
	key    int
	score  int
	texts  []int // of scoreTexts
	number int64 // rows so far
}

// pick chooses the columns to read.
func (t *scoreTable) pick(s *column.Schema) (names []string, err error) {
	add := func(name string) int {
		if s.Index(name) < 0 {
			return -1
		}
		names = append(names, name)
		return len(names) - 1
	}
	if i := s.Index("flow_id"); i < 0 || s.Columns[i].Type != column.Int64 {
		return nil, fmt.Errorf("%w: the table has no column flow_id of type int64", ErrContent)
	}
	t.key = add("flow_id")
	if t.score, err = t.pickScore(s, add); err != nil {
		return nil, err
	}
	t.texts = nil
	for i, name := range scoreTexts {
		at := -1
		if k := s.Index(name); k >= 0 && where.IsText(s.Columns[k].Type) && (i > 0 || t.opts.ScoreLabel == "") {
			at = add(name)
		}
		t.texts = append(t.texts, at)
	}
	if t.texts[0] < 0 && t.opts.ScoreLabel == "" {
		return nil, fmt.Errorf("%w: the table has no text column label, and no label was given for its scores", ErrContent)
	}
	return names, nil
}

// pickScore finds the column of scores; -1: there is none, and none is needed.
func (t *scoreTable) pickScore(s *column.Schema, add func(string) int) (int, error) {
	names := []string{"score", "confidence"}
	if t.opts.ScoreColumn != "" {
		names = []string{t.opts.ScoreColumn}
	}
	for _, name := range names {
		if i := s.Index(name); i >= 0 && where.IsNumber(s.Columns[i].Type) {
			return add(name), nil
		}
	}
	if t.opts.ScoreColumn != "" || t.opts.ScoreLabel != "" || t.opts.Threshold != nil {
		return -1, fmt.Errorf("%w: the table has no column of numbers called %s", ErrContent, text.Escape(names[0]))
	}
	return -1, nil
}

// take keeps the scores of a batch.
func (t *scoreTable) take(b *batch.Batch) error {
	for i := range b.Rows {
		t.number++
		if err := t.row(b, i); err != nil {
			return err
		}
	}
	return nil
}

func (t *scoreTable) row(b *batch.Batch, i int) error {
	score, scored := t.scoreOf(b, i)
	if b.Vectors[t.key].Null(i) || t.least() > score || !scored && (t.opts.ScoreLabel != "" || t.opts.Threshold != nil) {
		t.skip()
		return nil
	}
	var m label.Meaning
	for k, to := range []*string{&m.Label, &m.Category, &m.MITRE, &m.Campaign, &m.ID} {
		if at := t.texts[k]; at >= 0 && !b.Vectors[at].Null(i) {
			*to = b.Vectors[at].String(i)
		}
	}
	m.Label = cmp.Or(t.opts.ScoreLabel, m.Label)
	if m.Label == "" {
		t.skip()
		return nil
	}
	m.ID, m.Priority = cmp.Or(m.ID, m.Label), scorePriority
	confidence := float32(-1)
	if scored && score >= 0 && score <= 1 {
		confidence = float32(score)
	}
	return t.keep(b.Vectors[t.key].Int64[i], m, confidence)
}

// least is what a score must reach to count; scores that are not known reach all of them.
func (t *scoreTable) least() float64 {
	switch {
	case t.opts.Threshold != nil:
		return *t.opts.Threshold
	case t.opts.ScoreLabel != "":
		return defaultThreshold
	}
	return -math.MaxFloat64
}

// scoreOf returns a row's score; false and a value above all where it has none.
func (t *scoreTable) scoreOf(b *batch.Batch, i int) (float64, bool) {
	if t.score < 0 || b.Vectors[t.score].Null(i) {
		return math.MaxFloat64, false
	}
	v := &b.Vectors[t.score]
	switch b.Schema.Columns[t.score].Type {
	case column.Double:
		return v.Float64[i], v.Float64[i] == v.Float64[i]
	case column.Int32:
		return float64(v.Int32[i]), true
	}
	return float64(v.Int64[i]), true
}

// keep adds a score, whose meaning is one of few.
func (t *scoreTable) keep(key int64, m label.Meaning, confidence float32) error {
	if int64(len(t.set.Scores)) >= t.opts.MaxScores {
		return fmt.Errorf("%w: more than %d scores", ErrLimit, t.opts.MaxScores)
	}
	at, ok := t.known[m]
	if !ok {
		kept := m
		if int64(len(t.set.Meanings)) >= t.opts.MaxEvents {
			return fmt.Errorf("%w: more than %d kinds of scores", ErrLimit, t.opts.MaxEvents)
		}
		if err := t.meaning(place{0, -1}, &kept); err != nil {
			return t.refuse(place{t.number, -1}, err)
		}
		at = int32(len(t.set.Meanings))
		t.set.Meanings = append(t.set.Meanings, kept)
		t.known[m] = at
	}
	t.set.Scores = append(t.set.Scores, label.Score{Key: key, Meaning: at, Confidence: confidence})
	t.source.Events++
	return nil
}

// folder reads a table that is a folder of Parquet files. Its hash is that of the list of its
// parts as sha256sum writes it.
func (r *reading) folder() error {
	r.source.Kind = label.Scores
	if f := r.opts.Format; f != "" && f != label.Scores.String() {
		return fmt.Errorf("%w: a folder is a table of scores, not %s", ErrOptions, f)
	}
	parts, err := r.opts.View.Files(r.path)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrOpen, err)
	}
	r.source.SHA256, r.source.Bytes, err = manifest.HashFiles(r.ctx, parts)
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		return fmt.Errorf("%w: %s: %w", ErrOpen, text.Escape(at.Path), at.Err)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrOpen, err)
	}
	if err := readScores(r); err != nil {
		return err
	}
	return r.understood()
}
