package nightly

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"pcapmill/cmd/drifts"
	"pcapmill/cmd/job"
	"pcapmill/model/baseline"
	"pcapmill/model/drift"
	"pcapmill/model/drift/alert"
	"pcapmill/model/drift/report"
	"pcapmill/model/rules"
	"pcapmill/model/windows"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// judge compares the night with its past.
func (j *judging) judge(ctx context.Context) error {
	c := j.x.c
	tables := drifts.Tables{
		Baseline: j.past, Paths: []string{j.tables}, Labels: c.Baseline.Labels, Covered: c.Drift.Covered, Picked: c.Drift.Suppress != "",
	}
	r, err := tables.Judge(ctx)
	switch {
	case err == nil:
	case ctx.Err() == nil && (unreadable(err) || errors.Is(err, drift.ErrTooMany)):
		return j.unjudged(ctx, err)
	default:
		return fmt.Errorf("drift: %w", err)
	}
	j.x.suppress.Apply(r)
	j.drift = r
	if err := j.driftReports(r); err != nil {
		return err
	}
	if c.Reports.Alerts {
		if _, err := alert.Append(ctx, c.alertsPath(), alert.Of(r, j.failOn), c.Reports.Period); err != nil {
			return fmt.Errorf("alerts: %w", err)
		}
	}
	j.n.Hosts = r.Current.Hosts
	j.verdict(r)
	return nil
}

// unjudged notes that the night cannot be judged, and why.
func (j *judging) unjudged(ctx context.Context, err error) error {
	j.n.Verdict, j.n.Exit = Unjudged, worse(j.n.Exit, exitOf(ctx, err))
	if errors.Is(err, windows.ErrTable) && j.x.c.Baseline.Fixed != "" {
		j.n.Verdict = Empty
	}
	j.n.say("%s", text.Escape(err.Error()))
	if advice := drifts.Advice(err); advice != "" {
		j.n.say("%s", advice)
	}
	return nil
}

// verdict takes over what a report says.
func (j *judging) verdict(r *drift.Report) {
	sum := &DriftSum{Verdict: r.Verdict.String()}
	fails := report.Options{FailOn: j.failOn}.Fails
	for i := range r.Items {
		if x := &r.Items[i]; x.Suppressed == nil && fails(x.Severity) {
			sum.Items++
			j.n.say("%s", text.Escape(x.Text))
		}
	}
	for i := range r.Hosts {
		if s := &r.Hosts[i]; s.Suppressed == nil && fails(s.Severity) {
			sum.Hosts++
			j.n.say("%s: %s", text.Escape(s.Host), s.Action)
		}
	}
	j.n.Drift, j.worst, j.n.Verdict = sum, r.Verdict, Normal
	switch {
	case r.Gated:
		j.n.Verdict, j.n.Exit = Gated, worse(j.n.Exit, job.ExitPartial)
		j.n.say("the captures lack so much that changes prove nothing")
	case fails(r.Verdict):
		j.n.Verdict = Flagged
	}
}

// driftReports writes the report in all forms that are asked for.
func (j *judging) driftReports(r *drift.Report) error {
	if err := report.Check(r); err != nil {
		return fmt.Errorf("internal failure: drift: %w", err)
	}
	o := report.Options{FailOn: j.failOn, Top: j.x.c.Drift.Top}
	for _, f := range drifts.Formats() {
		if !slices.Contains(j.x.c.Reports.Formats, f.Name) {
			continue
		}
		if err := j.write("drift"+f.Ending, func(w io.Writer) error { return f.Write(w, r, o) }); err != nil {
			return err
		}
	}
	return nil
}

// write puts a report in place.
func (j *judging) write(name string, write func(io.Writer) error) error {
	if _, err := publish.Replace(filepath.Join(j.x.c.reportsOf(j.n.Name), name), write, nil); err != nil {
		return err
	}
	j.wrote = append(j.wrote, name)
	return nil
}

// isReport says whether a name is of a report that is written here.
func isReport(name string) bool {
	for _, f := range drifts.Formats() {
		if name == "drift"+f.Ending {
			return true
		}
	}
	return slices.Contains([]string{"rules.json", "rules.md", "rules.xml", "rules.txt"}, name)
}

