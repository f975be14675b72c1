package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"time"

	"github.com/alecthomas/kong"

	"pcapmill/cmd/job"
	"pcapmill/cmd/live"
	"pcapmill/outputs/text"
)

// liveAnalyseCmd are the arguments of live analyse.
type liveAnalyseCmd struct {
	Segments string `arg:"" name:"segments" help:"Folder of segments that live capture writes."`

	Out    string `short:"o" placeholder:"DIR" help:"Folder to write; it must be absent, empty, or one of live tables that was begun with the same options."`
	Format string `enum:"${formats}" default:"${format}" help:"Format of the tables: ${enum}."`

	Follow     bool `help:"Wait for more segments whatever there is. By default it waits while a capture is running, and ends when the last one has ended and all is done."`
	Supervised bool `hidden:"" help:"Wait for more until standard input ends."`

	analysisFlags `embed:""`
	engineFlags   `embed:""`
	choiceFlags   `embed:""`
	readFlags     `embed:""`
	talkFlags     `embed:""`

	Config      configFile `placeholder:"FILE" help:"YAML file with values for these flags."`
	PrintConfig bool       `help:"Print the values in force and where each comes from, then stop."`
}

// analysisFlags are those of analysis that live has, too, and run has not.
type analysisFlags struct {
	FailOnLoss      bool          `help:"End with code 3 where packets are known to be missing."`
	CheckpointEvery time.Duration `default:"${checkpoint_every}" help:"Keep the state after so much work though segments wait; it is kept in any case when none does, and at the end."`
}

// Run implements the command.
func (c *liveAnalyseCmd) Run(ctx context.Context, s streams, typed command, parsed *kong.Context, hangups hangups) error {
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
	o := c.options()
	o.Job.Stages.Filter.DDD = program
	o.Job.Command, o.Job.Origins, o.Job.Again = typed, originsOf(settings), recordedAs(parsed, "run")
	defer runtime.KeepAlive(prepareHeap(o.Job.Memory))
	o.Log = c.talkFlags.logger(s.err)
	o.Reload = hangups
	if c.Supervised {
		o.Drain = ended(s.in)
	}
	report, err := live.Analyse(ctx, o)
	if err != nil {
		return coded{report.Exit, err}
	}
	o.Log.Info(analysed(&report), "exit_code", report.Exit, "segments", report.Segments, "packets", report.Packets, "flows", report.Rows,
		"rejected", report.Rejected, "drops", report.Drops, "through", report.Through, "open", report.Open, "out", text.Escape(report.Out))
	if report.Exit != job.ExitOK {
		return coded{code: report.Exit}
	}
	return nil
}

// options maps flags to the packages' settings.
func (c *liveAnalyseCmd) options() live.Options {
	o := live.DefaultOptions()
	o.Segments, o.Follow = c.Segments, c.Follow
	o.FailLoss, o.Every = c.FailOnLoss, c.CheckpointEvery
	j := &o.Job
	j.Out, j.Format, j.Tool = c.Out, c.Format, tool()
	c.engineFlags.set(j)
	c.choiceFlags.set(j)
	c.readFlags.set(j)
	return o
}

// logger returns what messages go to.
func (t *talkFlags) logger(w io.Writer) *slog.Logger {
	level := slog.LevelInfo
	switch {
	case t.Quiet:
		level = slog.LevelWarn
	case t.Verbose:
		level = slog.LevelDebug
	}
	return newLog(w, t.LogFormat, level)
}

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
