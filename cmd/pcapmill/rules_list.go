package main

import (
	"context"
	"errors"
	"io"

	"pcapmill/cmd/job"
	"pcapmill/model/rules"
)

// rulesListCmd are the arguments of rules list.
type rulesListCmd struct {
	Files  []string `arg:"" optional:"" help:"Files of rules; without, the rules that come with pcapmill."`
	Format string   `enum:"table,json,yaml" default:"table" help:"Format: ${enum}. yaml is the file of the rules that come with pcapmill, to copy from."`
}

// Run implements the command.
func (c *rulesListCmd) Run(ctx context.Context, s streams) error {
	if c.Format == "yaml" {
		if len(c.Files) > 0 {
			return coded{job.ExitUsage, errors.New("--format yaml is for the rules that come with pcapmill: leave out the files")}
		}
		_, err := s.out.Write(rules.ShippedFile())
		return written(err)
	}
	all, err := rules.LoadAll(c.Files, false)
	if err != nil {
		return unruled(ctx, err)
	}
	if c.Format == "json" {
		return written(rules.WriteList(s.out, all))
	}
	return written(listRules(s.out, all))
}

func listRules(w io.Writer, all []*rules.Rule) error {
	rows := make([][]string, 0, len(all))
	for _, r := range all {
		enabled, needs := "yes", ""
		if !r.Enabled {
			enabled = "no"
		}
		if r.Baseline != nil {
			needs = "baseline"
		}
		rows = append(rows, []string{r.ID, r.Severity.String(), r.Table, enabled, needs, r.Title})
	}
	return writeTable(w, []string{"id", "severity", "table", "enabled", "needs", "title"}, rows)
}
