package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/job"
	"pcapmill/cmd/live"
	"pcapmill/cmd/notify"
	"pcapmill/cmd/sandbox"
	"pcapmill/cmd/watch/metrics"
	"pcapmill/cmd/watch/status"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
	"pcapmill/stages"
)

// telling is who is told how an analysis goes: the service manager, Prometheus, the supervisor.
type telling struct {
	manager *notify.Notifier
	store   *metrics.Store
	pipe    *status.Writer
	alive   atomic.Bool // it has said something since it was asked last
	flags   *liveAnalyseCmd
	alerts  func() int64
}

// folders waits for the folder of segments, and makes that of the tables: the sandbox must know both.
func (c *liveAnalyseCmd) folders(ctx context.Context, o *live.Options) error {
	if err := o.Validate(); err != nil {
		return coded{job.ExitUsage, err}
	}
	if err := o.Job.Steady(); err != nil {
		return coded{job.ExitUsage, err}
	}
	for told := false; ; told = true {
		_, err := os.Stat(c.Segments)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || !c.Follow && !c.Supervised {
			return coded{job.ExitRejected, fmt.Errorf("%w; live capture --segments makes this folder, and --follow waits for it", err)}
		}
		if !told {
			o.Log.Info("waiting for " + text.Escape(c.Segments))
		}
		select {
		case <-ctx.Done():
			return coded{code: job.ExitOK}
		case <-o.Drain: // whoever captures has ended without a segment
			return coded{code: job.ExitOK}
		case <-time.After(200 * time.Millisecond):
		}
	}
	if err := os.MkdirAll(c.Out, 0o700); err != nil {
		return coded{job.ExitOutput, err}
	}
	return c.captured()
}

// captured reports where no capture has written into the folder of segments, and none is waited for.
func (c *liveAnalyseCmd) captured() error {
	if c.Follow || c.Supervised {
		return nil
	}
	if _, err := os.Stat(filepath.Join(c.Segments, event.LedgerName)); errors.Is(err, fs.ErrNotExist) {
		return coded{job.ExitRejected, fmt.Errorf("%s has no %s: no live capture has written there. For captures of other tools there is run", text.Escape(c.Segments), event.LedgerName)}
	}
	return nil
}

// confine gives up what analysis does not need.
func (c *liveAnalyseCmd) confine(o *live.Options, listener net.Listener) (*telling, error) {
	t := &telling{flags: c, pipe: status.Inherited(c.StatusPipe)}
	var err error
	if t.manager, err = notify.Open(); err != nil {
		return nil, err
	}
	mode, err := sandbox.ModeOf(c.NoSandbox, c.RequireSandbox)
	if err != nil {
		return nil, err
	}
	_ = makeResident() //nolint:errcheck // it goes without
	cfg := sandbox.Config{Mode: mode, Read: []string{c.Segments}, Write: []string{c.Out}}
	for _, path := range append([]string{c.Baseline, c.Suppress, c.Labels}, c.Rules...) {
		if path != "" {
			cfg.Reread = append(cfg.Reread, path)
		}
	}
	if c.SaveBaseline != "" {
		cfg.Write = append(cfg.Write, filepath.Dir(filepath.Clean(c.SaveBaseline)))
	}
	if listener != nil {
		if at, ok := listener.Addr().(*net.TCPAddr); ok && at.Port > 0 {
			cfg.BindTCP = []uint16{uint16(at.Port)}
		}
	}
	report, err := sandbox.Analysis(cfg)
	if err == nil {
		o.Log.Info("sandbox: " + text.Escape(report.String()))
	}
	return t, err
}

// serve begins to tell.
func (t *telling) serve(ctx context.Context, c *liveAnalyseCmd, o *live.Options, listener net.Listener) {
	began := time.Now()
	t.alerts = func() (n int64) {
		for _, of := range o.Watch.Totals().Alerts {
			n += of
		}
		return n
	}
	if listener != nil {
		t.store = c.watchFlags.store(o.Watch, began)
		go func() {
			if err := metrics.Serve(ctx, listener, t.store, c.watchFlags.profiles()); err != nil && ctx.Err() == nil {
				o.Log.Warn(fmt.Sprintf("metrics are not shown any more: %v", err))
			}
		}()
	}
	o.Ready = func() error { return t.manager.Ready() }
	o.State, o.Progress, o.Hashed = t.take, new(stages.Progress), new(atomic.Int64)
	lives := t.living(o.Progress, o.Hashed)
	go func() { _ = t.manager.Watch(ctx, lives) }() //nolint:errcheck // the manager will say
}

// living reports whether the analysis has said something since it was asked last, or has come further in a
// segment, whose hash or rows may take longer than a service manager waits.
func (t *telling) living(p *stages.Progress, hashed *atomic.Int64) func() bool {
	var before int64
	return func() bool {
		now := p.Packets.Load() + p.Rows.Load() + hashed.Load()
		moved := now != before
		before = now
		return t.alive.Swap(false) || moved
	}
}

// take is told how the analysis goes.
func (t *telling) take(s *live.State) {
	t.alive.Store(true)
	var segments int64
	for _, n := range s.Segments {
		segments += n
	}
	now := status.Status{
		Role: status.Analysis, Packets: s.Packets, Bytes: s.WireBytes, Drops: s.KernelDrops, Freezes: s.Freezes, Segments: segments,
		Waiting: s.Waiting, BehindNs: int64(s.Behind), Flows: s.Open, Alerts: t.alerts(),
	}
	if s.Waiting > 1 {
		now.Doing = "catching up"
	}
	t.pipe.Write(now)
	_ = t.manager.Status(fmt.Sprintf("segment %d, %s waiting", s.Through, text.Plural(s.Waiting, "segment"))) //nolint:errcheck // it is for people
	if t.store != nil {
		t.store.Change(func(m *metrics.Sums) { sumsOf(m, s) })
	}
}

// sumsOf fills what metrics show.
func sumsOf(m *metrics.Sums, s *live.State) {
	m.Packets, m.CapturedBytes, m.WireBytes = s.Packets, s.CapturedBytes, s.WireBytes
	m.KernelDrops, m.Freezes, m.InterfaceDrops = s.KernelDrops, s.Freezes, s.FaceDrops
	m.Segments["committed"] = s.Segments[manifest.Complete] + s.Segments[manifest.CompleteWithNotes]
	m.Segments["damaged"] = s.Segments[manifest.Partial] + s.Segments[manifest.Limit]
	m.Segments["lost"] = s.Segments[manifest.Rejected]
	for table, n := range s.Rows {
		m.Rows[table] = n
	}
	m.OpenFlows, m.Waiting, m.Behind, m.Clock = s.Open, s.Waiting, s.Behind, s.Clock
	m.Checkpoints, m.CheckpointBytes, m.CheckpointWritten, m.CheckpointTook = s.Checkpoints, s.Last.Bytes, s.Last.Written, s.Took
}

func (t *telling) close() {
	_ = t.manager.Stopping() //nolint:errcheck // the manager sees the end, too
	_ = t.manager.Close()    //nolint:errcheck // as above
}
