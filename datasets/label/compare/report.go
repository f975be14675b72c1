package compare

import (
	"cmp"
	"fmt"
	"slices"

	"pcapmill/outputs/text"
)

// Report says how far two labellings agree. A is what is true, B what is judged.
type Report struct {
	A         string   `json:"a"`
	B         string   `json:"b"`
	Key       string   `json:"key"`
	RowsA     int64    `json:"rows_a"`
	RowsB     int64    `json:"rows_b"`
	OnlyA     int64    `json:"only_a"` // rows that B lacks: they do not count
	OnlyB     int64    `json:"only_b"`
	AgainA    int64    `json:"repeated_a"` // rows whose key came before: they do not count
	AgainB    int64    `json:"repeated_b"`
	Rows      int64    `json:"rows"`  // that both have
	Agree     int64    `json:"agree"` // of these
	Agreement *float64 `json:"agreement"`
	Kappa     *float64 `json:"cohens_kappa"` // null where both have one class only
	MacroF1   *float64 `json:"macro_f1"`     // mean F1 of the labels that A has
	Labels    []Score  `json:"labels"`
	Outcomes  []Cell   `json:"outcomes"`  // labelled, unlabelled, ambiguous in A and B
	Confusion []Cell   `json:"confusion"` // all pairs that there are, by rows
}

// Score is how B does on a class of A.
type Score struct {
	Label     string   `json:"label"`
	A         int64    `json:"a"`    // rows of A that have it
	B         int64    `json:"b"`    // rows of B
	Both      int64    `json:"both"` // rows that have it in both
	Precision *float64 `json:"precision"`
	Recall    *float64 `json:"recall"`
	F1        *float64 `json:"f1"`
}

// Cell is how many rows are one thing in A and another one in B.
type Cell struct {
	A        string  `json:"a"`
	B        string  `json:"b"`
	Rows     int64   `json:"rows"`
	Examples []int64 `json:"example_keys,omitempty"` // the lowest
}

// mostExamples is how many keys a Cell shows.
const mostExamples = 3

// cellKey is a pair of classes, by their numbers.
type cellKey struct{ a, b int32 }

// Of compares two labellings. The error is ErrLabels where they have no row in common.
func Of(a, b *Labels) (*Report, error) {
	if a.Key != b.Key {
		return nil, fmt.Errorf("%w: %s has labels by %s, and %s by %s", ErrLabels, text.Escape(a.Name), a.Key, text.Escape(b.Name), b.Key)
	}
	a.done()
	b.done()
	r := &Report{A: a.Name, B: b.Name, Key: a.Key, RowsA: int64(len(a.rows)), RowsB: int64(len(b.rows)), AgainA: a.Again, AgainB: b.Again}
	cells := r.join(a, b)
	if r.Rows == 0 {
		return nil, fmt.Errorf("%w: %s and %s have no %s in common", ErrLabels, text.Escape(a.Name), text.Escape(b.Name), a.Key)
	}
	for k, c := range cells {
		c.A, c.B = a.names[k.a], b.names[k.b]
		r.Confusion = append(r.Confusion, *c)
	}
	slices.SortFunc(r.Confusion, func(x, y Cell) int {
		return cmp.Or(cmp.Compare(y.Rows, x.Rows), cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B))
	})
	r.score()
	r.outcomes()
	return r, nil
}

// join counts the pairs of classes of the rows that both have.
func (r *Report) join(a, b *Labels) map[cellKey]*Cell {
	cells := map[cellKey]*Cell{}
	i, k := 0, 0
	for i < len(a.rows) && k < len(b.rows) {
		x, y := a.rows[i], b.rows[k]
		switch {
		case x.key < y.key:
			i++
			continue
		case x.key > y.key:
			k++
			continue
		}
		key := cellKey{x.code, y.code}
		c := cells[key]
		if c == nil {
			c = &Cell{}
			cells[key] = c
		}
		if c.Rows++; len(c.Examples) < mostExamples {
			c.Examples = append(c.Examples, x.key)
		}
		r.Rows++
		i, k = i+1, k+1
	}
	r.OnlyA, r.OnlyB = int64(len(a.rows))-r.Rows, int64(len(b.rows))-r.Rows
	return cells
}

// score fills what follows from the confusion.
func (r *Report) score() {
	places := map[string]int{}
	of := func(name string) *Score {
		i, known := places[name]
		if !known {
			i = len(r.Labels)
			places[name] = i
			r.Labels = append(r.Labels, Score{Label: name})
		}
		return &r.Labels[i]
	}
	for _, c := range r.Confusion {
		of(c.A).A += c.Rows
		of(c.B).B += c.Rows
		if c.A == c.B {
			of(c.A).Both += c.Rows
			r.Agree += c.Rows
		}
	}
	slices.SortFunc(r.Labels, func(x, y Score) int {
		return cmp.Or(cmp.Compare(y.A+y.B, x.A+x.B), cmp.Compare(x.Label, y.Label))
	})
	chance, sum, labels := 0.0, 0.0, 0
	for i := range r.Labels {
		s := &r.Labels[i]
		s.Precision, s.Recall, s.F1 = share(s.Both, s.B), share(s.Both, s.A), share(2*s.Both, s.A+s.B)
		chance += float64(s.A) / float64(r.Rows) * (float64(s.B) / float64(r.Rows))
		if s.A > 0 && s.Label != Unlabelled && s.Label != Ambiguous {
			sum, labels = sum+*s.F1, labels+1
		}
	}
	r.Agreement = share(r.Agree, r.Rows)
	if len(r.Labels) > 1 {
		kappa := (*r.Agreement - chance) / (1 - chance)
		r.Kappa = &kappa
	}
	if labels > 0 {
		mean := sum / float64(labels)
		r.MacroF1 = &mean
	}
}

// share is nil for a share of nothing.
func share(part, whole int64) *float64 {
	if whole == 0 {
		return nil
	}
	x := float64(part) / float64(whole)
	return &x
}

// outcomes sums up the confusion by outcomes.
func (r *Report) outcomes() {
	rows := map[[2]string]int64{}
	for _, c := range r.Confusion {
		rows[[2]string{outcomeOf(c.A), outcomeOf(c.B)}] += c.Rows
	}
	names := []string{"labelled", "unlabelled", "ambiguous"}
	for _, a := range names {
		for _, b := range names {
			r.Outcomes = append(r.Outcomes, Cell{A: a, B: b, Rows: rows[[2]string{a, b}]})
		}
	}
}

func outcomeOf(class string) string {
	switch class {
	case Unlabelled:
		return "unlabelled"
	case Ambiguous:
		return "ambiguous"
	}
	return "labelled"
}
