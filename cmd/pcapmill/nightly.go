package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"pcapmill/cmd/job"
	"pcapmill/cmd/nightly"
	"pcapmill/outputs/text"
)

// nightlyCmd are the arguments of nightly.
type nightlyCmd struct {
	File    string  `arg:"" optional:"" name:"config" placeholder:"CONFIG" help:"What is done with each night's captures, as YAML."`
	Example bool    `help:"Print a configuration with comments, and do nothing else."`
	DryRun  bool    `help:"List what would be done, and write nothing."`
	Date    string  `placeholder:"NIGHT" help:"Do this night again, with all of its captures, and no other: 2026-11-29, or 2026-11-29T13 where nights are hours."`
	Accept  string  `placeholder:"NIGHT" help:"Say that a flagged night is as it should be: later nights are judged by it too."`
	Reject  string  `placeholder:"NIGHT" help:"Say that a night is not as it should be, though it was not flagged: no night is judged by it any more."`
	Why     string  `placeholder:"TEXT" help:"Why, for the history and the page; with --accept and --reject."`
	JSON    bool    `name:"json" help:"Print the summary as JSON instead of the line."`
	Quiet   bool    `short:"q" help:"Print nothing to stdout; what is wrong still goes to stderr."`
	Now     instant `hidden:"" placeholder:"TIME" help:"Do as if it were then."`
}

// Run implements the command.
func (c *nightlyCmd) Run(ctx context.Context, s streams, typed command) error {
	if c.Example {
		_, err := io.WriteString(s.out, nightly.Example())
		return err
	}
	o, err := c.options()
	if err != nil {
		return coded{job.ExitUsage, err}
	}
	config, err := nightly.Load(c.File, nightlyGrammar())
	if err != nil {
		said := c.say(s.out, &nightly.Summary{Status: "error", Exit: job.ExitUsage, Error: visible(err)})
		return coded{job.ExitUsage, errors.Join(err, said)}
	}
	if m := config.Limits.Memory; m > 0 {
		debug.SetMemoryLimit(max(m-codeBytes, codeBytes))
	}
	o.Config, o.Command, o.Tool = config, typed, tool()
	o.Warn = func(line string) { tellLine(s.err, "warning: "+line) }
	o.Tell = func(line string) {
		if widthOf(s.err) > 0 && !c.Quiet { // piped, it is quiet
			tellLine(s.err, line)
		}
	}
	o.Say = func(summary *nightly.Summary) error {
		if err := c.say(s.out, summary); !brokenPipe(err) {
			return err
		}
		return nil // who asked has seen enough; the exit code stands
	}
	summary, err := nightly.Run(ctx, o)
	switch {
	case err != nil && ctx.Err() != nil:
		return stopped(ctx)
	case err != nil:
		return coded{summary.Exit, err}
	case summary.Exit != job.ExitOK:
		return coded{code: summary.Exit}
	}
	return nil
}

// tellLine writes a line to stderr.
func tellLine(w io.Writer, line string) {
	fmt.Fprintln(w, strings.ReplaceAll(visible(errors.New(line)), "\n", "; "))
}

// options are those of the flags.
func (c *nightlyCmd) options() (o nightly.Options, err error) {
	o = nightly.Options{Date: c.Date, DryRun: c.DryRun, Now: time.Now()}
	if c.Now.set {
		o.Now = time.Unix(0, int64(c.Now.ns))
	}
	asked := 0
	for _, s := range []string{c.Date, c.Accept, c.Reject} {
		if s != "" {
			asked++
		}
	}
	switch {
	case c.File == "":
		return o, errors.New("no configuration is named; nightly --example prints one to begin with")
	case asked > 1:
		return o, errors.New("--date, --accept and --reject are one thing at a time")
	case c.DryRun && c.Accept+c.Reject != "":
		return o, errors.New("--dry-run lists nights that would be done, and --accept and --reject do none")
	case c.Why != "" && c.Accept+c.Reject == "":
		return o, errors.New("--why is for --accept and --reject")
	}
	if c.Accept+c.Reject != "" {
		o.Mark = &nightly.Mark{Name: c.Accept + c.Reject, Good: c.Accept != "", Why: c.Why}
	}
	return o, nil
}

