package main

import (
	"context"
	"fmt"

	"pcapmill/cmd/baselines"
	"pcapmill/outputs/text"
)

// baselineExportCmd are the arguments of baseline export.
type baselineExportCmd struct {
	File   string `arg:"" help:"The baseline."`
	Format string `enum:"json,sqlite" default:"json" help:"Format: ${enum}."`
	Out    string `short:"o" placeholder:"FILE" help:"Where to write; JSON to stdout by default."`
	Force  bool   `help:"Replace the file that is there."`
}

// Run implements the command.
func (c *baselineExportCmd) Run(ctx context.Context, s streams) error {
	export := baselines.Export{File: c.File, Format: c.Format, Out: c.Out, Force: c.Force}
	return unlearned(ctx, export.Run(ctx, s.out))
}

// baselineImportCmd are the arguments of baseline import.
type baselineImportCmd struct {
	File  string `arg:"" help:"What baseline export wrote."`
	Out   string `short:"o" required:"" placeholder:"FILE" help:"The baseline."`
	Force bool   `help:"Replace the baseline that is there."`
	Quiet bool   `short:"q" help:"Say nothing but what is wrong."`
}

// Run implements the command.
func (c *baselineImportCmd) Run(ctx context.Context, s streams) error {
	e, err := baselines.Import(ctx, c.File, c.Out, c.Force)
	if err != nil {
		return unlearned(ctx, err)
	}
	if !c.Quiet {
		fmt.Fprintf(s.err, "%s: %s\n", text.Escape(c.Out), extentLine(&e))
	}
	return nil
}
