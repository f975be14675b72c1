package accuracy_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/sharedtest"
	"pcapmill/bench/traffic"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// continued are tables that all Feeds of a session go on writing.
type continued struct{ accuracy.Tables }

// Open implements stages.Sinks.
func (c continued) Open(schema *column.Schema) (stages.Sink, error) {
	if t, begun := c.Tables[schema.Table]; begun {
		return t, t.Write(batch.New(schema))
	}
	return c.Tables.Open(schema)
}

// fed is a session whose rows are kept.
type fed struct {
	*stages.Session
	continued
	progress stages.Progress
	results  []*stages.Result
}

func newFed(t testing.TB, cfg stages.Config) *fed {
	t.Helper()
	s, err := stages.NewSession(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &fed{Session: s, continued: continued{accuracy.Tables{}}}
}

// feed feeds inputs and checks that the session rests and its books balance.
func (f *fed) feed(t testing.TB, inputs ...stages.Input) *stages.Result {
	t.Helper()
	before := runtime.NumGoroutine()
	r, err := f.Feed(context.Background(), inputs, f, &f.progress)
	if err != nil {
		t.Fatal(err)
	}
	after := runtime.NumGoroutine()
	for i := 0; i < 1e6 && after > before; i++ { // those that are done may be on their way out
		runtime.Gosched()
		after = runtime.NumGoroutine()
	}
	if after > before {
		t.Errorf("%d goroutines are left", after-before)
	}
	f.note(t, r)
	return r
}

func (f *fed) finish(t testing.TB) *stages.Result {
	t.Helper()
	r, err := f.Finish(context.Background(), f, &f.progress)
	if err != nil {
		t.Fatal(err)
	}
	f.note(t, r)
	return r
}

func (f *fed) note(t testing.TB, r *stages.Result) {
	t.Helper()
	for _, c := range r.Failed() {
		t.Errorf("Feed %d: %s: %s", len(f.results), c.Name, c.Detail)
	}
	f.results = append(f.results, r)
}

// grouped feeds inputs in random groups, empty ones among them, trimming now and then, and
// finishes.
func grouped(t testing.TB, rng *rand.Rand, cfg stages.Config, inputs []stages.Input) *fed {
	t.Helper()
	f := newFed(t, cfg)
	for len(inputs) > 0 {
		n := rng.IntN(min(4, len(inputs)+1))
		f.feed(t, inputs[:n]...)
		if rng.IntN(3) == 0 {
			f.Trim()
		}
		inputs = inputs[n:]
	}
	f.finish(t)
	return f
}

// sameTables reports a difference between the tables of two runs.
func sameTables(want, got accuracy.Tables) error {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		a, b := want[name], got[name]
		if b == nil || a.Rows != b.Rows {
			return fmt.Errorf("%s: %d rows, want %d", name, b.Rows, a.Rows)
		}
		for i := range a.Vectors {
			column := a.Schema.Columns[i].Name
			if a.Rows == 0 || sameVector(&a.Vectors[i], &b.Vectors[i]) {
				continue
			}
			for row := range a.Rows {
				if x, y := a.Show(column, row), b.Show(column, row); x != y {
					return fmt.Errorf("%s: row %d of %d: %s is %s, want %s", name, row, a.Rows, column, y, x)
				}
			}
		}
	}
	return nil
}

// sums are the figures of a Result that Feeds add up to.
func sums(r *stages.Result) map[string]any {
	rows := map[string]int64{}
	for i := range r.Records {
		rows[r.Records[i].Schema.Table] = r.Records[i].Rows
	}
	for i := range r.Windows {
		rows[r.Windows[i].Schema.Table] = r.Windows[i].Rows
	}
	errors := map[stages.ErrorCount]int64{}
	for _, c := range r.Errors {
		n := c.Rows
		c.Rows = 0
		errors[c] = n
	}
	return map[string]any{
		"accounting": r.Accounting, "flows": r.Flows, "in flows": r.InFlows, "evicted": r.Evicted, "streams": r.Streams,
		"rows": rows, "errors": errors, "parts": r.WindowParts,
	}
}

