package main

import (
	"context"
	"fmt"

	"pcapmill/cmd/baselines"
	"pcapmill/outputs/text"
)

// baselineMergeCmd are the arguments of baseline merge.
type baselineMergeCmd struct {
	Files []string `arg:"" help:"The baselines."`
	Out   string   `short:"o" required:"" placeholder:"FILE" help:"Where to write what they have together; one of them may be it."`
	Force bool     `help:"Replace another baseline that is there."`
	Quiet bool     `short:"q" help:"Say nothing but what is wrong."`
}

// Run implements the command.
func (c *baselineMergeCmd) Run(ctx context.Context, s streams) error {
	e, err := baselines.Merge(ctx, c.Out, c.Files, c.Force)
	if err != nil {
		return unlearned(ctx, err)
	}
	if !c.Quiet {
		fmt.Fprintf(s.err, "%s: %s\n", text.Escape(c.Out), extentLine(&e))
	}
	return nil
}
