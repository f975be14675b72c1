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
		classes = append(classes, r.Classes[i].shown())
	}
	facts := []string{
		"rows: " + strings.Join(rows, ", "),
		fmt.Sprintf("columns: %d; label %s of %s: %s", r.Columns, clip(r.Label), plurals(int64(len(r.Classes)), "class", "classes"), strings.Join(classes, ", ")),
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

// WriteText writes a report for people: findings of one kind together, and notes in a line each.
func WriteText(w io.Writer, r *Report) error {
	var b bytes.Buffer
	r.head(&b)
	space := "\n" // between what is in a line and what is not
	for _, of := range r.bundles() {
		if of.brief() {
			fmt.Fprintf(&b, "%s%s  %s  %s\n", space, of[0].severity(), of[0].Kind, of.line())
			space = ""
			continue
		}
		of.text(&b)
		space = "\n"
	}
	_, err := w.Write(b.Bytes())
	return err
}

// WriteDetails writes a report for people, with all that is known of each finding.
func WriteDetails(w io.Writer, r *Report) error {
	var b bytes.Buffer
	r.head(&b)
	for i := range r.Findings {
		bundle{&r.Findings[i]}.text(&b)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (r *Report) head(b *bytes.Buffer) {
	fmt.Fprintln(b, r.Headline())
	for _, fact := range r.facts() {
		fmt.Fprintf(b, "  %s\n", fact)
	}
}

// text writes findings with what to do.
func (b bundle) text(to *bytes.Buffer) {
	fmt.Fprintf(to, "\n%s  %s", b[0].severity(), b[0].Kind)
	if about := b.about(); about != "" {
		fmt.Fprintf(to, "  %s", about)
	}
	fmt.Fprintln(to)
	for i, line := range b.told() {
		if i > 0 || len(b) > 1 {
			line = "- " + line
		}
		fmt.Fprintf(to, "    %s\n", line)
	}
	if len(b) == 1 && len(b[0].Evidence) > 0 {
		fmt.Fprintf(to, "    %s\n", b[0].evidence())
	}
	fmt.Fprintf(to, "    to do: %s\n", b[0].Kind.Advice())
}
