package compare

import (
	"fmt"
	"io"
	"strings"

	"pcapmill/datasets/label/page"
	"pcapmill/model/drift/report"
)

// JSON writes the whole report, indented, with a line end behind it.
func JSON(w io.Writer, r *Report) error {
	data, err := report.Marshal(*r, "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(data, '\n'))
	return err
}

// mostMatrix is how many classes the matrix of people has; the list below it has all pairs.
const mostMatrix = 12

// Page is a report as people see it, with at most so many rows of a table; 0: all.
func (r *Report) Page(top int) *page.Page {
	p := &page.Page{Title: fmt.Sprintf("%s of %s agree (%s)", page.Count(r.Agree), page.Plural(r.Rows, "row"), page.Share(r.Agree, r.Rows))}
	p.Facts = []page.Fact{
		{Name: "A, what is true", Text: fmt.Sprintf("%s: %s, %s not in B", r.A, page.Plural(r.RowsA, "row"), page.Count(r.OnlyA))},
		{Name: "B, what is judged", Text: fmt.Sprintf("%s: %s, %s not in A", r.B, page.Plural(r.RowsB, "row"), page.Count(r.OnlyB))},
		{Name: "Cohen's kappa", Text: page.Ratio(r.Kappa)},
		{Name: "macro F1", Text: page.Ratio(r.MacroF1)},
	}
	if n := r.AgainA + r.AgainB; n > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("%s of a key that came before: they do not count.", page.Plural(n, "row")))
	}
	p.Sections = []page.Section{r.scores(top), r.matrix(), r.disagreements(top), r.byOutcome()}
	return p
}

func (r *Report) scores(top int) page.Section {
	s := page.Section{
		Name: "Labels", Doc: "Precision is of what B calls so, recall of what A calls so",
		Columns: append(page.Words("label"), page.Numbers("in A", "in B", "in both", "precision", "recall", "F1")...),
	}
	for i := range r.Labels {
		if top > 0 && i == top {
			s.More = int64(len(r.Labels) - top)
			break
		}
		x := &r.Labels[i]
		s.Rows = append(s.Rows, []string{x.Label, page.Count(x.A), page.Count(x.B), page.Count(x.Both), page.Ratio(x.Precision), page.Ratio(x.Recall), page.Ratio(x.F1)})
	}
	return s
}

// matrix is the confusion of the most frequent classes. Columns have numbers, since the names of
// labels would not fit.
func (r *Report) matrix() page.Section {
	s := page.Section{Name: "Confusion", Doc: "Rows are classes of A, columns the same classes of B", Columns: append(page.Words("A"), page.Numbers("no.")...)}
	some := r.Labels[:min(len(r.Labels), mostMatrix)]
	rows := map[[2]string]int64{}
	for _, c := range r.Confusion {
		rows[[2]string{c.A, c.B}] = c.Rows
	}
	for i := range some {
		s.Columns = append(s.Columns, page.Numbers(fmt.Sprint(i+1))...)
		cells := []string{some[i].Label, fmt.Sprint(i + 1)}
		for k := range some {
			cells = append(cells, page.Count(rows[[2]string{some[i].Label, some[k].Label}]))
		}
		s.Rows = append(s.Rows, cells)
	}
	s.More = int64(len(r.Labels) - len(some))
	return s
}

func (r *Report) disagreements(top int) page.Section {
	s := page.Section{
		Name: "Disagreements", Doc: "The most frequent first, with the " + r.Key + " of some of their rows", None: "there are none",
		Columns: append(append(page.Words("A", "B"), page.Numbers("rows")...), page.Words("some of them")...),
	}
	for _, c := range r.Confusion {
		if c.A == c.B {
			continue
		}
		if top > 0 && len(s.Rows) == top {
			s.More++
			continue
		}
		s.Rows = append(s.Rows, []string{c.A, c.B, page.Count(c.Rows), strings.Trim(fmt.Sprint(c.Examples), "[]")})
	}
	return s
}

func (r *Report) byOutcome() page.Section {
	s := page.Section{Name: "Outcomes", Columns: append(page.Words("A", "B"), page.Numbers("rows")...)}
	for _, c := range r.Outcomes {
		if c.Rows > 0 {
			s.Rows = append(s.Rows, []string{c.A, c.B, page.Count(c.Rows)})
		}
	}
	return s
}
