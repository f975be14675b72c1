package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"pcapmill/cmd/capture"
	"pcapmill/cmd/job"
	"pcapmill/cmd/live"
	"pcapmill/cmd/watch"
	"pcapmill/cmd/watch/status"
	ingest "pcapmill/ingest/live"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/text"
)

// liveStartCmd are the arguments of live itself: those of its two parts.
type liveStartCmd struct {
	Interface string `short:"i" required:"" placeholder:"NAME" help:"Interface to capture from; any: all of them. The interfaces command lists them."`
	Out       string `short:"o" required:"" placeholder:"DIR" help:"Folder to write; it must be absent, empty, or one of live tables that was begun with the same options."`
	Segments  string `placeholder:"DIR" help:"Folder for the segments; by default the one to write with -segments behind its name."`
	Format    string `enum:"${live_formats}" default:"${format}" help:"Format of the tables: ${enum}."`

	Duration time.Duration `placeholder:"TIME" default:"0s" help:"Stop after so long, as 15m; 0s: when told to."`

	ringFlags    `embed:"" group:"Packets that are captured:"`
	segmentFlags `embed:"" group:"Segments:"`

	SessionNote string `group:"Segments:" placeholder:"TEXT" help:"A note for the ledger: a case, a place, a reason."`
	Keep        string `group:"Segments:" name:"keep-segments" enum:"none,flagged,all" default:"all" help:"Which segments are kept once they are analysed: none; those flagged because an alert fell into them; or all, as far as --retain lets."`

	analysisFlags `embed:""`
	engineFlags   `embed:"" group:"What is made of packets, as in run:"`
	readFlags     `embed:"" group:"What is made of packets, as in run:"`
	talkFlags     `embed:"" group:"Messages and settings:"`

	Config      configFile `group:"Messages and settings:" placeholder:"FILE" help:"YAML file with values for these flags."`
	PrintConfig bool       `group:"Messages and settings:" help:"Print the values in force and where each comes from, then stop."`
}

// staysOnHangup says that SIGHUP does not end the command.
func (*liveStartCmd) staysOnHangup() {}

// Run implements the command.
func (c *liveStartCmd) Run(ctx context.Context, s streams, parsed *kong.Context, hung hangups) error {
	learns := c.observe(settingsOf(parsed))
	if c.PrintConfig {
		return printConfig(s.out, settingsOf(parsed)) // with the windows that were just chosen
	}
	if err := c.check(); err != nil {
		return err
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
		Program: program, Parts: c.parts(parsed), Log: log, Errors: s.err, Hangup: hung, Rotate: rotations, Lasts: c.Duration,
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

// check refuses what one of the parts would refuse, before either is started and anything is
// written: flags, a folder that is not ours, an interface that cannot be captured.
func (c *liveStartCmd) check() error {
	ring, err := c.ringFlags.config(c.Interface)
	cuts := capture.DefaultConfig(c.segments())
	if err = errors.Join(c.engineFlags.check(), c.watchFlags.check(), err, c.segmentFlags.set(&cuts)); err != nil {
		return coded{job.ExitUsage, err}
	}
	o := analysisOptions(c.segments(), c.Out, c.Format, &c.analysisFlags, &c.engineFlags, &c.readFlags) // as far as flags say
	if err = o.Validate(); err == nil {
		_, err = o.Job.Prepare()
	}
	if err != nil {
		return coded{job.ExitUsage, err}
	}
	if filepath.Clean(c.Out) == filepath.Clean(c.segments()) {
		return coded{job.ExitUsage, fmt.Errorf("%s cannot be both, for tables and for segments: leave --segments out, or name another folder", text.Escape(c.Out))}
	}
	if err := livefolder.Look(c.Out); err != nil {
		return coded{job.ExitOutput, err}
	}
	src, err := ingest.Open(ring)
	if err != nil {
		return coded{captureCode(err), err}
	}
	if err := src.Close(); err != nil {
		return coded{job.ExitInternal, err}
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
	capture := []string{"live", "capture", "--segments=" + c.segments(), "--released-by=" + c.Out, "--supervised"}
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
	p := live.Parts{Capture: capture, Analysis: append(analysis, "--", c.segments())}
	if retain != "" {
		p.Tidy = append(slices.Clone(capture), "--tidy")
	}
	return p
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
		if value := flagText(f.Target); value != "" || f.Target.Kind() == reflect.Slice && f.Default != "" { // an empty list is none of the default's
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

// Help implements kong.HelpProvider: what live does, examples, exit codes.
func (liveStartCmd) Help() string {
	return `
"start" may be left out. Two processes do the work: live capture writes segments and waits
for nobody, live analyse makes tables of them and has no rights. What dies is started
again, and goes on where it was. docs/live.md says what is written, and what survives what.

SIGTERM and SIGINT end it within ten seconds, SIGHUP has rules and baseline read again,
SIGUSR1 ends the segment at hand.

    pcapmill live -i eth0 -o tables
    pcapmill live -i eth0 -o tables --duration 15m --filter 'tcp or udp'
    pcapmill live -i eth0 -o tables --rotate 5m,512MiB --retain 7d,free=10% --keep-segments flagged
    pcapmill live -i eth0 -o tables --baseline normal.bl --shipped --metrics 127.0.0.1:9469
    pcapmill live -i eth0 -o tables --duration 15m --save-baseline normal.bl

Exit codes: 0 ended as it should; else that of the part that failed: 2 usage, or not Linux;
3 packets are missing and --fail-on-loss was given, or a segment was read in part; 4 the
interface cannot be captured, or a segment cannot be read; 5 a limit; 6 folder or disk;
7 self-check; 128+n where a second signal ended it at once.`
}
