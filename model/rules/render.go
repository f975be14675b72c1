package rules

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"pcapmill/model/drift"
	"pcapmill/outputs/text"
)

// Never is a severity that no alert has, for reports that never fail.
const Never = drift.Critical + 1

// nameOf names a severity from which on reports fail.
func nameOf(failOn drift.Severity) string {
	if failOn == Never {
		return "never"
	}
	return failOn.String()
}

// Fails reports whether an alert is at or above a severity.
func (r *Report) Fails(failOn drift.Severity) bool {
	return len(r.Alerts) > 0 && r.Worst() >= failOn
}

// Message says in one line, as escaped text, what an alert is.
func (a *Alert) Message() string {
	parts := []string{text.Escape(a.Rule.Title)}
	if keys := named(a.Keys); keys != "" {
		parts = append(parts, keys)
	}
	if a.Value.Known {
		parts = append(parts, a.valueText())
	}
	return strings.Join(parts, ": ")
}

// named writes fields as name value, with commas between.
func named(fields []Field) string {
	parts := make([]string, len(fields))
	for i := range fields {
		parts[i] = text.Escape(fields[i].Name) + " " + fields[i].shown()
	}
	return strings.Join(parts, ", ")
}

func (f *Field) shown() string {
	switch {
	case f.Null:
		return "-"
	case f.Value == "":
		return `""`
	}
	return text.Escape(f.Value)
}

// valueText is the aggregate and the threshold that it passes.
func (a *Alert) valueText() string {
	about := ""
	if a.Value.Estimate {
		about = "about "
	}
	t := a.Rule.Threshold
	return fmt.Sprintf("%s is %s%s (%s %s)", a.Rule.Aggregate, about, formatNumber(a.Value.X), t.Operator, formatNumber(t.Value))
}

func plural(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// headline says what there is.
func (r *Report) headline() string {
	if len(r.Alerts) == 0 {
		return "no alerts"
	}
	of := int64(0)
	for _, o := range r.Outcomes {
		if len(o.Alerts) > 0 {
			of++
		}
	}
	return fmt.Sprintf("%s of %s; the worst is %s", plural(int64(len(r.Alerts)), "alert"), plural(of, "rule"), r.Worst())
}

// times says how often, and until when, an alert came again.
func (a *Alert) times() string {
	if a.Count == 1 {
		return ""
	}
	return fmt.Sprintf("%d times, until %s", a.Count, instantOf(a.Last))
}

// WriteText writes a report for people.
func WriteText(w io.Writer, r *Report) error {
	var b bytes.Buffer
	fmt.Fprintln(&b, r.headline())
	for i := range r.Alerts {
		a := &r.Alerts[i]
		fmt.Fprintf(&b, "\n%s  %s  %s: %s\n", instantOf(a.Time), a.Rule.Severity, a.Rule.ID, text.Escape(a.Rule.Title))
		for _, line := range a.lines() {
			fmt.Fprintf(&b, "    %s\n", line)
		}
	}
	if notes := r.Notes(); len(notes) > 0 {
		fmt.Fprintln(&b)
		for _, note := range notes {
			fmt.Fprintln(&b, note)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// lines are what an alert says below its title.
func (a *Alert) lines() []string {
	var lines []string
	var first []string
	for _, part := range []string{named(a.Keys), a.value(), a.times()} {
		if part != "" {
			first = append(first, part)
		}
	}
	if len(first) > 0 {
		lines = append(lines, strings.Join(first, "; "))
	}
	if len(a.Evidence) > 0 {
		lines = append(lines, named(a.Evidence))
	}
	return lines
}

func (a *Alert) value() string {
	if !a.Value.Known {
		return ""
	}
	return a.valueText()
}

// Notes say, as escaped lines, how many rules were applied, which were skipped and why, and what
// was left out.
func (r *Report) Notes() []string {
	var notes []string
	applied := r.Applied()
	notes = append(notes, plural(applied, "rule")+" applied, "+fmt.Sprintf("%d skipped", int64(len(r.Outcomes))-applied))
	for _, o := range r.Outcomes {
		for _, why := range o.Skipped {
			notes = append(notes, fmt.Sprintf("  skipped %s: %s", o.Rule.ID, why))
		}
	}
	for _, o := range r.Outcomes {
		for _, what := range o.limits() {
			notes = append(notes, fmt.Sprintf("  %s: %s", o.Rule.ID, what))
		}
	}
	return notes
}

// Applied returns how many rules saw a table.
func (r *Report) Applied() int64 {
	applied := int64(len(r.Outcomes))
	for _, o := range r.Outcomes {
		if o.skipped() {
			applied--
		}
	}
	return applied
}

// skipped reports whether the rule saw no table at all.
func (o *Outcome) skipped() bool { return len(o.Skipped) > 0 && o.Rows == 0 }

// limits say what the rule did not look at.
func (o *Outcome) limits() []string {
	var all []string
	for _, l := range []struct {
		n    int64
		what string
	}{
		{o.Unjudged, "of whose host the baseline knows too little"},
		{o.WithoutTime, "without a time"},
		{o.Late, "that came for a window that was over already"},
		{o.LeftOut, "for which there was no memory"},
	} {
		if l.n > 0 {
			all = append(all, plural(l.n, "row")+" "+l.what)
		}
	}
	if o.AlertsLeftOut > 0 {
		all = append(all, plural(o.AlertsLeftOut, "event")+" beyond the limit of alerts")
	}
	return all
}
