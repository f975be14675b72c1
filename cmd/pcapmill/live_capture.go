package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"pcapmill/cmd/capture"
	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/job"
	"pcapmill/cmd/notify"
	"pcapmill/cmd/sandbox"
	"pcapmill/cmd/watch/status"
	"pcapmill/ingest/filter"
	"pcapmill/ingest/live"
	"pcapmill/outputs/text"
)

// liveCaptureCmd are the arguments of live capture.
type liveCaptureCmd struct {
	Interface string `short:"i" required:"" placeholder:"NAME" help:"Interface to capture from; any: all of them. The interfaces command lists them."`
	Segments  string `required:"" placeholder:"DIR" help:"Folder for the segments and their ledger."`

	ringFlags    `embed:"" group:"Packets that are captured:"`
	segmentFlags `embed:"" group:"Segments:"`

	sandboxFlags `embed:"" group:"Rights:"`

	ReleasedBy  string        `placeholder:"OUT" help:"Folder of the analysis of these segments: those that it has not released are kept. Without, retention may delete any."`
	Duration    time.Duration `placeholder:"TIME" default:"0s" help:"Stop after so long; 0s: when told to."`
	SessionNote string        `placeholder:"TEXT" help:"A note for the ledger: a case, a place, a reason."`
	Supervised  bool          `hidden:"" help:"End when standard input does."`
	Tidy        bool          `hidden:"" help:"Delete segments that may go, and capture nothing."`
	StatusPipe  int           `hidden:"" help:"Descriptor of a pipe that takes what is being done."`
	FailOnLoss  bool          `help:"Exit with 3 where packets were lost on the way from the interface. Without, the ledger alone says so."`

	logFlags `embed:""`
}

// ringFlags say what is captured, and by what ring.
type ringFlags struct {
	Filter     string   `placeholder:"EXPR" help:"Capture only packets that match, in tcpdump's language. It is decided in the kernel."`
	Snaplen    byteSize `placeholder:"SIZE" default:"${live_snaplen}" help:"Bytes that are kept of a packet, as 96B; by default ${default}."`
	Promisc    bool     `negatable:"" default:"true" help:"Ask the interface for packets to others."`
	Rings      int      `default:"${live_rings}" help:"Rings that share the packets, by flow. One is enough below some Gbit/s."`
	BlockBytes byteSize `placeholder:"SIZE" default:"${live_block_bytes}" help:"Size of a ring's blocks; by default ${default}."`
	Blocks     int      `default:"${live_blocks}" help:"Blocks of a ring: how much it holds while the disk is slow."`
	Timestamps string   `enum:"auto,software,hardware" default:"${live_timestamps}" help:"Clock of the packets: ${enum}."`
}

// config fills a ring's settings.
func (f *ringFlags) config(iface string) (live.Config, error) {
	c := live.DefaultConfig(iface)
	c.SnapLen, c.Promiscuous, c.Rings = int(f.Snaplen), f.Promisc && iface != live.Any, f.Rings
	c.BlockBytes, c.Blocks, c.Timestamps = int(f.BlockBytes), f.Blocks, f.Timestamps
	if f.Filter != "" {
		expr, err := filter.Parse(f.Filter)
		if err != nil {
			return c, fmt.Errorf("--filter: %w", err)
		}
		c.Filter = expr
	}
	return c, c.Validate()
}

// segmentFlags say how segments are cut and kept.
type segmentFlags struct {
	Rotate string `placeholder:"LIMITS" default:"${live_rotate}" help:"End a segment at multiples of a time (5m: at 00:00, 00:05, … UTC), above a size (512MiB), after packets (1Mp), or at the first of several with commas between; by default ${default}."`
	Retain string `placeholder:"LIMITS" help:"Delete the oldest segments above an age (7d), a size of all (100GiB), a count (1000), to keep room free (free=5% or free=20GiB; takes even what analysis has not released), or once analysis has released them (released); several with commas between."`
	Zstd   bool   `help:"Compress the segments."`
}

