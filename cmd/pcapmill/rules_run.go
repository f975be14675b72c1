package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"pcapmill/cmd/job"
	"pcapmill/model/baseline"
	"pcapmill/model/drift"
	"pcapmill/model/rules"
)

// rulesRunCmd are the arguments of rules run.
type rulesRunCmd struct {
	Tables   []string      `arg:"" help:"Datasets, folders of tables or files of these."`
	Rules    []string      `sep:"none" placeholder:"FILE" help:"Files of rules; without, the rules that come with pcapmill."`
	Shipped  bool          `help:"These too, besides those of --rules."`
	Only     []string      `sep:"," placeholder:"ID" help:"Only rules of these names."`
	Without  []string      `sep:"," placeholder:"ID" help:"Not the rules of these names."`
	Baseline string        `placeholder:"FILE" help:"What is normal, for rules that ask; without, they are skipped."`
	Format   string        `enum:"text,json,jsonl,markdown,junit" default:"text" help:"Format: ${enum}. jsonl has an alert a line, with names of the Elastic Common Schema."`
	FailOn   string        `enum:"none,low,medium,high,critical" default:"medium" help:"Exit with 10 where an alert is at least so severe: ${enum}."`
	Memory   byteSize      `placeholder:"SIZE" default:"${rules_memory}" help:"Memory for groups and events that wait, as 512MiB."`
	Late     time.Duration `placeholder:"DURATION" default:"${rules_late}" help:"Where memory is short, how far behind the latest row others may come."`
}

// Run implements the command.
func (c *rulesRunCmd) Run(ctx context.Context, s streams) error {
	failOn, err := drift.ParseSeverity(c.FailOn)
	if err != nil {
		return coded{job.ExitUsage, err}
	}
	all, err := rules.LoadAll(c.Rules, c.Shipped)
	if err != nil {
		return unruled(ctx, err)
	}
	if all, err = rules.Choose(all, c.Only, c.Without); err != nil {
		return coded{job.ExitUsage, err}
	}
	report, err := c.apply(ctx, all)
	if err != nil {
		return err
	}
	if err := c.write(verdict{s.out}, report, failOn); err != nil {
		return written(err)
	}
	if c.Format == "jsonl" { // has no place for them
		for _, note := range report.Notes() {
			fmt.Fprintln(s.err, note)
		}
	}
	switch {
	case report.Incomplete():
		return coded{job.ExitLimit, errors.New("rows, events or alerts were left out: see the report; --memory and --late give them more room")}
	case report.Fails(failOn):
		return coded{code: job.ExitDrift}
	case report.Applied() == 0: // silence would be taken for "no alerts"
		return coded{job.ExitUsage, errors.New("no rule could be applied to these tables: the report says what each lacks")}
	}
	return nil
}

func (c *rulesRunCmd) apply(ctx context.Context, all []*rules.Rule) (*rules.Report, error) {
	var base rules.Baseline
	if c.Baseline != "" {
		f, err := baseline.Open(c.Baseline, baseline.DefaultFileBytes)
		if err != nil {
			return nil, unlearned(ctx, err)
		}
		defer f.Close() //nolint:errcheck // only read
		base = f
	}
	cfg := rules.DefaultConfig()
	cfg.Memory, cfg.Late = int64(c.Memory), c.Late
	report, err := rules.Run(ctx, all, base, cfg, c.Tables)
	return report, unruled(ctx, err)
}

func (c *rulesRunCmd) write(w io.Writer, report *rules.Report, failOn drift.Severity) error {
	switch c.Format {
	case "json":
		return rules.WriteJSON(w, report, failOn)
	case "jsonl":
		return rules.WriteJSONL(w, report)
	case "markdown":
		return rules.WriteMarkdown(w, report)
	case "junit":
		return rules.WriteJUnit(w, report, failOn)
	}
	return rules.WriteText(w, report)
}
