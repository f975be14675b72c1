package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/alecthomas/kong"

	"pcapmill/cmd/job"
	"pcapmill/cmd/live"
	"pcapmill/outputs/text"
)

// liveAnalyseCmd are the arguments of live analyse.
type liveAnalyseCmd struct {
	Segments string `arg:"" name:"segments" help:"Folder of segments that live capture writes."`

	Out    string `short:"o" required:"" placeholder:"DIR" help:"Folder to write; it must be absent, empty, or one of live tables that was begun with the same options."`
	Format string `enum:"${live_formats}" default:"${format}" help:"Format of the tables: ${enum}."`

	Follow     bool `help:"Wait for more segments whatever there is. By default it waits while a capture is running, and ends when the last one has ended and all is done."`
	Supervised bool `hidden:"" help:"Wait for more until standard input ends."`
	StatusPipe int  `hidden:"" help:"Descriptor of a pipe that takes what is being done."`

	Keep string `name:"keep-segments" enum:"none,flagged,all" default:"none" help:"Which segments capture may not delete once they are analysed: none of them, those flagged because an alert fell into them, or all."`

	analysisFlags `embed:""`
	engineFlags   `embed:"" group:"What is made of packets, as in run:"`
	choiceFlags   `embed:"" group:"What is made of packets, as in run:"`
	readFlags     `embed:"" group:"What is made of packets, as in run:"`
	talkFlags     `embed:"" group:"Messages and settings:"`

	Config      configFile `group:"Messages and settings:" placeholder:"FILE" help:"YAML file with values for these flags."`
	PrintConfig bool       `group:"Messages and settings:" help:"Print the values in force and where each comes from, then stop."`
}

// analysisFlags are those of analysis that live has, too, and run has not.
type analysisFlags struct {
	FailOnLoss      bool          `help:"End with code 3 where packets are known to be missing."`
	CheckpointEvery time.Duration `default:"${checkpoint_every}" help:"Keep the state after so much work though segments wait; it is kept in any case when none does, and at the end."`

	watchFlags   `embed:"" group:"What is said while it runs:"`
	sandboxFlags `embed:"" group:"Rights:"`
}

// sandboxFlags say how much a part of live mode gives up.
type sandboxFlags struct {
	NoSandbox      bool `help:"Give up no rights. Without, each part gives up what its work does not need, as far as the kernel can take it."`
	RequireSandbox bool `help:"Do not start where the kernel cannot take all of it."`
}

// Run implements the command.
func (c *liveAnalyseCmd) Run(ctx context.Context, s streams, typed command, parsed *kong.Context, hung hangups) error {
	settings := settingsOf(parsed)
	if c.PrintConfig {
		return printConfig(s.out, settings)
	}
	program, err := readProgram(c.BPFDDD)
	if err = errors.Join(err, c.engineFlags.check(), c.watchFlags.check()); err != nil {
		return coded{job.ExitUsage, err}
	}
	if c.Pprof {
		keepStacks()
	}
	o := c.options()
	o.Job.Stages.Filter.DDD = program
	o.Job.Command, o.Job.Origins, o.Job.Again = typed, originsOf(settings), recordedAs(parsed, "run")
	defer prepareHeap(o.Job.Memory)()
	o.Log, o.Reload = c.talkFlags.logger(s.err), hung
	if c.Supervised {
		o.Drain = ended(s.in)
	}
	report, err := c.analyse(ctx, &o)
	if err != nil {
		if own := (coded{}); errors.As(err, &own) {
			return own
		}
		return coded{max(report.Exit, job.ExitInternal), err}
	}
	o.Log.Info(analysed(&report), "exit_code", report.Exit, "segments", report.Segments, "packets", report.Packets, "flows", report.Rows,
		"rejected", report.Rejected, "drops", report.Drops, "through", report.Through, "open", report.Open, "out", text.Escape(report.Out))
	if report.Open || report.Through == 0 {
		c.watchFlags.unlearnt(o.Log)
	} else if err := c.watchFlags.learn(ctx, c.Out, o.Log); err != nil {
		return err
	}
	if report.Exit != job.ExitOK {
		return coded{code: report.Exit}
	}
	return nil
}

