package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"pcapmill/cmd/job"
	"pcapmill/cmd/show"
)

// showCmd are the arguments of show.
type showCmd struct {
	Table  string   `arg:"" help:"A table's folder, or one of its Parquet files."`
	Select []string `sep:"," words:"columns" placeholder:"COLUMN" help:"Columns to show, in this order; all by default."`
	Where  string   `placeholder:"EXPR" help:"Show only rows that meet these comparisons, joined by and."`
	Head   *int64   `placeholder:"N" help:"Show the first N rows; 20 by default where the format is table."`
	Tail   *int64   `placeholder:"N" help:"Show the last N rows."`
	Format string   `enum:"table,csv,tsv,json,jsonl" default:"table" help:"Format: ${enum}."`
	Stats  bool     `help:"Show values, nulls, distinct values, least, mean and largest of each column instead of rows."`
}

// defaultRows is how many rows a table for people has unless more are asked for.
const defaultRows = 20

// Run implements the command.
func (c *showCmd) Run(ctx context.Context, s streams) error {
	o := show.Options{
		Path: c.Table, Select: c.Select, Where: c.Where, Head: c.Head, Tail: c.Tail,
		Stats: c.Stats, Format: c.Format,
	}
	short := o.Format == show.FormatTable && o.Head == nil && o.Tail == nil && !o.Stats
	if short {
		o.Head = new(int64(defaultRows))
	}
	if out, ok := s.out.(*os.File); ok {
		o.Width, _ = terminalWidth(out)
	}
	sum, err := show.Run(ctx, o, s.out)
	switch {
	case err == nil:
	case errors.Is(err, show.ErrUsage):
		return coded{job.ExitUsage, err}
	case errors.Is(err, show.ErrTable):
		return coded{job.ExitRejected, err}
	case ctx.Err() != nil:
		return stopped(ctx)
	default:
		return coded{job.ExitOutput, err}
	}
	if short && sum.More {
		fmt.Fprintf(s.err, "The first %d rows; --head N shows more, --format csv or jsonl all.\n", sum.Rows)
	}
	return nil
}

// stopped is the error of a command that a signal ended.
func stopped(ctx context.Context) error {
	why := context.Cause(ctx)
	var by signalled
	if errors.As(why, &by) {
		return coded{by.ExitCode(), fmt.Errorf("stopped by signal %d", int(by.signal))}
	}
	return why
}