// set fills a capture's settings.
func (f *segmentFlags) set(c *capture.Config) error {
	var errs [2]error
	c.Rotate, errs[0] = capture.ParseRotate(f.Rotate)
	c.Retain, errs[1] = capture.ParseRetain(f.Retain)
	c.Zstd = f.Zstd
	return errors.Join(errs[:]...)
}

// Run implements the command.
func (c *liveCaptureCmd) Run(ctx context.Context, s streams) error {
	ring, err := c.ringFlags.config(c.Interface)
	if err != nil {
		return coded{job.ExitUsage, err}
	}
	log := c.logFlags.logger(s.err)
	cfg, err := c.config(log)
	if err != nil {
		return coded{job.ExitUsage, err}
	}
	if c.Tidy {
		return tidy(cfg)
	}
	if c.Supervised { // a signal at the parent's death is lost where the program has capabilities
		var end context.CancelFunc
		ctx, end = context.WithCancel(ctx)
		defer end()
		go func() {
			<-ended(s.in)
			end()
		}()
	}
	rotations, stop := rotateSignals()
	defer stop()
	cfg.Rotations = rotations
	_ = makeResident() //nolint:errcheck // it goes without
	report, err := c.captureLive(ctx, ring, cfg)
	if report.Session != "" {
		log.Info(captureSummary(&report))
	}
	switch {
	case err != nil:
		return coded{captureCode(err), err}
	case c.FailOnLoss && report.Missing() > 0:
		return coded{code: job.ExitPartial}
	}
	return nil
}

// endsOnce says that signals behind the first one change nothing: see endsOnce.
func (c *liveCaptureCmd) endsOnce() bool { return c.Supervised }

// staysOnHangup says that SIGHUP does not end the command: there is nothing to reload, and a capture
// outlives its terminal.
func (*liveCaptureCmd) staysOnHangup() {}

func (c *liveCaptureCmd) config(log *slog.Logger) (capture.Config, error) {
	cfg := capture.DefaultConfig(c.Segments)
	if err := c.segmentFlags.set(&cfg); err != nil {
		return cfg, err
	}
	cfg.Duration, cfg.ReleasedBy, cfg.Note = c.Duration, c.ReleasedBy, c.SessionNote
	cfg.Tool, cfg.Log = tool(), log
	cfg.Published = func(e event.Segment) { log.Info(segmentLine(&e)) }
	return cfg, cfg.Validate()
}

// tidy deletes the segments of a folder that may go.
func tidy(cfg capture.Config) error {
	folder, err := capture.Open(cfg)
	if err != nil {
		return coded{captureCode(err), err}
	}
	if n := folder.Tidy(); n > 0 {
		cfg.Log.Info(fmt.Sprintf("%s deleted that analysis has released", text.Plural(n, "segment")))
	}
	return folder.Close()
}

// captureLive takes the folder first, then the interface, so that nothing is captured that
// has no place.
func (c *liveCaptureCmd) captureLive(ctx context.Context, ring live.Config, cfg capture.Config) (capture.Report, error) {
	manager, err := notify.Open()
	if err != nil {
		return capture.Report{}, err
	}
	defer manager.Close() //nolint:errcheck // the manager sees the end, too
	tell(ctx, manager, status.Inherited(c.StatusPipe), &cfg)
	folder, err := capture.Open(cfg)
	if err != nil {
		return capture.Report{}, err
	}
	src, err := live.Open(ring)
	if expression := new(filter.Error); errors.As(err, &expression) {
		err = fmt.Errorf("--filter: %w", err)
	}
	if err != nil {
		return capture.Report{}, errors.Join(err, folder.Close())
	}
	info := src.Info()
	cfg.Log.Info(interfaceLine(&info))
	if len(info.Offloads) > 0 {
		cfg.Log.Warn(fmt.Sprintf("%s has %s on: packets are captured larger than they were sent; see ethtool -K", text.Escape(info.Interface), strings.Join(info.Offloads, ", ")))
	}
	if err := c.confine(&ring, &cfg); err != nil {
		return capture.Report{}, errors.Join(err, src.Close(), folder.Close())
	}
	report, err := folder.Run(ctx, src)
	_ = manager.Stopping() //nolint:errcheck // as above
	return report, errors.Join(err, src.Close(), folder.Close())
}

