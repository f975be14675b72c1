package pack

import (
	"fmt"
	"strings"

	"pcapmill/datasets/leak"
	"pcapmill/outputs/text"
)

// Checked is what a look for leaks found.
type Checked struct {
	Headline string
	Findings int64    // that are more than notes, and that nobody allowed
	Lines    []string // a finding each, escaped
}

// CheckedOf sums up a report.
func CheckedOf(r *leak.Report) *Checked {
	c := &Checked{Headline: r.Headline()}
	var notes []leak.Kind
	count := map[leak.Kind]int64{}
	for i := range r.Findings {
		f := &r.Findings[i]
		word := f.Severity.String()
		switch {
		case f.Severity == leak.Note: // summed up below: there can be hundreds
			if count[f.Kind]++; count[f.Kind] == 1 {
				notes = append(notes, f.Kind)
			}
			continue
		case f.Allowed:
			word += ", allowed"
		default:
			c.Findings++
		}
		c.Lines = append(c.Lines, fmt.Sprintf("%s: %s (%s): %s", word, f.Kind.Title(), strings.Join(f.Columns, ", "), f.Detail))
	}
	for _, kind := range notes {
		c.Lines = append(c.Lines, fmt.Sprintf("note: %s, %s", kind.Title(), times(count[kind])))
	}
	for _, not := range r.Unchecked {
		c.Lines = append(c.Lines, "not checked: "+not)
	}
	return c
}

func times(n int64) string {
	if n == 1 {
		return "once"
	}
	return text.Count(n) + " times"
}
