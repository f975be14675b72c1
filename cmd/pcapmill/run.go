package main

import (
	"context"

	"github.com/alecthomas/kong"

	"pcapmill/cmd/job"
	"pcapmill/ingest/input"
	"pcapmill/stages"
)

// runCmd are the arguments of run. Flag names are those of the fields; defaults
// come from the packages that the flags set.
type runCmd struct {
	Capture []string `arg:"" optional:"" name:"capture" help:"Captures, folders of captures, or - for standard input; plain, gzip, zstd, lz4, xz or bzip2."`
	Demo    bool     `help:"Run on a small generated capture instead."`

	Out    string `short:"o" placeholder:"DIR" help:"Folder to write; it must be absent, empty or ours."`
	Force  bool   `help:"Replace the dataset that DIR holds, whatever it was made of. Never touches a folder that is not ours."`
	Format string `enum:"${formats}" default:"${format}" help:"Format of the tables: ${enum}."`

	engineFlags `embed:""`
	choiceFlags `embed:""`

	Include []string `sep:"," placeholder:"GLOB" help:"Read only files whose name or path matches one of these shell patterns."`
	Exclude []string `sep:"," placeholder:"GLOB" help:"Leave out files whose name or path matches one of these."`

	readFlags `embed:""`
	talkFlags `embed:""`

	Config      configFile `placeholder:"FILE" help:"YAML file with values for these flags."`
	PrintConfig bool       `help:"Print the values in force and where each comes from, then stop."`
	CPUProfile  string     `name:"cpu-profile" hidden:"" placeholder:"FILE" help:"Write a CPU profile."`
	MemProfile  string     `name:"mem-profile" hidden:"" placeholder:"FILE" help:"Write a heap profile at the end."`
}

// Run implements the command.
func (c *runCmd) Run(ctx context.Context, s streams, typed command, parsed *kong.Context) error {
	settings := settingsOf(parsed)
	if c.PrintConfig {
		return printConfig(s.out, settings)
	}
	program, err := readProgram(c.BPFDDD)
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return coded{job.ExitUsage, err}
	}
	stopProfiles, err := startProfiles(c.CPUProfile, c.MemProfile)
	if err != nil {
		return coded{job.ExitOutput, err}
	}
	o := c.options()
	defer prepareHeap(o.Memory)()
	o.Stages.Filter.DDD = program
	o.Command, o.Origins, o.Again = typed, originsOf(settings), recorded(parsed.Selected())
	progress := new(stages.Progress)
	meter := newMeter(s.err, progress, c.Progress && !c.Quiet && c.LogFormat == "text")
	report, err := job.Run(ctx, o, job.IO{Stdin: s.in, Progress: progress, Started: meter.start})
	meter.stop()
	profileErr := stopProfiles()
	say := newReporter(s.err, c.LogFormat, c.Quiet, c.Verbose)
	if err != nil {
		say.failure(&report, err)
		return coded{code: report.Exit}
	}
	say.report(&report)
	switch {
	case profileErr != nil:
		return coded{max(job.ExitOutput, report.Exit), profileErr}
	case report.Exit != job.ExitOK:
		return coded{code: report.Exit}
	}
	return nil
}

// options maps flags to the packages' settings.
func (c *runCmd) options() job.Options {
	o := job.DefaultOptions()
	o.Args, o.Demo, o.Out, o.Force, o.Format = c.Capture, c.Demo, c.Out, c.Force, c.Format
	o.Filter = input.Filter{Include: c.Include, Exclude: c.Exclude}
	o.Tool = tool()
	c.engineFlags.set(&o)
	c.choiceFlags.set(&o)
	c.readFlags.set(&o)
	return o
}
