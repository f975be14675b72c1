package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"pcapmill/cmd/datasets"
	"pcapmill/cmd/job"
	"pcapmill/datasets/build"
	"pcapmill/datasets/folder"
	"pcapmill/datasets/split"
	"pcapmill/features/column"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
	"pcapmill/outputs/usage"
)

// datasetBuildCmd are the arguments of dataset build.
type datasetBuildCmd struct {
	Tables []string `arg:"" help:"Folders that run wrote."`
	Labels []string `sep:"none" required:"" placeholder:"DIR" help:"Labels of these, as label wrote them. May be given several times; each run finds its own."`
	Out    string   `short:"o" required:"" placeholder:"DIR" help:"Folder for the dataset; it must be absent, empty or ours."`
	Table  string   `default:"flows" help:"Table whose rows are labelled: flows, hosts, or one of messages, such as dns."`

	KeepRole  []string `sep:"," enum:"identity,time,leak_prone,label" placeholder:"ROLE" help:"Columns of these roles too: ${enum}."`
	Columns   []string `sep:"," placeholder:"NAME" help:"Only these columns, by names and patterns such as fwd_*. A column that is named in full is there whatever its role."`
	Drop      []string `sep:"," placeholder:"NAME" help:"Never these columns; the same."`
	LeakProne string   `enum:"drop,warn,keep" default:"drop" help:"What becomes of columns that tell the testbed: ${enum}; warn keeps them with a note."`
	Lists     bool     `help:"Columns of lists too."`

	Where      string   `placeholder:"EXPR" help:"Only rows that meet a condition, as of show --where; it may ask for any column of the table."`
	Outcome    []string `sep:"," enum:"labelled,unlabelled,ambiguous" default:"labelled" help:"Only rows that labelling left so: ${enum}."`
	Unlabelled string   `placeholder:"LABEL" help:"Take rows that no source says anything of, as LABEL, such as BENIGN."`
	Ambiguous  string   `placeholder:"LABEL" help:"Take rows that are ambiguous, as LABEL."`
	Attempted  string   `enum:"keep,same,drop" default:"keep" help:"What becomes of attempted attacks: as labelling calls them, as if they had succeeded, or left out: ${enum}."`
	Map        string   `placeholder:"FILE" help:"YAML or CSV that gives labels other names, or drops them."`

	MinClass     int64      `default:"${dataset_min_class}" placeholder:"N" help:"Classes of fewer rows are small."`
	SmallClasses string     `enum:"warn,drop" default:"warn" help:"What becomes of them: ${enum}."`
	Sample       sampleSize `placeholder:"N|SHARE" help:"Take so many rows at most, or this share of them, as 0.1 or 10%. Connections are taken whole."`
	PerClass     int64      `placeholder:"N" help:"Take so many rows of each class at most."`
	Seed         uint64     `default:"${dataset_seed}" help:"Another seed is another sample."`
	Memory       byteSize   `placeholder:"SIZE" default:"${dataset_memory}" help:"Memory for labels that are in another order than their rows."`
	Force        bool       `help:"Replace the dataset that DIR holds."`
	Quiet        bool       `short:"q" help:"Say nothing but what is wrong."`
}

// sampleSize is a number of rows, or a share of them, on the command line.
type sampleSize struct {
	rows  int64
	share float64
}

// UnmarshalText reads 5000, 0.1 or 10%.
func (s *sampleSize) UnmarshalText(text []byte) error {
	*s = sampleSize{}
	if len(text) == 0 {
		return nil
	}
	t := string(text)
	if n, err := strconv.ParseInt(t, 10, 64); err == nil && n > 0 {
		s.rows = n
		return nil
	}
	number, percent := strings.CutSuffix(t, "%")
	x, err := strconv.ParseFloat(number, 64)
	if percent {
		x /= 100
	}
	if err != nil || math.IsNaN(x) || x <= 0 || x > 1 {
		return fmt.Errorf("%q is no sample: want a number of rows as 5000, or a share as 0.1 or 10%%", t)
	}
	s.share = x
	return nil
}

// MarshalText is the inverse.
func (s sampleSize) MarshalText() ([]byte, error) {
	switch {
	case s.rows > 0:
		return strconv.AppendInt(nil, s.rows, 10), nil
	case s.share == 1: // which as 1 would be one row
		return []byte("100%"), nil
	case s.share > 0:
		return strconv.AppendFloat(nil, s.share, 'g', -1, 64), nil
	}
	return nil, nil
}

// Run implements the command.
func (c *datasetBuildCmd) Run(ctx context.Context, s streams, args command, parsed *kong.Context) error {
	b := datasets.Build{Tables: c.Tables, Labels: c.Labels, Map: c.Map, Out: c.Out, Config: c.config(), Force: c.Force, Tool: tool(), Command: args, Again: recorded(parsed.Selected())}
	done, err := b.Run(ctx)
	switch {
	case err != nil:
		return undivided(ctx, err)
	case c.Quiet:
		return nil
	case done == nil:
		fmt.Fprintf(s.err, "%s: this dataset is there already: nothing to do\n", text.Escape(c.Out))
		return nil
	}
	return written(done.WriteText(s.err))
}

func (c *datasetBuildCmd) config() build.Config {
	cfg := build.Config{
		Table: c.Table, Columns: c.Columns, Drop: c.Drop, LeakProne: c.LeakProne, Lists: c.Lists, Where: c.Where, Outcomes: c.Outcome,
		Unlabelled: c.Unlabelled, Ambiguous: c.Ambiguous, Attempted: c.Attempted, MinClass: c.MinClass, Small: c.SmallClasses,
		Share: 1, Rows: c.Sample.rows, PerClass: c.PerClass, Seed: c.Seed, Memory: int64(c.Memory),
	}
	if c.Sample.share > 0 {
		cfg.Share = c.Sample.share
	}
	for _, name := range c.KeepRole {
		role, _ := column.RoleNamed(name) // of the grammar's names
		cfg.KeepRoles = append(cfg.KeepRoles, role)
	}
	return cfg
}

// undivided is the error of a command that makes or divides datasets.
func undivided(ctx context.Context, err error) error {
	is := func(some ...error) bool {
		for _, e := range some {
			if errors.Is(err, e) {
				return true
			}
		}
		return false
	}
	switch {
	case ctx.Err() != nil:
		return stopped(ctx)
	case is(usage.Err, folder.ErrInput, publish.ErrBusy):
		return coded{job.ExitUsage, err}
	case is(build.ErrLimit, split.ErrLimit):
		return coded{job.ExitLimit, err}
	case is(build.ErrInput, split.ErrInput, folder.ErrFolder, tables.ErrTable):
		return coded{job.ExitRejected, err}
	}
	return coded{job.ExitOutput, err}
}
