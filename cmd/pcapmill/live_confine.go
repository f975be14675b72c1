package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"pcapmill/cmd/capture"
	"pcapmill/cmd/notify"
	"pcapmill/cmd/sandbox"
	"pcapmill/cmd/watch/status"
	"pcapmill/ingest/live"
	"pcapmill/outputs/text"
)

// confine gives up what capture does not need, once the interface is open.
func (c *liveCaptureCmd) confine(ring *live.Config, cfg *capture.Config) error {
	mode, err := sandbox.ModeOf(c.NoSandbox, c.RequireSandbox)
	if err != nil {
		return err
	}
	box := sandbox.Config{Mode: mode, Write: []string{cfg.Segments}, NetAdmin: ring.Timestamps == live.TimestampsHardware}
	if cfg.ReleasedBy != "" { // its folder must be there, to be let in; analysis takes an empty one
		if err := os.MkdirAll(cfg.ReleasedBy, 0o700); err != nil {
			return err
		}
		box.Read = []string{cfg.ReleasedBy} // as a folder: its ledger is opened from there
	}
	report, err := sandbox.Capture(box)
	if err == nil {
		cfg.Log.Info("sandbox: " + text.Escape(report.String()))
	}
	return err
}

// tell has a capture tell the service manager how it goes: that it is ready, in what segment it
// is, and, by each look that the loop takes, that it is alive. The supervisor's pipe has numbers.
func tell(ctx context.Context, manager *notify.Notifier, pipe *status.Writer, cfg *capture.Config) {
	var alive atomic.Bool
	var ready sync.Once
	cfg.Status = func(s capture.Status) {
		alive.Store(true)
		ready.Do(func() { _ = manager.Ready() }) //nolint:errcheck // the manager will say
		pipe.Write(status.Status{
			Role: status.Capture, Packets: s.Packets, Bytes: s.WireBytes, Drops: s.KernelDrops, Segments: s.Segments, Doing: s.Trouble,
		})
		line := fmt.Sprintf("segment %d, %s, %s dropped", s.Number, text.Plural(s.Packets, "packet"), text.Count(s.KernelDrops))
		if s.Trouble != "" {
			line += "; " + text.Escape(s.Trouble)
		}
		_ = manager.Status(line) //nolint:errcheck // it is for people
		pipe.Write(statusOf(&s))
	}
	go func() { _ = manager.Watch(ctx, func() bool { return alive.Swap(false) }) }() //nolint:errcheck // as above
}

// statusOf is what the supervisor shows of a capture. What the interface calls dropped is not lost to
// capture: see capture.Report.Missing.
func statusOf(s *capture.Status) status.Status {
	return status.Status{
		Role: status.Capture, Packets: s.Packets, Bytes: s.WireBytes, Drops: s.KernelDrops, Freezes: s.Freezes,
		Segments: s.Segments, Doing: text.Escape(s.Trouble),
	}
}
