package leak

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"pcapmill/outputs/text"
)

// Headline says in one line what there is.
func (r *Report) Headline() string {
	n := r.count()
	if n[Error]+n[Warning]+n[Note] == 0 {
		return "nothing found"
	}
	return fmt.Sprintf("%s, %s, %s", text.Plural(n[Error], "error"), text.Plural(n[Warning], "warning"), text.Plural(n[Note], "note"))
}

// count is how many findings of each severity are not allowed.
func (r *Report) count() (n [3]int64) {
	for i := range r.Findings {
		if f := &r.Findings[i]; !f.Allowed {
			n[f.Severity]++
		}
	}
	return n
}

// facts say what was looked at.
func (r *Report) facts() []string {
	rows := make([]string, 0, 3)
	for s, name := range splits {
		if r.Rows[s] > 0 {
			rows = append(rows, fmt.Sprintf("%s %d", name, r.Rows[s]))
		}
	}
	classes := make([]string, 0, mostExamples)
	for i := range r.Classes {
		if i == 2*mostExamples {
			classes = append(classes, fmt.Sprintf("and %d more", len(r.Classes)-i))
			break
		}
		classes = append(classes, clip(r.Classes[i].shown()))
	}
	facts := []string{
		"rows: " + strings.Join(rows, ", "),
		fmt.Sprintf("columns: %d; label %s of %d classes: %s", r.Columns, clip(r.Label), len(r.Classes), strings.Join(classes, ", ")),
	}
	if by := r.Policy.text(); by != "" {
		facts = append(facts, "split by "+by)
	}
	if !r.Whole {
		facts = append(facts, fmt.Sprintf("values of %d training rows and %d others, sampled with seed %d; groups, moments and nulls of all rows", r.Sampled[0], r.Sampled[1], r.Seed))
	}
	for _, what := range r.Unchecked {
		facts = append(facts, "not checked: "+what)
	}
	return facts
}

func (p *Policy) text() string {
	by := escaped(p.By)
	if p.Internal != nil {
		by = append(by, "internal hosts")
	}
	return strings.Join(by, ", ")
}

// evidence writes numbers as name value, with commas between.
func (f *Finding) evidence() string {
	parts := make([]string, len(f.Evidence))
	for i, n := range f.Evidence {
		parts[i] = n.Name + " " + short(n.Value)
	}
	return strings.Join(parts, ", ")
}

// about names columns, escaped; empty: it is about rows.
func (f *Finding) about() string { return strings.Join(escaped(f.Columns), ", ") }

// WriteText writes a report for people.
func WriteText(w io.Writer, r *Report) error {
	var b bytes.Buffer
	fmt.Fprintln(&b, r.Headline())
	for _, fact := range r.facts() {
		fmt.Fprintf(&b, "  %s\n", fact)
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		severity := f.Severity.String()
		if f.Allowed {
			severity = "allowed"
		}
		fmt.Fprintf(&b, "\n%s  %s", severity, f.Kind)
		if about := f.about(); about != "" {
			fmt.Fprintf(&b, "  %s", about)
		}
		fmt.Fprintf(&b, "\n    %s\n", f.Detail)
		for _, example := range f.Examples {
			fmt.Fprintf(&b, "    - %s\n", example)
		}
		if len(f.Evidence) > 0 {
			fmt.Fprintf(&b, "    %s\n", f.evidence())
		}
		fmt.Fprintf(&b, "    to do: %s\n", f.Kind.Advice())
	}
	_, err := w.Write(b.Bytes())
	return err
}
