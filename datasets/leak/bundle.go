package leak

import (
	"fmt"
	"slices"
	"strings"
)

// bundle is what people get at once: findings of one kind and severity, which would fill pages
// one by one. There is at least one.
type bundle []*Finding

// Of a bundle so many columns are named, and so many findings of rows are told; others are counted.
const (
	mostNamed = 5
	mostTold  = 10
)

// bundles returns all findings, in their order.
func (r *Report) bundles() (all []bundle) {
	for i := range r.Findings {
		f := &r.Findings[i]
		at := slices.IndexFunc(all, func(b bundle) bool {
			return b[0].Kind == f.Kind && b[0].Severity == f.Severity && b[0].Allowed == f.Allowed
		})
		if at < 0 {
			all = append(all, bundle{f})
			continue
		}
		all[at] = append(all[at], f)
	}
	return all
}

// severity is the word for how bad they are.
func (f *Finding) severity() string {
	if f.Allowed {
		return "allowed"
	}
	return f.Severity.String()
}

// brief reports whether nobody has to act on them: a line is enough.
func (b bundle) brief() bool { return b[0].Allowed || b[0].Severity == Note }

// about names the columns to act on, escaped; empty: it is about rows.
func (b bundle) about() string {
	if len(b) == 1 {
		return b[0].about()
	}
	var names []string
	for _, f := range b {
		if len(f.Columns) > 0 && !slices.Contains(names, f.Columns[0]) {
			names = append(names, f.Columns[0])
		}
	}
	return some(escaped(names), mostNamed)
}

// told says what they are.
func (b bundle) told() []string {
	all := make([]string, len(b))
	for i, f := range b {
		all[i] = f.Detail
	}
	if len(b) == 1 {
		return append(all, b[0].Examples...)
	}
	if left := len(all) - mostTold; left > 0 {
		all = append(all[:mostTold], fmt.Sprintf("and %d more", left))
	}
	return all
}

// line is all of a bundle in a line.
func (b bundle) line() string {
	switch {
	case len(b) == 1:
		return b[0].Detail
	case b[0].Kind.ofColumn():
		return b[0].Kind.Title() + ": " + b.about()
	}
	return strings.Join(b.told(), "; ")
}

// some joins the first of a list, and counts the others.
func some(all []string, most int) string {
	if left := len(all) - most; left > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(all[:most], ", "), left)
	}
	return strings.Join(all, ", ")
}
