package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/alecthomas/kong"

	"pcapmill/cmd/job"
	"pcapmill/cmd/labels"
	"pcapmill/datasets/label/coverage"
	"pcapmill/datasets/label/match"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// labelRunCmd are the arguments of label.
type labelRunCmd struct {
	Tables string   `arg:"" help:"Dataset whose flows are labelled, or its flows table."`
	Rules  []string `sep:"none" placeholder:"FILE" help:"What says which flows are what: eve.json, fast.log, notice.log, CSV, YAML rules, pcapng with comments, scores, …, told by content. May be given several times."`
	Out    string   `short:"o" required:"" placeholder:"DIR" help:"Folder for the labels."`
	Force  bool     `help:"Replace labels that are there, of other flows, rules or options."`

	sourceFlags
	FromName  []string      `sep:"none" placeholder:"GLOB=LABEL" help:"Label all flows of captures whose name fits."`
	SkipLabel []string      `sep:"none" placeholder:"GLOB" help:"Take rules and events of this label as if they were not there."`
	Before    time.Duration `default:"${label_before}" help:"How long before a flow's start an event may be about it."`
	After     time.Duration `default:"${label_after}" help:"How long after a flow's end an event may be about it."`
	Attempted string        `enum:"suffix,same,drop" default:"suffix" help:"What attempts that did no harm are called: as the attack with a suffix, the same, or nothing (ambiguous)."`

	To      []string `name:"tables" sep:"," enum:"flows,records,windows,all" default:"flows" help:"Tables to label: ${enum}; flows always are."`
	Packets []string `sep:"none" placeholder:"CAPTURE" help:"Label the packets of this capture too, which the flows are of. May be given several times."`
	PcapML  bool     `name:"pcapml" help:"Write the captures of --packets as pcapng too, with labels as comments on their packets."`

	Report  []string `sep:"none" placeholder:"FILE" help:"Write the coverage report there too, in the format that its ending says: ${label_endings}. May be given several times."`
	Workers int      `placeholder:"N" help:"Goroutines; by default one a processor. They change nothing but the time."`
	Quiet   bool     `short:"q" help:"Say nothing but what is wrong."`
}

// Run implements the command.
func (c *labelRunCmd) Run(ctx context.Context, s streams, args command, parsed *kong.Context) error {
	if err := c.spare(); err != nil {
		return coded{job.ExitUsage, err}
	}
	l := c.label(args)
	l.Again = recorded(parsed.Selected())
	done, err := l.Run(ctx)
	if err != nil {
		return unlabelled(ctx, err)
	}
	switch {
	case c.Quiet:
	case done.Nothing:
		fmt.Fprintf(s.err, "%s is complete for these flows, rules and options already: nothing to do\n", text.Escape(c.Out))
	default:
		if err := c.summarize(s, done.Report); err != nil {
			return err
		}
	}
	if err := c.tell(done.Report); err != nil { // where all is done too: a report may be asked for later, or have failed
		return err
	}
	return c.outcome(done)
}

func (c *labelRunCmd) label(args command) *labels.Label {
	o := c.options()
	o.FromName = c.FromName
	l := &labels.Label{
		Tables: c.Tables, Rules: c.Rules, Out: c.Out, Source: o, Match: match.DefaultConfig(), Attempt: c.Attempted, Skip: c.SkipLabel,
		Packets: c.Packets, PcapML: c.PcapML, Force: c.Force, Tool: tool(), Command: args,
	}
	l.Match.Before, l.Match.After = c.Before, c.After
	l.Match.Workers = runtime.GOMAXPROCS(0)
	if c.Workers > 0 {
		l.Match.Workers = c.Workers
	}
	for _, to := range []string{labels.ToRecords, labels.ToWindows} {
		if slices.Contains(c.To, to) || slices.Contains(c.To, "all") {
			l.To = append(l.To, to)
		}
	}
	return l
}

// spare refuses reports of no form, two in one file, and those that would take the place of
// what is read.
func (c *labelRunCmd) spare() error {
	if c.Workers < 0 {
		return errors.New("--workers below 0")
	}
	seen := map[string]bool{}
	for _, path := range c.Report {
		if err := labels.CheckReport(path); err != nil {
			return fmt.Errorf("--report %s: %w", text.Escape(path), err)
		}
		if seen[filepath.Clean(path)] {
			return fmt.Errorf("%s is named for two reports", text.Escape(path))
		}
		seen[filepath.Clean(path)] = true
		if isRead(path, slices.Concat(c.Rules, c.Packets, []string{c.Tables})) {
			return fmt.Errorf("%s is read, and cannot be a report", text.Escape(path))
		}
		if filepath.Dir(path) == filepath.Clean(c.Out) && partOfFolder(filepath.Base(path)) {
			return fmt.Errorf("%s is a file of the labels, and cannot be a report", text.Escape(path))
		}
	}
	return nil
}

// summarize writes the beginning of the report on stderr.
func (c *labelRunCmd) summarize(s streams, r *coverage.Report) error {
	var b bytes.Buffer
	if err := labels.WriteSummary(&b, r, widthOf(s.err)); err != nil {
		return err
	}
	_, err := verdict{s.err}.Write(b.Bytes()) // reports and exit code are for others
	return written(err)
}

// tell writes the report to the files that are asked for.
func (c *labelRunCmd) tell(r *coverage.Report) error {
	for _, path := range c.Report {
		write := func(w io.Writer) error { return labels.WriteReport(w, r, filepath.Ext(path), 0) }
		if _, err := publish.Replace(path, write, nil); err != nil {
			return written(err)
		}
	}
	return nil
}

// outcome is the exit code of a labelling that was written.
func (c *labelRunCmd) outcome(done *labels.Labelled) error {
	switch {
	case done.Refused > 0:
		return coded{job.ExitPartial, fmt.Errorf("%s of the rules not understood: see the report, or label check", text.Plural(done.Refused, "line"))}
	case done.Damaged > 0:
		return coded{job.ExitPartial, fmt.Errorf("%s of --packets read in part", text.Plural(done.Damaged, "capture"))}
	}
	return nil
}