// added adds the figures of Feeds up.
func added(list []*stages.Result) *stages.Result {
	var sum stages.Result
	errors := map[stages.ErrorCount]int64{}
	for n, r := range list {
		sum.Accounting.Plus(&r.Accounting)
		sum.InFlows.Plus(r.InFlows)
		sum.Flows, sum.Evicted, sum.WindowParts = sum.Flows+r.Flows, sum.Evicted+r.Evicted, sum.WindowParts+r.WindowParts
		s, u := reflect.ValueOf(&sum.Streams).Elem(), reflect.ValueOf(r.Streams)
		for i := range s.NumField() {
			s.Field(i).SetInt(s.Field(i).Int() + u.Field(i).Int())
		}
		for _, c := range r.Errors {
			n := c.Rows
			c.Rows = 0
			errors[c] += n
		}
		if n == 0 {
			sum.Records, sum.Windows = slices.Clone(r.Records), slices.Clone(r.Windows)
			continue
		}
		for i := range r.Records {
			sum.Records[i].Rows += r.Records[i].Rows
		}
		for i := range r.Windows {
			sum.Windows[i].Rows += r.Windows[i].Rows
		}
	}
	for c, n := range errors {
		c.Rows = n
		sum.Errors = append(sum.Errors, c)
	}
	return &sum
}

// compareFed compares a session with a run over the same inputs.
func compareFed(want accuracy.Tables, run *stages.Result, f *fed) error {
	if err := sameTables(want, f.Tables); err != nil {
		return err
	}
	last := f.results[len(f.results)-1]
	for _, r := range []*stages.Result{last.SoFar, added(f.results)} {
		for name, x := range sums(run) {
			if y := sums(r)[name]; !reflect.DeepEqual(x, y) {
				return fmt.Errorf("%s: %+v, want %+v", name, y, x)
			}
		}
	}
	if p := f.progress.Packets.Load(); p != run.Accounting.Read.Packets || f.progress.Rows.Load() != run.Flows || f.progress.Live.Load() != 0 {
		return fmt.Errorf("progress: %d packets, %d rows, %d flows open", p, f.progress.Rows.Load(), f.progress.Live.Load())
	}
	return nil
}

// settings draws a configuration of which all but the workers change tables.
func settings(rng *rand.Rand) stages.Config {
	cfg := everything()
	cfg.Workers = 1 + rng.IntN(3)
	cfg.Timeouts.Zeek = rng.IntN(3) == 0
	if rng.IntN(3) == 0 {
		cfg.Window, cfg.Hop = 4*time.Second, time.Second
		cfg.Tick = 100 * time.Millisecond
	}
	if rng.IntN(4) == 0 {
		cfg.MaxFlows = stages.MinFlows
	}
	if rng.IntN(4) == 0 {
		cfg.Duplicates.Mode = stages.DuplicatesMark
	}
	cfg.Reorder = []time.Duration{0, 100 * time.Millisecond, time.Second}[rng.IntN(3)]
	return cfg
}

// inBlocks makes the parts of a capture come in blocks of random sizes.
func inBlocks(rng *rand.Rand, parts []stages.Input) []stages.Input {
	for _, in := range parts {
		in.(*accuracy.Packets).Block = []int{0, 3, 50, 1000}[rng.IntN(4)]
		if p := in.(*accuracy.Packets); len(p.List) > 5000 && p.Block == 3 {
			p.Block = 0
		}
	}
	return parts
}

