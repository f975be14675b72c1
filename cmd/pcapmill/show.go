package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"pcapmill/cmd/job"
	"pcapmill/cmd/show"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/usage"
)

// showCmd are the arguments of show.
type showCmd struct {
	Table     string   `arg:"" help:"A table's folder, or one of its Parquet files."`
	Select    []string `sep:"," words:"columns" placeholder:"COLUMN" help:"Columns to show, in this order; all by default."`
	Where     string   `placeholder:"EXPR" help:"Show only rows that meet this condition; see above."`
	Order     []string `sep:"," words:"columns" placeholder:"COLUMN" help:"Sort by these columns, the first one first, upwards; downwards where :desc stands behind the name. Nulls come last."`
	Head      *int64   `placeholder:"N" help:"Show the first N rows; 20 by default where the format is table or text."`
	Tail      *int64   `placeholder:"N" help:"Show the last N rows."`
	Stats     bool     `help:"Instead of rows, show of each column: values, nulls, different values, least, quantiles, largest, mean, most frequent values."`
	Format    string   `enum:"table,text,csv,tsv,json,jsonl" default:"table" help:"Format: ${enum}. text has a line a value."`
	Separator string   `placeholder:"CHAR" help:"What stands between the values of csv and tsv: a character, tab or space."`
	Header    bool     `negatable:"" default:"true" help:"Whether csv and tsv begin with the columns' names."`
	Units     bool     `help:"Put units behind the columns' names; not in json and jsonl."`
	UTC       bool     `name:"utc" help:"Show columns in ns since 1970 as times in UTC."`
}

// defaultRows is how many rows a table for people has unless more are asked for.
const defaultRows = 20

// separator reads a separator by its name or as it is.
func separator(s string) (byte, error) {
	switch s {
	case "tab", `\t`:
		return '\t', nil
	case "space":
		return ' ', nil
	}
	if len(s) > 1 {
		return 0, fmt.Errorf("--separator: %q is not one character, tab or space", s)
	}
	return (s + "\x00")[0], nil // 0: none asked for
}

// options returns what show is asked for.
func (c *showCmd) options(out io.Writer) (show.Options, error) {
	o := show.Options{
		Path: c.Table, Select: c.Select, Where: c.Where, Order: c.Order, Head: c.Head, Tail: c.Tail,
		Stats: c.Stats, Format: c.Format, NoHeader: !c.Header, Units: c.Units, UTC: c.UTC,
	}
	if f, ok := out.(*os.File); ok {
		o.Width, _ = terminalWidth(f)
	}
	var err error
	o.Separator, err = separator(c.Separator)
	return o, err
}

// Run implements the command.
func (c *showCmd) Run(ctx context.Context, s streams) error {
	o, err := c.options(s.out)
	if err != nil {
		return coded{job.ExitUsage, err}
	}
	people := o.Format == show.FormatTable || o.Format == show.FormatText
	short := people && o.Head == nil && o.Tail == nil && !o.Stats
	if short {
		o.Head = new(int64(defaultRows))
	}
	sum, err := show.Run(ctx, o, s.out)
	switch {
	case err == nil:
	case errors.Is(err, usage.Err):
		return coded{job.ExitUsage, err}
	case errors.Is(err, tables.ErrTable):
		return coded{job.ExitRejected, err}
	case ctx.Err() != nil:
		return stopped(ctx)
	default:
		return coded{job.ExitOutput, err}
	}
	if short && sum.More {
		fmt.Fprintf(s.err, "The first %d rows; --head N shows more, --format csv or jsonl all.\n", sum.Rows)
	}
	for _, note := range sum.Notes {
		if people {
			fmt.Fprintln(s.err, note)
		}
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
