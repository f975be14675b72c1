package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"pcapmill/cmd/datasets"
	"pcapmill/cmd/job"
	"pcapmill/datasets/folder"
	"pcapmill/datasets/leak"
	"pcapmill/outputs/tables"
)

// datasetCheckCmd are the arguments of dataset check.
type datasetCheckCmd struct {
	Dataset  string   `arg:"" help:"What dataset split wrote; with --label, a folder or file of Parquet of others."`
	Label    string   `placeholder:"COLUMN" help:"Of others: the column that models shall predict."`
	Split    string   `placeholder:"COLUMN" help:"Of others: the column that says train, validation or test; without, folders or files have these names."`
	Group    []string `sep:"," placeholder:"COLUMN" help:"Of others: columns that are keys and no features: addresses, captures, campaigns."`
	Time     string   `placeholder:"COLUMN" help:"Of others: the column of a row's time, a number."`
	Scalers  string   `placeholder:"FILE" help:"Of others: scalers to compare, as scalers.json of dataset split."`
	Format   string   `enum:"${check_formats}" default:"text" help:"Format: ${enum}."`
	Details  bool     `help:"As text, all that is known of each finding, notes too."`
	FailOn   string   `enum:"${check_failures}" default:"warning" help:"Exit with 10 where a finding is at least so severe: ${enum}."`
	Allow    []string `sep:"," placeholder:"KIND[:COLUMN]" help:"Findings that are known and accepted, of one column or of all."`
	Accuracy float64  `default:"${check_accuracy}" help:"Balanced accuracy from which one column alone is a shortcut."`
	MinClass int64    `default:"${check_class}" help:"Rows of a class in a split, below which there is a note."`
	Sample   int      `default:"${check_sample}" help:"Rows of training, and of the others, whose values are compared; classes have equal shares."`
	Seed     uint64   `default:"0" help:"Of the choice of these rows."`
}

// Run implements the command.
func (c *datasetCheckCmd) Run(ctx context.Context, s streams) error {
	failOn, err := leak.ParseFailure(c.FailOn)
	if err != nil {
		return coded{job.ExitUsage, err}
	}
	if c.Details && c.Format != datasets.CheckFormats[0] {
		return coded{job.ExitUsage, fmt.Errorf("--details is for text: %s has or counts all", c.Format)}
	}
	check := datasets.Check{
		Foreign: leak.Foreign{Path: c.Dataset, Label: c.Label, Split: c.Split, Groups: c.Group, Time: c.Time}, Scalers: c.Scalers, Config: leak.DefaultConfig(),
	}
	check.Config.Accuracy, check.Config.ClassRows, check.Config.Sample, check.Config.Seed = c.Accuracy, c.MinClass, c.Sample, c.Seed
	for _, text := range c.Allow {
		allow, err := leak.ParseAllow(text)
		if err != nil {
			return coded{job.ExitUsage, err}
		}
		check.Config.Allow = append(check.Config.Allow, allow)
	}
	r, err := check.Run(ctx)
	if err != nil {
		return unchecked(ctx, err)
	}
	format := c.Format
	if c.Details {
		format = datasets.Details
	}
	if err := datasets.WriteCheck(verdict{s.out}, r, format, failOn); err != nil {
		return written(err)
	}
	if failOn.Of(r) {
		return coded{code: job.ExitDrift}
	}
	return nil
}

// unchecked is the error of a check that could not be made.
func unchecked(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return stopped(ctx)
	case errors.Is(err, leak.ErrConfig):
		return coded{job.ExitUsage, err}
	case errors.Is(err, leak.ErrLimit):
		return coded{job.ExitLimit, err}
	case errors.Is(err, leak.ErrDataset), errors.Is(err, tables.ErrTable), errors.Is(err, folder.ErrFolder), errors.Is(err, fs.ErrNotExist):
		return coded{job.ExitRejected, err}
	}
	return err
}

// Help implements kong.HelpProvider: what is looked for, exit codes, examples.
func (datasetCheckCmd) Help() string {
	return `
Looks for what lets a model look good for the wrong reason: connections, campaigns, captures and
hosts in several splits; splits that overlap in time; copies of training rows outside it; columns
that identify hosts, captures or times whatever they are called, that the label was made of, or
that alone tell it; numbers of a whole capture; scalers fitted on all rows. docs/leakage.md says
what each finding is, how it is decided, and what to do.

Errors make results wrong, warnings may, notes are for those who read results. --allow accepts
what is known: the report goes on saying it. Text has findings of one kind together and notes in
a line each; --details and JSON have each with its evidence.

Exit codes: 0 nothing at or above --fail-on, 2 usage, 4 a dataset that cannot be read, 5 a label
of too many values, 6 the output cannot be written, 10 a finding at or above --fail-on.

    pcapmill dataset check ds
    pcapmill dataset check ds --details
    pcapmill dataset check ds --format json --fail-on error --allow leak_prone_column:dst_port
    pcapmill dataset check flows.parquet --label Label --split split --group "Source IP,Day"
    pcapmill dataset check cic --label class --time timestamp --format markdown`
}
