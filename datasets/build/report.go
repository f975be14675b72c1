package build

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"pcapmill/features/column"
	"pcapmill/outputs/text"
)

// Summary is what a dataset's report says: dataset.json.
type Summary struct {
	Table      string     `json:"table"`
	Read       int64      `json:"rows_read"`
	Rows       int64      `json:"rows"`
	LeftOut    []LeftOut  `json:"left_out"`
	Runs       []RunRows  `json:"runs"`
	Classes    []Class    `json:"classes"`
	Columns    []Column   `json:"columns"`
	Excluded   []Excluded `json:"not_columns"`
	Predicates []string   `json:"predicate_columns"`
	Seed       uint64     `json:"seed"`
	Notes      []string   `json:"notes"`
}

// RunRows is what comes from one run.
type RunRows struct {
	Run  int   `json:"run"`
	Read int64 `json:"rows_read"`
	Rows int64 `json:"rows"`
}

// Class is a label and its rows. The largest comes first.
type Class struct {
	Label   *string  `json:"label"`         // null: the rows have none
	Whole   int64    `json:"rows_of_whole"` // before sampling, and before small classes were dropped
	Rows    int64    `json:"rows"`
	Share   float64  `json:"share"`            // of the dataset's rows
	Weight  *float64 `json:"balancing_weight"` // that makes all classes count alike: rows / (classes × rows of the class); null of no rows
	Dropped bool     `json:"dropped,omitempty"`
}

// chosen notes the columns.
func (s *Summary) chosen(cfg *Config, data *column.Schema, picked *choice) {
	s.Columns, s.Excluded = cfg.columnsOf(data, len(picked.at)), append([]Excluded{}, picked.out...)
	s.Notes = append([]string{}, picked.notes...)
}

// written notes the rows.
func (s *Summary) written(w *writing, names []string) {
	for i := range w.rowsOfPair {
		s.Runs = append(s.Runs, RunRows{i, w.seenOfPair[i], w.rowsOfPair[i]})
		s.Read, s.Rows = s.Read+w.seenOfPair[i], s.Rows+w.rowsOfPair[i]
	}
	for i, n := range w.rowsByClass {
		c := Class{Rows: n}
		if i > 0 {
			c.Label = &names[i]
		}
		s.Classes = append(s.Classes, c)
	}
}

// summarise works out what follows from the counts.
func (b *builder) summarise() {
	s := &b.report
	s.Table, s.Seed = b.cfg.Table, b.cfg.Seed
	s.LeftOut = []LeftOut{}
	s.Predicates = slices.AppendSeq([]string{}, maps.Keys(b.predicates))
	slices.Sort(s.Predicates)
	for why, n := range b.left {
		if n > 0 {
			s.LeftOut = append(s.LeftOut, LeftOut{outReasons[why], n})
		}
	}
	classes := 0
	for i := range s.Classes {
		if i < len(b.census.classes) {
			s.Classes[i].Whole, s.Classes[i].Dropped = b.census.classes[i].whole, b.census.classes[i].small
		}
		if s.Classes[i].Rows > 0 {
			classes++
		}
	}
	s.Classes = slices.DeleteFunc(s.Classes, func(c Class) bool { return c.Whole == 0 })
	for i := range s.Classes {
		c := &s.Classes[i]
		c.Share = float64(c.Rows) / float64(max(s.Rows, 1))
		if c.Rows > 0 {
			weight := float64(s.Rows) / (float64(classes) * float64(c.Rows))
			c.Weight = &weight
		}
	}
	slices.SortStableFunc(s.Classes, func(x, y Class) int {
		return cmp.Or(-cmp.Compare(x.Rows, y.Rows), cmp.Compare(nameOf(x), nameOf(y)))
	})
	b.notes(classes)
}

// notes says what a reader should know.
func (b *builder) notes(classes int) {
	s := &b.report
	for i := range s.Classes {
		c := &s.Classes[i]
		switch {
		case c.Dropped:
			s.Notes = append(s.Notes, fmt.Sprintf("class %s is dropped: %s, fewer than %d", nameOf(*c), text.Plural(b.census.takenOf(c, b.sieve), "row"), b.cfg.MinClass))
		case c.Rows < b.cfg.MinClass:
			s.Notes = append(s.Notes, fmt.Sprintf("class %s has %s, fewer than %d", nameOf(*c), text.Plural(c.Rows, "row"), b.cfg.MinClass))
		}
	}
	s.Notes = append(s.Notes, twice(b.pairs)...)
	if classes == 1 {
		s.Notes = append(s.Notes, "all rows are of one class")
	}
	if s.Rows == 0 {
		s.Notes = append(s.Notes, "no row is left")
	}
	for _, j := range b.joiners {
		if j.lookup != nil && !j.shape.lookup {
			s.Notes = append(s.Notes, "labels are in another order than rows: they were joined by their keys")
			break
		}
	}
}

// takenOf is how many rows of a class the sample has.
func (c *census) takenOf(of *Class, s *sieve) int64 {
	if of.Label == nil {
		return c.classes[0].taken
	}
	return c.classes[s.classes[*of.Label]].taken
}

// nameOf is a class's name for people.
func nameOf(c Class) string {
	if c.Label == nil {
		return "(no label)"
	}
	return text.Escape(*c.Label)
}

// Write writes the report as JSON.
func (s *Summary) Write(w io.Writer) error {
	return text.WriteJSON(w, s, "  ")
}

// WriteText writes it for people.
func (s *Summary) WriteText(w io.Writer) error {
	p := printer{w: w}
	p.line("%s of %s of %s", text.Count(s.Rows), text.Plural(s.Read, "row"), s.Table)
	for _, l := range s.LeftOut {
		p.line("  left out: %d, %s", l.Rows, l.Reason)
	}
	p.line("%s and %s", text.Plural(int64(s.features()), "column"), text.Plural(int64(len(s.Columns)-s.features()), "label column"))
	p.excluded(s.Excluded)
	for _, c := range s.Classes {
		p.line("  %-40s %12d  %6.2f %%", nameOf(c), c.Rows, 100*c.Share)
	}
	for _, note := range s.Notes {
		p.line("note: %s", note)
	}
	return p.err
}

// features is how many columns are the table's.
func (s *Summary) features() int {
	n := 0
	for i := range s.Columns {
		if s.Columns[i].Sees != SeesLabels {
			n++
		}
	}
	return n
}

// excluded says how many columns are not in data for each reason, and role where that is the reason.
func (p *printer) excluded(all []Excluded) {
	if len(all) == 0 {
		return
	}
	var reasons []string
	counts := map[string]int{}
	for _, e := range all {
		why := inShort[e.Reason]
		if e.Reason == isRole {
			why = e.Role
		}
		if counts[why]++; counts[why] == 1 {
			reasons = append(reasons, why)
		}
	}
	slices.SortFunc(reasons, func(a, b string) int { return cmp.Or(-cmp.Compare(counts[a], counts[b]), cmp.Compare(a, b)) })
	for i, why := range reasons {
		reasons[i] = fmt.Sprintf("%d %s", counts[why], why)
	}
	p.line("  not in data: %d: %s", len(all), strings.Join(reasons, ", "))
}

// inShort are reasons other than a role, behind a number.
var inShort = map[string]string{isList: "of lists", isPredicate: "that rules ask for", isDropped: "dropped by name", isUnnamed: "not named"}

// printer writes lines until one cannot be written.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}