// captureCode is the exit code of a capture that failed.
func captureCode(err error) int {
	var expression *filter.Error
	switch {
	case errors.Is(err, capture.ErrSource): // whatever it broke off for: the next one may go on
		return job.ExitPartial
	case errors.As(err, &expression): // one that does not go with the interface's link type
		return job.ExitUsage
	case errors.Is(err, live.ErrConfig), errors.Is(err, capture.ErrConfig), errors.Is(err, live.ErrUnsupported), errors.Is(err, sandbox.ErrSandbox):
		return job.ExitUsage
	case errors.Is(err, live.ErrNoInterface), errors.Is(err, live.ErrDown), errors.Is(err, live.ErrPermission):
		return job.ExitRejected
	}
	return job.ExitOutput
}

func interfaceLine(info *live.Info) string {
	var b strings.Builder
	fmt.Fprintf(&b, "capturing from %s (%s)", text.Escape(info.Interface), info.Link)
	if info.Filter != "" {
		fmt.Fprintf(&b, ", filter %q in %s", text.Escape(info.Filter), info.FilterIn)
	}
	fmt.Fprintf(&b, ", up to %s of a packet", byteSize(info.SnapLen))
	return b.String()
}

func segmentLine(e *event.Segment) string {
	line := fmt.Sprintf("%s: %s, %s", e.Name, packets(e.Packets), size(e.Bytes))
	if e.KernelDrops != nil && *e.KernelDrops > 0 {
		line += fmt.Sprintf(", %s dropped", text.Count(*e.KernelDrops))
	}
	return line + ", ended by " + string(e.Reason)
}

func captureSummary(r *capture.Report) string {
	line := fmt.Sprintf("%s, %s in %s; %s dropped by the kernel, %s by the interface",
		packets(r.Packets), size(r.CapturedBytes), text.Plural(r.Segments, "segment"), text.Count(r.KernelDrops), text.Count(r.IfDrops))
	if r.Unread > 0 {
		line += fmt.Sprintf(", %s not read at the end", text.Count(r.Unread))
	}
	if r.Lost > 0 {
		line += fmt.Sprintf("; %s lost", text.Plural(r.Lost, "segment"))
	}
	if r.Deleted > 0 {
		line += fmt.Sprintf("; %s deleted", text.Plural(r.Deleted, "old segment"))
	}
	return line
}

// Help implements kong.HelpProvider: what capture does, examples, exit codes.
func (liveCaptureCmd) Help() string {
	return `
Writes segments, pcapng files that others can read, and a ledger of them:

    DIR/segment-0000000001.pcapng     whole as soon as it has its name
    DIR/ledger.jsonl                  one line an event, chained by hashes: sessions, segments with
                                      packets, drops and hashes, gaps, deletions

It never waits for who reads them. What a killed capture left is salvaged by the next
one, which says what is not known. SIGTERM and SIGINT end it, SIGUSR1 ends the segment at
hand, SIGHUP does nothing.

It needs CAP_NET_RAW and nothing else.

    pcapmill live capture -i eth0 --segments seg
    pcapmill live capture -i eth0 --segments seg --filter 'tcp or udp' --rotate 1h,512MiB --retain 7d,free=5%
    pcapmill live capture -i any --segments seg --duration 15m --zstd

Exit codes: 0 ended by signal or --duration, 2 usage or not Linux, 3 the capture broke off,
or packets were lost and --fail-on-loss was given, 4 the interface cannot be captured,
6 folder, ledger or disk.`
}