func (c *Config) alertsPath() string { return c.at("alerts.jsonl") }

// applyRules applies the rules to the night's tables.
func (j *judging) applyRules(ctx context.Context) error {
	var past rules.Baseline
	if j.past != "" {
		f, err := baseline.Open(j.past, baseline.DefaultFileBytes)
		if err != nil {
			return fmt.Errorf("rules: %w", err)
		}
		defer f.Close() //nolint:errcheck // only read
		past = f
	}
	r, err := rules.Run(ctx, j.x.rules, past, j.x.ruleConfig(), []string{j.tables})
	if err != nil {
		return fmt.Errorf("rules: %w", err)
	}
	if err := j.ruleReports(r); err != nil {
		return err
	}
	j.ruled(r)
	return j.ruleAlerts(ctx, r)
}

// ruleConfig gives rules a quarter of the memory: nothing else runs meanwhile, and tables
// and profiles take room besides.
func (x *execution) ruleConfig() rules.Config {
	cfg := rules.DefaultConfig()
	cfg.Late = x.c.Rules.Late
	if m := x.c.Limits.Memory; m > 0 {
		cfg.Memory = max(1<<20, min(cfg.Memory, m/4))
	}
	return cfg
}

// ruled takes over what rules say.
func (j *judging) ruled(r *rules.Report) {
	failOn := j.x.c.Rules.FailOn
	sum := &RulesSum{Worst: r.Worst().String(), Alerts: len(r.Alerts), Incomplete: r.Incomplete()}
	for _, o := range r.Outcomes {
		if n := len(o.Alerts); n > 0 && failOn > drift.None && o.Rule.Severity >= failOn {
			sum.Failing += n
			j.n.say("rule %s (%s): %s", text.Escape(o.Rule.ID), o.Rule.Severity, text.Plural(int64(n), "alert"))
		}
	}
	j.n.Rules, j.worst = sum, max(j.worst, r.Worst())
	if sum.Incomplete {
		j.n.Exit = worse(j.n.Exit, job.ExitLimit)
		j.n.say("rules left out rows, events or alerts for lack of room: see the report")
	}
	if sum.Failing > 0 && (j.n.Verdict == Normal || j.n.Verdict == Learning) {
		j.n.Verdict = Flagged
	}
	if sum.Failing > 0 {
		j.n.Exit = worse(j.n.Exit, job.ExitDrift)
	}
}

func (j *judging) ruleReports(r *rules.Report) error {
	failOn := j.x.c.Rules.FailOn
	if failOn == drift.None { // which is any alert to reports
		failOn = rules.Never
	}
	forms := []struct {
		format, name string
		write        func(io.Writer) error
	}{
		{"markdown", "rules.md", func(w io.Writer) error { return rules.WriteMarkdown(w, r) }},
		{"json", "rules.json", func(w io.Writer) error { return rules.WriteJSON(w, r, failOn) }},
		{"junit", "rules.xml", func(w io.Writer) error { return rules.WriteJUnit(w, r, failOn) }},
		{"text", "rules.txt", func(w io.Writer) error { return rules.WriteText(w, r) }},
	}
	for _, f := range forms {
		if !slices.Contains(j.x.c.Reports.Formats, f.format) {
			continue
		}
		if err := j.write(f.name, f.write); err != nil {
			return err
		}
	}
	return nil
}

// ruleAlerts adds the alerts that fail to alerts.jsonl.
func (j *judging) ruleAlerts(ctx context.Context, r *rules.Report) error {
	failOn := j.x.c.Rules.FailOn
	if !j.x.c.Reports.Alerts || failOn == drift.None {
		return nil
	}
	var entries []alert.Entry
	for i := range r.Alerts {
		if a := &r.Alerts[i]; a.Rule.Severity >= failOn {
			entries = append(entries, alert.Entry{ID: a.ID, Line: a.AppendJSON(nil)})
		}
	}
	if len(entries) == 0 {
		return nil
	}
	if _, err := alert.AppendEntries(ctx, j.x.c.alertsPath(), entries); err != nil {
		return fmt.Errorf("alerts: %w", err)
	}
	return nil
}