// say prints the summary.
func (c *nightlyCmd) say(w io.Writer, s *nightly.Summary) error {
	switch {
	case c.JSON:
		return text.WriteJSON(w, s, "  ")
	case c.DryRun && s.Status == nightly.Planning:
		return sayPlanned(w, s)
	case c.Quiet:
		return nil
	}
	_, err := fmt.Fprintln(w, s.Line())
	return err
}

// mostFiles bounds the files that --dry-run lists of a night.
const mostFiles = 20

// sayPlanned lists what would be done, for people.
func sayPlanned(w io.Writer, s *nightly.Summary) error {
	var b strings.Builder
	for i := range s.Planned {
		p := &s.Planned[i]
		again := ""
		if p.Again {
			again = " again"
		}
		fmt.Fprintf(&b, "would do%s: %s, %s, %s\n", again, p.Name, text.Plural(int64(len(p.Files)), "capture"), size(p.Bytes))
		for j, f := range p.Files {
			if j == mostFiles {
				fmt.Fprintf(&b, "  and %d more\n", len(p.Files)-j)
				break
			}
			fmt.Fprintf(&b, "  %s\n", text.Escape(f))
		}
	}
	for _, x := range s.Silent {
		fmt.Fprintf(&b, "would tell: no captures from %s to %s\n", x.First, x.Last)
	}
	for _, x := range s.Changed {
		fmt.Fprintf(&b, "would tell: %s has changed since it was read for %s\n", text.Escape(x.Path), x.Night)
	}
	if b.Len() == 0 {
		b.WriteString("nothing to do\n")
	}
	for _, left := range []struct {
		n    int
		what string
	}{
		{s.Waiting, "of nights that are not over"}, {s.Fresh, "that may still be written, and others of their nights"},
		{s.Unnamed, "whose names have no date"},
	} {
		if left.n > 0 {
			fmt.Fprintf(&b, "left: %s %s\n", text.Plural(int64(left.n), "capture"), left.what)
		}
	}
	if s.GivenUp > 0 {
		fmt.Fprintf(&b, "left: %s that failed too often; --date tries one again\n", text.Plural(int64(s.GivenUp), "night"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// notNightly are flags of run that a configuration of nightly has elsewhere or has no use for.
var notNightly = []string{
	"out", "force", "demo", "memory", "include", "exclude", "input-hash", "save-streams", "log-format", "quiet", "verbose", "progress",
}

// nightlyGrammar is what the grammar of run says about options in a configuration. The
// environment has no say in it.
func nightlyGrammar() nightly.Grammar {
	g := nightly.Grammar{Options: runOptions}
	parser, err := newParserWith(&cli{}, streams{nil, io.Discard, os.Stderr})
	if err != nil {
		return g // Options says why
	}
	for _, name := range configurable(commandNode(parser.Model.Node, []string{"run"})) {
		if !slices.Contains(notNightly, name) {
			g.Flags = append(g.Flags, name)
		}
	}
	return g
}

// runOptions makes options of flags of run.
func runOptions(flags []nightly.Flag) (job.Options, error) {
	grammar := &cli{}
	parser, err := newParserWith(grammar, streams{nil, io.Discard, os.Stderr})
	if err != nil {
		return job.Options{}, err
	}
	args := []string{"run"}
	for _, f := range flags {
		args = append(args, flagArgument(parser.Model.Node, f))
	}
	if _, err := parser.Parse(args); err != nil {
		return job.Options{}, err
	}
	c := &grammar.Run
	program, err := readProgram(c.BPFDDD)
	if err = cmp.Or(c.check(), err); err != nil {
		return job.Options{}, err
	}
	o := c.options()
	o.Stages.Filter.DDD = program
	o.Again = recorded(commandNode(parser.Model.Node, []string{"run"}))
	return o, nil
}

// flagArgument writes a flag as the command line has it.
func flagArgument(root *kong.Node, f nightly.Flag) string {
	for _, flag := range commandNode(root, []string{"run"}).Flags {
		if flag.Name != f.Name || !flag.IsBool() {
			continue
		}
		switch f.Value {
		case "true":
			return "--" + f.Name
		case "false":
			if flag.Tag.Negatable != "" {
				return "--no-" + f.Name
			}
		}
	}
	return "--" + f.Name + "=" + f.Value
}
