package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/alecthomas/kong"

	"pcapmill/cmd/datasets"
	"pcapmill/cmd/job"
	"pcapmill/datasets/folder"
	"pcapmill/datasets/leak"
	"pcapmill/datasets/pack"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
)

// datasetExportCmd are the arguments of dataset export.
type datasetExportCmd struct {
	Dataset string `arg:"" help:"Folder of a dataset."`
	Out     string `short:"o" required:"" placeholder:"DIR" help:"Folder to write; it must be absent, empty or ours."`
	Meta    string `placeholder:"FILE" help:"YAML file with what only you can say: title, authors, license, …; docs/packaging.md has the keys."`
	License string `placeholder:"ID" help:"Licence, as CC-BY-4.0; instead of what --meta says."`
	Title   string `help:"Title; the same."`
	Version string `placeholder:"N.N.N" help:"Version of the dataset; the same."`
	CSV     bool   `name:"csv" help:"Write data as CSV too."`
	Arrow   bool   `help:"Write data as Arrow IPC files too."`
	Keys    bool   `negatable:"" default:"true" help:"Pack the keys table, which has addresses, times and connections of rows."`
	Check   bool   `negatable:"" default:"true" help:"Look for leaks between the splits, as dataset check does, and say in the card what is found."`
	Force   bool   `help:"Replace the package that DIR holds."`
	Quiet   bool   `short:"q" help:"Say nothing but what is wrong."`
}

// Run implements the command.
func (c *datasetExportCmd) Run(ctx context.Context, s streams, typed command, parsed *kong.Context) error {
	e := datasets.Export{
		Dataset: c.Dataset, Out: c.Out, Meta: c.Meta, License: c.License, Title: c.Title, Version: c.Version,
		CSV: c.CSV, Arrow: c.Arrow, Keys: c.Keys, Check: c.Check, Force: c.Force, Tool: tool(), Command: typed, Again: recorded(parsed.Selected()),
	}
	done, err := e.Run(ctx)
	if err != nil {
		return unpacked(ctx, err)
	}
	if c.Quiet {
		return nil
	}
	if done.Nothing {
		fmt.Fprintf(s.err, "%s: this package is there already: nothing to do\n", text.Escape(c.Out))
		return nil
	}
	fmt.Fprintf(s.err, "%s: %s in %s\n", text.Escape(c.Out), text.Plural(done.Rows, "row"), text.Plural(int64(done.Files), "file"))
	for _, note := range done.Notes {
		fmt.Fprintf(s.err, "  %s\n", text.Escape(note))
	}
	return nil
}

// unpacked is the error of a command about packages.
func unpacked(ctx context.Context, err error) error {
	var missing *datasets.Missing
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return stopped(ctx)
	case errors.As(err, &missing):
		return coded{job.ExitRejected, err}
	case errors.Is(err, pack.ErrMeta), errors.Is(err, publish.ErrBusy), errors.Is(err, folder.ErrInput), errors.Is(err, datasets.ErrThere):
		return coded{job.ExitUsage, err}
	case errors.Is(err, leak.ErrLimit):
		return coded{job.ExitLimit, err}
	case errors.Is(err, folder.ErrFolder), errors.Is(err, pack.ErrDataset), errors.Is(err, pack.ErrRecipe), errors.Is(err, datasets.ErrCard), errors.Is(err, leak.ErrDataset), errors.Is(err, tables.ErrTable):
		return coded{job.ExitRejected, err}
	}
	var own coded
	var run *job.Error
	if errors.As(err, &own) || errors.As(err, &run) { // a step's
		return err
	}
	return coded{job.ExitOutput, err}
}
