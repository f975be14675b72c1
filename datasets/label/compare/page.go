package compare

import (
	"fmt"
	"io"
	"strings"

	"pcapmill/outputs/report"
	"pcapmill/outputs/text"
)

// JSON writes the whole report, indented, with a line end behind it.
func JSON(w io.Writer, r *Report) error {
	return text.WriteJSON(w, *r, "  ")
}

// mostMatrix is how many classes the matrix of people has; the list below it has all pairs.
const mostMatrix = 12

// Page is a report as people see it, with at most so many rows of a table; 0: all.
func (r *Report) Page(top int) *report.Page {
	p := &report.Page{Title: fmt.Sprintf("%s of %s agree (%s)", text.Count(r.Agree), text.Plural(r.Rows, "row"), report.Share(r.Agree, r.Rows))}
	p.Facts = []report.Fact{
		{Name: "A, what is true", Text: fmt.Sprintf("%s: %s, %s not in B", r.A, text.Plural(r.RowsA, "row"), text.Count(r.OnlyA))},
		{Name: "B, what is judged", Text: fmt.Sprintf("%s: %s, %s not in A", r.B, text.Plural(r.RowsB, "row"), text.Count(r.OnlyB))},
		{Name: "Cohen's kappa", Text: report.Ratio(r.Kappa)},
		{Name: "macro F1", Text: report.Ratio(r.MacroF1)},
	}
	if n := r.AgainA + r.AgainB; n > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("%s of a key that came before: they do not count.", text.Plural(n, "row")))
	}
	p.Sections = []report.Section{r.scores(top), r.matrix(), r.disagreements(top), r.byOutcome()}
	return p
}

func (r *Report) scores(top int) report.Section {
	s := report.Section{
		Name: "Labels", Doc: "Precision is of what B calls so, recall of what A calls so",
		Columns: append(report.Words("label"), report.Numbers("in A", "in B", "in both", "precision", "recall", "F1")...),
	}
	for i := range r.Labels {
		if top > 0 && i == top {
			s.More = int64(len(r.Labels) - top)
			break
		}
		x := &r.Labels[i]
		s.Rows = append(s.Rows, []string{x.Label, text.Count(x.A), text.Count(x.B), text.Count(x.Both), report.Ratio(x.Precision), report.Ratio(x.Recall), report.Ratio(x.F1)})
	}
	return s
}

// matrix is the confusion of the most frequent classes. Columns have numbers, since the names of
// labels would not fit.
func (r *Report) matrix() report.Section {
	s := report.Section{Name: "Confusion", Doc: "Rows are classes of A, columns the same classes of B", Columns: append(report.Words("A"), report.Numbers("no.")...)}
	some := r.Labels[:min(len(r.Labels), mostMatrix)]
	rows := map[[2]string]int64{}
	for _, c := range r.Confusion {
		rows[[2]string{c.A, c.B}] = c.Rows
	}
	for i := range some {
		s.Columns = append(s.Columns, report.Numbers(fmt.Sprint(i+1))...)
		cells := []string{some[i].Label, fmt.Sprint(i + 1)}
		for k := range some {
			cells = append(cells, text.Count(rows[[2]string{some[i].Label, some[k].Label}]))
		}
		s.Rows = append(s.Rows, cells)
	}
	s.More = int64(len(r.Labels) - len(some))
	return s
}

func (r *Report) disagreements(top int) report.Section {
	s := report.Section{
		Name: "Disagreements", Doc: "The most frequent first, with the " + r.Key + " of some of their rows", None: "there are none",
		Columns: append(append(report.Words("A", "B"), report.Numbers("rows")...), report.Words("some of them")...),
	}
	for _, c := range r.Confusion {
		if c.A == c.B {
			continue
		}
		if top > 0 && len(s.Rows) == top {
			s.More++
			continue
		}
		s.Rows = append(s.Rows, []string{c.A, c.B, text.Count(c.Rows), strings.Trim(fmt.Sprint(c.Examples), "[]")})
	}
	return s
}

func (r *Report) byOutcome() report.Section {
	s := report.Section{Name: "Outcomes", Columns: append(report.Words("A", "B"), report.Numbers("rows")...)}
	for _, c := range r.Outcomes {
		if c.Rows > 0 {
			s.Rows = append(s.Rows, []string{c.A, c.B, text.Count(c.Rows)})
		}
	}
	return s
}