// TestFeeds holds that it does not show how inputs come: captures of all kinds, cut at
// random places, their parts fed in random groups.
func TestFeeds(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 7))
	loadSample(t, 23, func(t *testing.T, c record, p *accuracy.Packets) {
		p.Err = nil
		cfg := settings(rng)
		parts := inBlocks(rng, cut(rng, p, rng.IntN(12)))
		if rng.IntN(4) == 0 {
			cfg.Inputs = stages.Independent
		}
		want, run, err := accuracy.RunTables(cfg, parts...)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Workers = 1 + rng.IntN(3)
		if err := compareFed(want, run, grouped(t, rng, cfg, parts)); err != nil {
			t.Errorf("%s in %d parts: %v", c["capture"], len(parts), err)
		}
	})
}

// crowds is how many there are: each takes seconds.
func crowds() int {
	if sharedtest.Accept() {
		return 6
	}
	return 2
}

// TestFeedsOfCrowd: limits that end flows early, divisions of the memory, and shards that
// send rows ahead do not show Feeds either.
func TestFeedsOfCrowd(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 77))
	for n := range crowds() {
		p := crowd(uint64(n), 60000)
		cfg := settings(rng)
		cfg.MaxFlows, cfg.Hop, cfg.Window = stages.MinFlows, 0, 10*time.Second
		parts := inBlocks(rng, cut(rng, p, rng.IntN(12)))
		want, run, err := accuracy.RunTables(cfg, parts...)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Workers = 1 + rng.IntN(3)
		if err := compareFed(want, run, grouped(t, rng, cfg, parts)); err != nil {
			t.Errorf("crowd %d: %v", n, err)
		}
	}
}

// TestFeedThatEndsOnATick: a Feed whose last packet moves the clock to the very begin of a
// tick and is in no flow, where windows are due.
func TestFeedThatEndsOnATick(t *testing.T) {
	a, b := netip.MustParseAddrPort("10.0.0.1:1000"), netip.MustParseAddrPort("10.0.0.2:53")
	arp := traffic.ARP(1, traffic.MAC{1}, a.Addr(), traffic.MAC{2}, b.Addr())
	for workers := 1; workers <= 3; workers++ {
		cfg := everything()
		cfg.Workers, cfg.Window, cfg.Reorder = workers, 10*time.Second, 0
		f := newFed(t, cfg)
		f.feed(t, &accuracy.Packets{List: []accuracy.Packet{at(0, datagram(a, b)), at(10*time.Second, arp)}})
		f.feed(t, &accuracy.Packets{List: []accuracy.Packet{at(2110*time.Second, arp)}})
		if n := f.Tables["hosts"].Rows; n != 2 {
			t.Errorf("%d workers: %d hosts when their window is over, want 2", workers, n)
		}
		f.finish(t)
	}
}

// TestFeedsOutOfOrder: packets that are late, absurd, or behind a clock that was set back,
// wherever the cut is.
func TestFeedsOutOfOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	steps := []time.Duration{0, time.Microsecond, time.Millisecond, 90 * time.Millisecond, -50 * time.Millisecond, -2 * time.Second, 2 * time.Hour, -3 * time.Hour, 200 * 365 * 24 * time.Hour}
	for round := range 40 {
		var list []accuracy.Packet
		now := time.Duration(0)
		for range 300 {
			d := steps[rng.IntN(4)]
			if rng.IntN(10) == 0 {
				d = steps[rng.IntN(len(steps))]
			}
			p := at(now+d, datagram(netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(rng.IntN(9))}), 1000), netip.MustParseAddrPort("192.0.2.1:53")))
			if rng.IntN(40) == 0 {
				p.Time = packet.NoTime
			}
			if list = append(list, p); d < time.Hour && d > -time.Second || rng.IntN(3) == 0 && d < 1000*time.Hour {
				now += d
			}
		}
		cfg := settings(rng)
		parts := inBlocks(rng, cut(rng, &accuracy.Packets{List: list}, 1+rng.IntN(40)))
		want, run, err := accuracy.RunTables(cfg, parts...)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Workers = 1 + rng.IntN(3)
		if err := compareFed(want, run, grouped(t, rng, cfg, parts)); err != nil {
			t.Errorf("round %d: %v", round, err)
		}
	}
}

