package leak

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"pcapmill/outputs/text"
)

// DocumentVersion is that of the JSON document.
const DocumentVersion = 1

type jsonReport struct {
	Version  int           `json:"schema_version"`
	Summary  jsonSummary   `json:"summary"`
	Dataset  jsonDataset   `json:"dataset"`
	Findings []jsonFinding `json:"findings"`
	Skipped  []string      `json:"not_checked"`
}

type jsonSummary struct {
	Errors   int64  `json:"errors"`
	Warnings int64  `json:"warnings"`
	Notes    int64  `json:"notes"`
	Allowed  int    `json:"allowed"`
	FailOn   string `json:"fail_on"`
	Failed   bool   `json:"failed"`
}

type jsonDataset struct {
	Label   string           `json:"label"`
	SplitBy []string         `json:"split_by"`
	Rows    map[string]int64 `json:"rows"` // keys are written in order
	Columns int              `json:"columns"`
	Classes []jsonClass      `json:"classes"`
	Seed    uint64           `json:"seed"`
	Sampled map[string]int64 `json:"sampled_rows"`
	Whole   bool             `json:"sample_is_all"`
}

type jsonClass struct {
	Name *string          `json:"name"` // null: rows without a label
	Rows map[string]int64 `json:"rows"`
}

type jsonFinding struct {
	Kind     string       `json:"kind"`
	Severity string       `json:"severity"`
	Allowed  bool         `json:"allowed"`
	Title    string       `json:"title"`
	Columns  []string     `json:"columns"`
	Detail   string       `json:"detail"`
	Evidence []jsonNumber `json:"evidence"`
	Examples []string     `json:"examples"`
	Advice   string       `json:"advice"`
}

type jsonNumber struct {
	Name  string   `json:"name"`
	Value *float64 `json:"value"` // null: no finite number
}

// WriteJSON writes the whole report, indented. The same report gives the same bytes.
func WriteJSON(w io.Writer, r *Report, failOn Failure) error {
	n := r.count()
	doc := jsonReport{
		Version: DocumentVersion,
		Summary: jsonSummary{Errors: n[Error], Warnings: n[Warning], Notes: n[Note], FailOn: failOn.String(), Failed: failOn.Of(r)},
		Dataset: jsonDataset{
			Label: r.Label, SplitBy: filled(r.Policy.By), Rows: bySplit(r.Rows), Columns: r.Columns, Classes: []jsonClass{}, Seed: r.Seed,
			Sampled: map[string]int64{"training": r.Sampled[0], "others": r.Sampled[1]}, Whole: r.Whole,
		},
		Findings: []jsonFinding{}, Skipped: filled(r.Unchecked),
	}
	for i := range r.Classes {
		c := jsonClass{Rows: bySplit(r.Classes[i].Rows)}
		if !r.Classes[i].Null {
			c.Name = &r.Classes[i].Name
		}
		doc.Dataset.Classes = append(doc.Dataset.Classes, c)
	}
	for i := range r.Findings {
		f := r.Findings[i].json()
		if f.Allowed {
			doc.Summary.Allowed++
		}
		doc.Findings = append(doc.Findings, f)
	}
	return text.WriteJSON(w, doc, "  ")
}

// ReadJSON reads the findings of WriteJSON's report, without evidence and examples, and what was not
// checked; it can be a stranger's.
// The error is ErrDataset.
func ReadJSON(data []byte) (*Report, error) {
	var doc jsonReport
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("%w: report of a check: %w", ErrDataset, err)
	}
	if doc.Version != DocumentVersion {
		return nil, fmt.Errorf("%w: report of a check: version %d, this build knows %d", ErrDataset, doc.Version, DocumentVersion)
	}
	r := &Report{Unchecked: harmless(doc.Skipped)}
	for i := range doc.Findings {
		f := &doc.Findings[i]
		kind, severity := slices.Index(Kinds(), f.Kind), slices.Index(severities[:], f.Severity)
		if kind < 0 || severity < 0 {
			return nil, fmt.Errorf("%w: report of a check: a finding that is no %s or %s", ErrDataset, text.Escape(f.Kind), text.Escape(f.Severity))
		}
		r.add(Finding{Kind: Kind(kind), Severity: Severity(severity), Columns: harmless(f.Columns), Detail: harmless([]string{f.Detail})[0], Allowed: f.Allowed})
	}
	return r, nil
}

// harmless escapes those of texts that Escape has not written.
func harmless(all []string) []string {
	out := make([]string, len(all))
	for i, s := range all {
		raw, err := text.Unescape(s)
		if out[i] = text.Escape(raw); err != nil || out[i] != s {
			out[i] = text.Escape(s)
		}
	}
	return out
}

func (f *Finding) json() jsonFinding {
	out := jsonFinding{
		Kind: f.Kind.String(), Severity: f.Severity.String(), Allowed: f.Allowed, Title: f.Kind.Title(), Columns: filled(f.Columns),
		Detail: f.Detail, Evidence: []jsonNumber{}, Examples: filled(f.Examples), Advice: f.Kind.Advice(),
	}
	for i := range f.Evidence {
		n := jsonNumber{Name: f.Evidence[i].Name}
		if x := &f.Evidence[i].Value; *x-*x == 0 {
			n.Value = x
		}
		out.Evidence = append(out.Evidence, n)
	}
	return out
}

func bySplit(rows [3]int64) map[string]int64 {
	m := make(map[string]int64, len(rows))
	for s, name := range splits {
		m[name] = rows[s]
	}
	return m
}

// filled makes a list that is nil an empty one.
func filled(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
