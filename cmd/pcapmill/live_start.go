package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"pcapmill/cmd/job"
	"pcapmill/cmd/live"
	"pcapmill/cmd/watch"
	"pcapmill/cmd/watch/status"
	"pcapmill/outputs/text"
)

// liveStartCmd are the arguments of live itself: those of its two parts.
type liveStartCmd struct {
	Interface string `short:"i" required:"" placeholder:"NAME" help:"Interface to capture from; any: all of them. The interfaces command lists them."`
	Out       string `short:"o" required:"" placeholder:"DIR" help:"Folder to write; it must be absent, empty, or one of live tables that was begun with the same options."`
	Segments  string `placeholder:"DIR" help:"Folder for the segments; by default the one to write with -segments behind its name."`
	Format    string `enum:"${live_formats}" default:"${format}" help:"Format of the tables: ${enum}."`

	ringFlags    `embed:""`
	segmentFlags `embed:""`

	Duration    time.Duration `placeholder:"TIME" default:"0s" help:"Stop after so long; 0s: when told to."`
	SessionNote string        `placeholder:"TEXT" help:"A note for the ledger: a case, a place, a reason."`
	Keep        string        `name:"keep-segments" enum:"none,flagged,all" default:"all" help:"Which segments are kept once they are analysed: none; those flagged because an alert fell into them; or all, as far as --retain lets."`

	analysisFlags `embed:""`
	engineFlags   `embed:""`
	readFlags     `embed:""`
	talkFlags     `embed:""`

	Config      configFile `placeholder:"FILE" help:"YAML file with values for these flags."`
	PrintConfig bool       `help:"Print the values in force and where each comes from, then stop."`
}

// staysOnHangup says that SIGHUP does not end the command.
func (*liveStartCmd) staysOnHangup() {}

// Run implements the command.
func (c *liveStartCmd) Run(ctx context.Context, s streams, parsed *kong.Context, hung hangups) error {
	learns := c.observe(settingsOf(parsed))
	if c.PrintConfig {
		return printConfig(s.out, settingsOf(parsed))
	}
	if err := errors.Join(c.engineFlags.check(), c.watchFlags.check()); err != nil {
		return coded{job.ExitUsage, err}
	}
	program, err := os.Executable()
	if err != nil {
		return coded{job.ExitInternal, err}
	}
	rotations, stop := rotateSignals()
	defer stop()
	board := status.NewBoard(status.Screen{Out: s.err, Width: func() (int, bool) { return terminalWidth(s.err) }}, time.Now())
	lines := boardLines{board}
	shown := c.Progress && !c.Quiet && c.LogFormat == "text"
	log := c.talkFlags.logger(s.err)
	if shown {
		log = c.talkFlags.logger(lines)
	}
	if learns != "" {
		log.Info(text.Escape(c.SaveBaseline) + " " + learns)
	}
	super := &live.Supervisor{
		Program: program, Parts: c.parts(parsed), Log: log, Errors: s.err, Hangup: hung, Rotate: rotations,
	}
	inner, done := context.WithCancel(ctx)
	defer done()
	if shown {
		super.Said = func(line string) { board.Say(line) }
		super.Status = func(pipe *os.File) { _, _ = status.Read(pipe, board.Take) } //nolint:errcheck // what is no status is left out
		go board.Run(inner)
	}
	code := super.Run(ctx)
	done()
	if code != job.ExitOK {
		return coded{code: code}
	}
	return nil
}

// observe has windows of which enough are whole, where a baseline is learnt in a limited time and
// nobody says how long windows are, and returns what the baseline will know; "": none is learnt.
func (c *liveStartCmd) observe(settings []setting) string {
	if c.SaveBaseline == "" {
		return ""
	}
	chosen := c.Baseline != "" || c.Hop != 0 // windows must be those of that baseline, or of that hop
	for _, s := range settings {
		chosen = chosen || s.name == "window" && s.origin != originDefault
	}
	if !chosen {
		c.Window = watch.ObserveWindow(c.Duration, c.Window)
	}
	return watch.Learns(c.Duration, c.Window)
}

// boardLines writes lines above the status.
type boardLines struct{ board *status.Board }

// Write implements io.Writer.
func (b boardLines) Write(line []byte) (int, error) {
	b.board.Say(strings.TrimSuffix(string(line), "\n"))
	return len(line), nil
}

// segments is the folder of segments.
func (c *liveStartCmd) segments() string {
	if c.Segments != "" {
		return c.Segments
	}
	return filepath.Clean(c.Out) + "-segments"
}

// parts are the command lines of both parts, with the values in force of the flags that they have.
func (c *liveStartCmd) parts(parsed *kong.Context) live.Parts {
	capture := []string{"live", "capture", "--segments=" + c.segments(), "--released-by=" + c.Out}
	retain := c.Retain
	if c.Keep != string(live.KeepAll) && !slices.Contains(strings.Split(retain, ","), "released") {
		retain = strings.TrimPrefix(retain+",released", ",")
	}
	if retain != "" {
		capture = append(capture, "--retain="+retain)
	}
	keep := live.Keep(c.Keep)
	if keep == live.KeepAll { // analysis needs none of them; what is deleted, and when, --retain says
		keep = live.KeepNone
	}
	analysis := []string{"live", "analyse", "--keep-segments=" + string(keep), "--supervised"}
	if c.Progress && !c.Quiet && c.LogFormat == "text" {
		pipe := fmt.Sprintf("--status-pipe=%d", status.Descriptor)
		capture, analysis = append(capture, pipe), append(analysis, pipe)
	}
	own := []string{"segments", "retain", "released-by", "keep-segments", "supervised", "status-pipe"}
	capture = append(capture, flagsFor(parsed, "capture", own)...)
	analysis = append(analysis, flagsFor(parsed, "analyse", own)...)
	return live.Parts{Capture: capture, Analysis: append(analysis, "--", c.segments())}
}

// flagsFor returns the values in force of the flags that a live command has, too, but for some.
func flagsFor(parsed *kong.Context, name string, but []string) (args []string) {
	for _, f := range parsed.Selected().Flags {
		if !liveHas(parsed, name, f.Name) || slices.Contains(notConfigurable, f.Name) || slices.Contains(but, f.Name) {
			continue
		}
		if list, is := f.Target.Interface().([]string); is && f.Tag.Sep < 0 {
			for _, value := range list {
				args = append(args, "--"+f.Name+"="+value)
			}
			continue
		}
		if value := flagText(f.Target); value != "" {
			args = append(args, "--"+f.Name+"="+value)
		}
	}
	return args
}

// liveHas reports whether a live command has a flag.
func liveHas(parsed *kong.Context, name, flag string) bool {
	node := commandNode(parsed.Model.Node, []string{"live", name})
	return slices.ContainsFunc(node.Flags, func(f *kong.Flag) bool { return f.Name == flag })
}
