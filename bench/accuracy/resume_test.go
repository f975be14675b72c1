//go:build !nounsafe

package accuracy_test

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/stages"
)

// resumed feeds inputs in random groups, as grouped does, and after most of them saves the
// session and goes on with one made of what was saved.
func resumed(t testing.TB, rng *rand.Rand, cfg stages.Config, inputs []stages.Input) *fed {
	t.Helper()
	f := newFed(t, cfg)
	for len(inputs) > 0 {
		n := rng.IntN(min(4, len(inputs)+1))
		f.feed(t, inputs[:n]...)
		if inputs = inputs[n:]; rng.IntN(4) > 0 {
			f.Session = again(t, cfg, f.Session)
		}
	}
	f.finish(t)
	return f
}

// again saves a session and restores it. What it saves is the same a second time, and when
// it was restored.
func again(t testing.TB, cfg stages.Config, s *stages.Session) *stages.Session {
	t.Helper()
	first := saved(t, s)
	if !bytes.Equal(first, saved(t, s)) {
		t.Error("saved twice a session is not the same bytes")
	}
	restored, err := stages.RestoreSession(cfg, bytes.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, saved(t, restored)) {
		t.Error("a restored session is not saved as the same bytes")
	}
	return restored
}

func saved(t testing.TB, s *stages.Session) []byte {
	t.Helper()
	var w bytes.Buffer
	if err := s.Save(&w); err != nil {
		t.Fatal(err)
	}
	return w.Bytes()
}

// TestResume holds that it does not show when a session was saved and went on from there:
// captures of all kinds.
func TestResume(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 7))
	loadSample(t, 29, func(t *testing.T, c record, p *accuracy.Packets) {
		p.Err = nil
		cfg := settings(rng)
		parts := inBlocks(rng, cut(rng, p, 2+rng.IntN(12)))
		if rng.IntN(4) == 0 {
			cfg.Inputs = stages.Independent
		}
		want, run, err := accuracy.RunTables(cfg, parts...)
		if err != nil {
			t.Fatal(err)
		}
		if err := compareFed(want, run, resumed(t, rng, cfg, parts)); err != nil {
			t.Errorf("%s in %d parts: %v", c["capture"], len(parts), err)
		}
	})
}

// TestResumeOfCrowd: with limits that end flows early.
func TestResumeOfCrowd(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 77))
	for n := range crowds() {
		p := crowd(uint64(n), 60000)
		cfg := settings(rng)
		cfg.MaxFlows, cfg.Hop, cfg.Window = stages.MinFlows, 0, 10*time.Second
		parts := inBlocks(rng, cut(rng, p, rng.IntN(8)))
		want, run, err := accuracy.RunTables(cfg, parts...)
		if err != nil {
			t.Fatal(err)
		}
		if err := compareFed(want, run, resumed(t, rng, cfg, parts)); err != nil {
			t.Errorf("crowd %d: %v", n, err)
		}
	}
}

// TestResumeOfFragments that wait for their datagrams.
func TestResumeOfFragments(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 9))
	for range 10 {
		p := &accuracy.Packets{List: fragmentStorm(rng, 200)}
		cfg := settings(rng)
		parts := inBlocks(rng, cut(rng, p, rng.IntN(8)))
		want, run, err := accuracy.RunTables(cfg, parts...)
		if err != nil {
			t.Fatal(err)
		}
		if err := compareFed(want, run, resumed(t, rng, cfg, parts)); err != nil {
			t.Error(err)
		}
	}
}

// TestResumeOfTalks: conversations of all protocols, damaged and with gaps, and with so
// little memory for them that those that hold most lose theirs: what counts as held, to the
// byte, is the same afterwards.
func TestResumeOfTalks(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 9))
	p, _ := rough(t, 0.01)
	for _, total := range []int64{1 << 30, 256 << 10, 64 << 10} {
		cfg := settings(rng)
		cfg.Streams.Total = total
		parts := inBlocks(rng, cut(rng, p, 30))
		want, run, err := accuracy.RunTables(cfg, parts...)
		if err != nil {
			t.Fatal(err)
		}
		if total < 1<<20 && run.Streams.Released == 0 {
			t.Error("no conversation lost its memory")
		}
		if err := compareFed(want, run, resumed(t, rng, cfg, parts)); err != nil {
			t.Errorf("%d bytes: %v", total, err)
		}
	}
}

// TestResumeOfWatermarks, which wait with the packets and move the clock without any.
func TestResumeOfWatermarks(t *testing.T) {
	rng := rand.New(rand.NewPCG(18, 4))
	for round := range 12 {
		cfg := settings(rng)
		cfg.Window, cfg.Hop = 10*time.Minute, []time.Duration{0, 5 * time.Minute}[rng.IntN(2)]
		var parts []stages.Input
		for rest := drawTimeline(rng, round%2 == 0); len(rest) > 0; {
			n := min(len(rest), rng.IntN(60))
			parts, rest = append(parts, timeline{rest[:n], 1 + rng.IntN(50)}), rest[n:]
		}
		want, run, err := accuracy.RunTables(cfg, parts...)
		if err != nil {
			t.Fatal(err)
		}
		if err := compareFed(want, run, resumed(t, rng, cfg, parts)); err != nil {
			t.Errorf("round %d: %v", round, err)
		}
	}
}