// TestFeedsOfFragments that wait for their datagrams from Feed to Feed.
func TestFeedsOfFragments(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 9))
	for range 10 {
		p := &accuracy.Packets{List: fragmentStorm(rng, 200)}
		cfg := settings(rng)
		parts := inBlocks(rng, cut(rng, p, rng.IntN(20)))
		want, run, err := accuracy.RunTables(cfg, parts...)
		if err != nil {
			t.Fatal(err)
		}
		if err := compareFed(want, run, grouped(t, rng, cfg, parts)); err != nil {
			t.Error(err)
		}
	}
}

// TestFeedsOfTaps: the inputs of a Feed are merged with one another, and rows are those of a
// run where Feeds do not overlap in time.
func TestFeedsOfTaps(t *testing.T) {
	var list []accuracy.Packet
	for i := range 400 {
		list = append(list, at(time.Duration(i)*37*time.Millisecond, datagram(netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i % 7)}), 1000), netip.MustParseAddrPort("192.0.2.1:53"))))
	}
	early, late := taps(&accuracy.Packets{List: list[:200]}, 2), taps(&accuracy.Packets{List: list[200:]}, 2)
	cfg := everything()
	cfg.Merge = true
	want, run, err := accuracy.RunTables(cfg, append(slices.Clone(early), late...)...)
	if err != nil {
		t.Fatal(err)
	}
	f := newFed(t, cfg)
	f.feed(t, early...)
	f.feed(t, late...)
	f.finish(t)
	if err := compareFed(want, run, f); err != nil {
		t.Error(err)
	}
}

// TestRowsComeEarly: a flow has its row in the first Feed in which the packet clock is past
// the tick in which it timed out. The last packet of each Feed is held, as others may belong
// before it, and does not move the clock.
func TestRowsComeEarly(t *testing.T) {
	a, b, c := netip.MustParseAddrPort("10.0.0.1:1000"), netip.MustParseAddrPort("10.0.0.2:53"), netip.MustParseAddrPort("10.0.0.3:53")
	for workers := 1; workers <= 3; workers++ {
		cfg := everything()
		cfg.Workers, cfg.Tick, cfg.Window = workers, time.Second, 10*time.Second
		f := newFed(t, cfg)
		for _, step := range []struct {
			at          time.Duration
			to          netip.AddrPort
			flows, open int64
			slots       int64
		}{
			{0, b, 0, 0, 0},
			{200 * time.Millisecond, b, 0, 1, 0},
			{61 * time.Second, c, 0, 1, 0},  // the clock is at 0.2 s
			{62 * time.Second, c, 1, 1, 61}, // at 61 s: a to b timed out at 60.2 s, and slots 0 to 60 are over
			{63 * time.Second, c, 1, 1, 62},
			{123 * time.Second, c, 1, 1, 63},  // at 63 s
			{200 * time.Second, c, 1, 1, 123}, // at 123 s, where a to c was due: it went on at 63 s and at 123 s
			{201 * time.Second, c, 2, 1, 200},
		} {
			r := f.feed(t, &accuracy.Packets{List: []accuracy.Packet{at(step.at, traffic.UDP(a, step.to, []byte("x")))}})
			if r.Held.Packets != 1 || r.SoFar.Flows != step.flows || r.Open != step.open || r.SoFar.Windows[0].Rows != step.slots {
				t.Errorf("%d workers, %v: %d packets held, %d rows, %d flows open, %d slots; want %+v", workers, step.at, r.Held.Packets, r.SoFar.Flows, r.Open, r.SoFar.Windows[0].Rows, step)
			}
		}
		if r := f.finish(t); r.Flows != 1 || r.SoFar.Flows != 3 || r.Held.Packets != 0 || r.Open != 0 {
			t.Errorf("at the end: %+v", r)
		}
	}
}

