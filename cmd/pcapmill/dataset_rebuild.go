package main

import (
	"context"
	"fmt"

	"pcapmill/cmd/datasets"
	"pcapmill/cmd/job"
	"pcapmill/outputs/text"
)

// datasetRebuildCmd are the arguments of dataset rebuild.
type datasetRebuildCmd struct {
	Card  string   `arg:"" help:"README.md of a package, beside which are recipe.json and SHA256SUMS."`
	From  []string `sep:"none" required:"" placeholder:"DIR" help:"Folders with the captures and files of labels, whatever they are called there: they are known by their hashes. May be given several times."`
	Out   string   `short:"o" required:"" placeholder:"DIR" help:"Folder to make the package in; it must be absent."`
	Quiet bool     `short:"q" help:"Say nothing but what is wrong."`
}

// Run implements the command.
func (c *datasetRebuildCmd) Run(ctx context.Context, s streams) error {
	say := func(line string) {
		if !c.Quiet {
			fmt.Fprintln(s.err, line)
		}
	}
	r := datasets.Rebuild{
		Card: c.Card, From: c.From, Out: c.Out, Tool: tool(), Say: say,
		Check: checkAgain,
		Do:    func(ctx context.Context, t *datasets.Task) error { return doAgain(ctx, t, s) },
	}
	done, err := r.Run(ctx)
	if err != nil {
		return unpacked(ctx, err)
	}
	if done.Difference != "" {
		why := ""
		if done.Other != "" {
			why = fmt.Sprintf("; the package was made by %s, and this is %s", text.Escape(done.Other), r.Tool.Build())
		}
		return coded{job.ExitSelfCheck, fmt.Errorf("not the same: %s%s", done.Difference, why)}
	}
	say(fmt.Sprintf("%s: all of %s are the same, byte by byte, after %s", text.Escape(c.Out), text.Plural(int64(done.Files), "file"), text.Plural(int64(done.Steps), "step")))
	return nil
}