// analyse opens what is beside the tables, and makes them.
func (c *liveAnalyseCmd) analyse(ctx context.Context, o *live.Options) (report live.Report, err error) {
	if err := c.folders(ctx, o); err != nil {
		return live.Report{Exit: job.ExitOutput}, err
	}
	if o.Watch, err = c.watchFlags.open(ctx, c.Out, &o.Job.Stages); err != nil {
		return live.Report{Exit: job.ExitUsage}, err
	}
	defer func() { err = errors.Join(err, o.Watch.Close()) }()
	listener, err := c.watchFlags.listen()
	if err != nil {
		return live.Report{Exit: job.ExitUsage}, err
	}
	tell, err := c.confine(o, listener)
	if err != nil {
		return live.Report{Exit: job.ExitUsage}, err
	}
	defer tell.close()
	inner, stop := context.WithCancel(ctx)
	defer stop()
	tell.serve(inner, c, o, listener)
	return live.Analyse(ctx, *o)
}

// options maps flags to the packages' settings.
func (c *liveAnalyseCmd) options() live.Options {
	o := analysisOptions(c.Segments, c.Out, c.Format, &c.analysisFlags, &c.engineFlags, &c.readFlags)
	o.Follow, o.FailLoss, o.Keep = c.Follow, c.FailOnLoss, live.Keep(c.Keep)
	c.choiceFlags.set(&o.Job)
	return o
}

// analysisOptions maps the flags of analysis that live has, too.
func analysisOptions(segments, out, format string, analysis *analysisFlags, engine *engineFlags, read *readFlags) live.Options {
	o := live.DefaultOptions()
	o.Segments, o.Every = segments, analysis.CheckpointEvery
	j := &o.Job
	j.Out, j.Format, j.Tool = out, format, tool()
	engine.set(j)
	read.set(j)
	return o
}

// logger returns what messages go to.
func (t *talkFlags) logger(w io.Writer) *slog.Logger {
	if t.Verbose && !t.Quiet {
		return newLog(w, t.LogFormat, slog.LevelDebug)
	}
	return t.logFlags.logger(w)
}

// logger returns what messages go to.
func (f *logFlags) logger(w io.Writer) *slog.Logger {
	if f.Quiet {
		return newLog(w, f.LogFormat, slog.LevelWarn)
	}
	return newLog(w, f.LogFormat, slog.LevelInfo)
}

// endsOnce says that signals behind the first one change nothing: see endsOnce.
func (c *liveAnalyseCmd) endsOnce() bool { return c.Supervised }

// ended returns a channel that is closed when a stream ends. What it reads stays behind in its Read
// until the process ends.
func ended(r io.Reader) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, r)
		close(done)
	}()
	return done
}

// analysed says in a line what an analysis did.
func analysed(r *live.Report) string {
	line := fmt.Sprintf("%s, %s in %s, up to segment %d", text.Plural(r.Segments, "segment"), packets(r.Packets), text.Plural(r.Rows, "flow"), r.Through)
	if r.Redone > 0 {
		line += fmt.Sprintf(", %d of them done again", r.Redone)
	}
	if r.Rejected > 0 {
		line += fmt.Sprintf("; %s left out", text.Plural(r.Rejected, "segment"))
	}
	if r.Drops > 0 {
		line += fmt.Sprintf("; %s known to be missing", packets(r.Drops))
	}
	if r.Open {
		line += "; flows are open, and go on where it is started again"
	}
	return line
}

// staysOnHangup says that SIGHUP does not end the command.
func (*liveAnalyseCmd) staysOnHangup() {}

// Help implements kong.HelpProvider: what analysis does, examples, exit codes.
func (liveAnalyseCmd) Help() string {
	return `
Takes the segments of live capture in order and writes what run would make of them, a part
of each table a segment, as

    DIR/flows/date=2026-11-29/segment-0000000001.parquet

Started again it goes on where it was, from its last checkpoint. SIGTERM and SIGINT end it
behind the segment at hand, flows stay open; SIGHUP has rules and baseline read again.
docs/live.md has the rest.

    pcapmill live analyse tables-segments -o tables
    pcapmill live analyse /var/lib/pcapmill/eth0-segments -o /var/lib/pcapmill/eth0 --follow --baseline normal.bl

Exit codes: 0 all is done, or stopped by a signal; 2 usage, or the folder was begun with
other options; 3 a segment was read in part, or packets are missing and --fail-on-loss was
given; 4 a segment, or the folder of segments, cannot be read; 5 a limit; 6 output folder
or disk; 7 what is done again differs from what was committed.`
}
