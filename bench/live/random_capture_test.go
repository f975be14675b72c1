package live

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pcapmill/bench/sharedtest"
	"pcapmill/cmd/capture"
	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/capture/replay"
	livering "pcapmill/ingest/live"
)

// Rows are those of `run`, too, where capture itself writes the segments: it rotates by anything,
// its clock is set while it runs, links are idle for hours, and each session is of another
// interface.
func TestRandomCaptures(t *testing.T) {
	rounds := 6
	if sharedtest.Accept() {
		rounds = 300
	}
	s := stocks(t)
	for n := range rounds {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(14, uint64(n)))
			r := emptyTrial(t, rng)
			drain := make(chan struct{})
			close(drain)
			for session := range 1 + rng.IntN(3) {
				c := s.pick(rng)
				for c.span() > mostSpan {
					c = s.made[rng.IntN(len(s.made))]
				}
				if session == 0 {
					r.choose(&c)
				}
				r.opts.Drain = drain // it does not wait for the capture, which waits for it
				r.replay(session, &c)
			}
			failed := false
			for range 8 {
				failed = failed || r.analyse()
			}
			r.compare(failed)
		})
	}
}

// mostSpan is how long a capture may last: each of its seconds is one of the clock.
const mostSpan = 3 * time.Hour

// span is from the earliest packet to the latest.
func (c *seen) span() time.Duration {
	if len(c.list) == 0 {
		return 0
	}
	byTime := func(a, b sight) int { return cmp.Compare(a.at, b.at) }
	first, last := slices.MinFunc(c.list, byTime).at, slices.MaxFunc(c.list, byTime).at
	if uint64(last)-uint64(first) > math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(last - first)
}

// replay captures the packets of one interface, while analysis comes now and then.
func (r *trial) replay(session int, c *seen) {
	r.t.Helper()
	rng, start := r.rng, int64(eras[0])+int64(session)*int64(24*time.Hour)
	clock := replay.NewClock(start)
	cfg := capture.DefaultConfig(r.opts.Segments)
	cfg.Clock, cfg.Zstd, cfg.BufferBytes = clock, rng.IntN(3) == 0, 64<<10
	cfg.Rotate = capture.Rotate{Every: among(rng, 0, time.Second, time.Minute, time.Hour), Bytes: among(rng, int64(0), 2000, 50_000), Packets: among(rng, int64(0), 3, 100)}
	size := int64(len(c.list)/mostSegments + 1)
	cfg.Rotate.Packets = max(cfg.Rotate.Packets, size)
	if cfg.Rotate.Bytes > 0 {
		cfg.Rotate.Bytes = max(cfg.Rotate.Bytes, size*1000)
	}
	if cfg.Rotate.Every > 0 {
		cfg.Rotate.Every = max(cfg.Rotate.Every, (c.span() / mostSegments).Round(time.Second))
	}
	restarts, failed := among(rng, 0, 0.1, 0.5), false
	cfg.Published = func(event.Segment) {
		if !failed && rng.Float64() < restarts {
			failed = r.analyse()
		}
	}
	src := &replay.Source{Clock: clock, Most: 1 + rng.IntN(200), Idle: among(rng, 0, time.Minute, 20*cfg.Rotate.Every)}
	src.About = livering.Info{Interface: "fake0", Link: 1, SnapLen: among(rng, 64, 200, 1<<18)}
	for i := range c.list {
		p := &c.list[i]
		if p.face == c.list[0].face && p.at >= c.list[0].at-int64(mostSpan) {
			src.About.Link = c.faces[p.face].Link
			src.Frames = append(src.Frames, replay.Frame{Time: p.at - c.list[0].at + start, WireLen: int(p.wire), Data: p.data})
		}
	}
	if rng.IntN(3) == 0 {
		sets := 10
		src.Before = func(given int) {
			if given > 0 && sets > 0 && rng.IntN(20) == 0 {
				sets--
				clock.Set(among(rng, time.Second, time.Minute, 3*time.Hour, 1000*24*time.Hour, -10*time.Minute))
			}
		}
	}
	r.captured(cfg, src)
}

// captured runs the capture and notes its segments.
func (r *trial) captured(cfg capture.Config, src *replay.Source) {
	r.t.Helper()
	f, err := capture.Open(cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Run(r.t.Context(), src); err != nil {
		r.t.Fatal(err)
	}
	all, err := ReadSegments(r.opts.Segments)
	if err != nil {
		r.t.Fatal(err)
	}
	var paths []string
	for _, s := range all.Segments[r.number:] {
		paths = append(paths, r.opts.Segments+"/"+s.Name)
	}
	r.number, r.paths = int64(len(all.Segments)), append(r.paths, paths)
	r.t.Logf("%d segments, %d processes", len(paths), r.processes)
}
