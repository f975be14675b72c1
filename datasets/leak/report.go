package leak

import (
	"cmp"
	"slices"
	"strings"
)

// Report is what a check found.
type Report struct {
	Label     string
	Policy    Policy
	Rows      [3]int64 // by split
	Classes   []Class
	Columns   int // of data that were looked at
	Seed      uint64
	Sampled   [2]int64 // rows: training, others
	Whole     bool     // these are all
	Findings  []Finding
	Unchecked []string // what was not looked at, and why
}

// Class is one value of the label.
type Class struct {
	Name string // as in the table; empty with Null
	Null bool
	Rows [3]int64 // by split
}

// Finding is one thing that is wrong, or that a reader should know.
type Finding struct {
	Kind     Kind
	Severity Severity
	Columns  []string // of data or keys that it is about, the one to act on first
	Detail   string   // in a sentence, escaped: what this one is
	Evidence []Number
	Examples []string // escaped, mostExamples at most
	Allowed  bool     // accepted by Config.Allow
}

// Number is a measured value.
type Number struct {
	Name  string
	Value float64
}

// mostExamples of a finding.
const mostExamples = 5

// Splits by number.
const (
	Train = iota
	Validation
	Test
)

var splits = [...]string{"train", "validation", "test"}

func (r *Report) add(f Finding) { r.Findings = append(r.Findings, f) }

// finish marks what is allowed and orders findings: worst first, then by kind and column.
func (r *Report) finish(allow []Allow) {
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Allowed = slices.ContainsFunc(allow, f.allowedBy)
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Kind, b.Kind), strings.Compare(strings.Join(a.Columns, "\x00"), strings.Join(b.Columns, "\x00")))
	})
}

// WithoutKeys takes examples out that are values of keys: addresses, connections, campaigns.
func (r *Report) WithoutKeys() {
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Kind <= GroupOverlap {
			f.Examples = nil
		}
	}
}

func (f *Finding) allowedBy(a Allow) bool {
	return a.Kind == f.Kind && (a.Column == "" || slices.Contains(f.Columns, a.Column))
}
