package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"pcapmill/bench/traffic"
	"pcapmill/cmd/capture"
	"pcapmill/cmd/capture/replay"
	"pcapmill/cmd/job"
	"pcapmill/ingest/live"
)

// captured has capture itself write the segments of a night's hour, ten minutes each, in a session of
// its own.
func (h *hours) captured(seg string, n int, change traffic.ChangeKind) {
	h.t.Helper()
	file, err := os.Open(h.night(n, change))
	if err != nil {
		h.t.Fatal(err)
	}
	defer file.Close()
	frames, link, err := replay.Read(file)
	if err != nil {
		h.t.Fatal(err)
	}
	begin := firstNight.AddDate(0, 0, n).Add(10 * time.Hour)
	clock := replay.NewClock(begin.UnixNano())
	cfg := capture.DefaultConfig(seg)
	cfg.Clock, cfg.Tool, cfg.Rotate.Every = clock, tool(), 10*time.Minute
	f, err := capture.Open(cfg)
	if err != nil {
		h.t.Fatal(err)
	}
	defer f.Close()
	src := &replay.Source{Frames: frames, Clock: clock, Most: 1000, About: live.Info{Interface: "fake0", Link: link, SnapLen: 1 << 18}}
	if _, err := f.Run(h.t.Context(), src); err != nil {
		h.t.Fatal(err)
	}
}

// TestNightlyOfLive judges what live made: the segments of five sessions, and the tables of these.
func TestNightlyOfLive(t *testing.T) {
	h := newHours(t, "")
	seg, out := filepath.Join(h.dir, "seg"), filepath.Join(h.dir, "live")
	for n := range 4 {
		h.captured(seg, n, traffic.Unchanged)
	}
	h.captured(seg, 4, traffic.NewService)
	run(t, "verify", seg).want(t, job.ExitOK).says(t, "")
	run(t, "live", "analyse", seg, "-o", out, "-q", "--no-sandbox").want(t, job.ExitOK)
	run(t, "verify", out).want(t, job.ExitOK)
	for _, of := range []string{"segments: seg", "tables: live"} {
		h.config = writeFile(t, h.dir, "nightly.yaml", []byte("inputs: {"+of+"}\noutput: out\n"+threeNights))
		h.is(run(t, "nightly", h.config, "--now", morning(3)), job.ExitOK, "good_nights=4")
		h.is(run(t, "nightly", h.config, "--now", morning(4)), job.ExitDrift, "verdict=flagged")
		if err := os.RemoveAll(h.out()); err != nil {
			t.Fatal(err)
		}
	}
}
