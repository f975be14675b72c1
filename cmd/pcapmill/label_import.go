package main

import (
	"bytes"
	"context"
	"fmt"

	"pcapmill/cmd/job"
	"pcapmill/cmd/labels"
	"pcapmill/outputs/text"
)

// labelImportCmd are the arguments of label import.
type labelImportCmd struct {
	Rules []string `arg:"" help:"Rules of other tools: netcap's attack files, netflowlabeler's configurations."`
	Out   string   `short:"o" placeholder:"FILE" help:"The file of rules; by default stdout."`
	Force bool     `help:"Replace the file that is there."`
	sourceFlags
}

// Run implements the command.
func (c *labelImportCmd) Run(ctx context.Context, s streams) error {
	if isRead(c.Out, c.Rules) {
		return coded{job.ExitUsage, fmt.Errorf("%s is read, and cannot be the file of rules", text.Escape(c.Out))}
	}
	var b bytes.Buffer
	done, err := (&labels.Import{Rules: c.Rules, Out: c.Out, Writer: &b, Source: c.options(), Force: c.Force}).Run(ctx)
	if err != nil {
		return unlabelled(ctx, err)
	}
	if _, err := s.out.Write(b.Bytes()); err != nil {
		return written(err)
	}
	if c.Out != "" {
		fmt.Fprintf(s.err, "%s: %s\n", text.Escape(c.Out), text.Plural(int64(done.Rules), "rule"))
	}
	if done.Refused > 0 {
		return coded{job.ExitPartial, fmt.Errorf("%s not understood: see label check", text.Plural(done.Refused, "line"))}
	}
	return nil
}