// TestNothingIsHeldBack: after a Feed the only rows to come are those that close in the tick
// of the packet clock or later.
func TestNothingIsHeldBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	loadSample(t, 37, func(t *testing.T, c record, p *accuracy.Packets) {
		p.Err = nil
		if c.int("backward_steps") > 0 || !plainTimes(p) || jumps(p) {
			return
		}
		cfg := everything()
		cfg.Workers = 1 + rng.IntN(3)
		f := newFed(t, cfg)
		var rows []int
		parts := cut(rng, p, 6)
		for _, part := range parts {
			f.feed(t, part)
			rows = append(rows, f.Tables["flows"].Rows)
		}
		f.finish(t)
		read := 0
		for i, part := range parts {
			if read += len(part.(*accuracy.Packets).List); read == 0 {
				continue
			}
			left, _ := slices.BinarySearchFunc(p.List[:read], p.List[read-1].Time-int64(cfg.Reorder)+1, func(q accuracy.Packet, at int64) int { return int(min(max(q.Time-at, -1), 1)) })
			if left == 0 {
				continue
			}
			clock := p.List[left-1].Time
			for row := rows[i]; row < f.Tables["flows"].Rows; row++ {
				if closed := closeInstant(&cfg, f.Tables["flows"], row, p.List[len(p.List)-1].Time, nil); closed < clock/1e9*1e9 {
					t.Fatalf("%s: row %d closed at %d, and has not come with the clock at %d", c["capture"], row, closed, clock)
				}
			}
		}
	})
}

// jumps reports whether there is a step in time that later packets must confirm.
func jumps(p *accuracy.Packets) bool {
	for i := range p.List {
		if i > 0 && p.List[i].Time-p.List[i-1].Time > int64(time.Hour) {
			return true
		}
	}
	return false
}

// TestSessionIsOver after the end, and after an error.
func TestSessionIsOver(t *testing.T) {
	f := newFed(t, everything())
	f.feed(t)
	f.finish(t)
	if _, err := f.Feed(context.Background(), nil, f, &f.progress); !errors.Is(err, stages.ErrOver) {
		t.Errorf("after the end: %v", err)
	}
	f = newFed(t, everything())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	in := &accuracy.Packets{List: []accuracy.Packet{at(0, nil)}}
	for range 2 {
		if _, err := f.Feed(ctx, []stages.Input{in}, f, &f.progress); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	}
}

// TestInputsOfFeeds are numbered on, and what became of one is told once.
func TestInputsOfFeeds(t *testing.T) {
	cfg := everything()
	cfg.Packets = 3
	f := newFed(t, cfg)
	one := datagram(netip.MustParseAddrPort("10.0.0.1:1"), netip.MustParseAddrPort("10.0.0.2:2"))
	datagrams := []accuracy.Packet{at(0, one), at(time.Second, one)}
	r := f.feed(t, &accuracy.Packets{List: datagrams, Err: io.ErrUnexpectedEOF}, &accuracy.Packets{})
	if len(r.Inputs) != 2 || !errors.Is(r.Inputs[0].Err, io.ErrUnexpectedEOF) || r.Inputs[0].Accounting.Read.Packets != 2 || r.Inputs[0].Accounting.Disposed().Packets != 1 {
		t.Errorf("first: %+v", r.Inputs)
	}
	more := []accuracy.Packet{at(2*time.Second, one), at(3*time.Second, one)}
	r = f.feed(t, &accuracy.Packets{List: more}, &accuracy.Packets{List: more})
	if len(r.Inputs) != 2 || !r.Inputs[0].Stopped || !r.Inputs[1].Skipped || r.Earlier.Accounting.Disposed().Packets != 1 {
		t.Errorf("second: %+v, of the first: %+v", r.Inputs, r.Earlier)
	}
	r = f.finish(t)
	if len(r.Inputs) != 0 || r.Accounting.Read.Packets != 0 || r.SoFar.Accounting.Read.Packets != 3 || !r.SoFar.Accounting.Conserved() {
		t.Errorf("end: %+v", r)
	}
}
