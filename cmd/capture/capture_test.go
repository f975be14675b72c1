package capture_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pcapmill/cmd/capture"
	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/capture/replay"
	"pcapmill/ingest/live"
	"pcapmill/ingest/packet"
)

// TestRotationByTimeByHand: a capture from 11:58:30 with 5m: segments end at 12:00, 12:05,
// 12:10 and at the end of the session at 12:12.
func TestRotationByTimeByHand(t *testing.T) {
	const minute = int64(time.Minute)
	start := noon - 90*int64(time.Second)
	w := newWorld(t, start)
	src := w.source(replay.Numbered(700, 60, packet.Nanos(start), time.Second)) // to 12:10:09
	src.Idle = 2*time.Minute - 9*time.Second
	report := w.run(src)
	w.wantNumbers(700)
	ends := []int64{noon, noon + 5*minute, noon + 10*minute, noon + 12*minute}
	packets := []int64{90, 300, 300, 10}
	all := w.segments()
	if len(all) != 4 || report.Segments != 4 || report.Packets != 700 {
		t.Fatalf("%d segments, %+v", len(all), report)
	}
	prev := ""
	for i, s := range all {
		reason := event.ByTime
		if i == 3 {
			reason = event.ByEnd
		}
		if s.Number != int64(i+1) || s.ClosedNs != ends[i] || s.Packets != packets[i] || s.Reason != reason || s.PrevSHA256 != prev {
			t.Errorf("segment %d: %+v", i+1, s)
		}
		if c := w.contents(s); !c.Ended || c.Reason != string(reason) || c.Number != s.Number || c.OpenedNs != s.OpenedNs || int64(c.Watermark) != *s.WatermarkNs {
			t.Errorf("segment %d: %+v", i+1, c)
		}
		prev = s.SHA256
	}
	if files := w.files(); len(files) != 4 {
		t.Errorf("left behind: %v", files)
	}
	var kinds []string
	for _, r := range w.records() {
		kinds = append(kinds, r.Event)
	}
	if got := strings.Join(kinds, " "); got != "session segment segment segment segment end" {
		t.Error(got)
	}
}

// TestIdleLinkHasWatermarks: without packets a segment is published at its time, small, with a
// watermark a second, none of them later than the packet that follows.
func TestIdleLinkHasWatermarks(t *testing.T) {
	w := newWorld(t, noon)
	w.cfg.Rotate = capture.Rotate{Every: time.Minute}
	later := noon + int64(150*time.Second+500*time.Millisecond)
	report := w.run(w.source([]replay.Frame{{Time: packet.Nanos(later), WireLen: 60, Data: make([]byte, 60)}}))
	all := w.segments()
	if len(all) != 3 || report.Packets != 1 {
		t.Fatalf("%d segments", len(all))
	}
	for i, s := range all[:2] {
		c := w.contents(s)
		if s.Packets != 0 || s.FirstNs != nil || s.Bytes > 60*200 || int64(c.Watermark) != noon+int64(i+1)*int64(time.Minute) {
			t.Errorf("%+v %+v", s, c)
		}
	}
	if c := w.contents(all[2]); int64(c.Watermark) != later {
		t.Errorf("watermark %d, last packet %d", c.Watermark, later)
	}
}

// TestThousandRotations: no frame is lost or doubled, whatever ends the segments, compressed
// or not, and packet and size limits are kept to and never leave a segment empty.
func TestThousandRotations(t *testing.T) {
	for name, rotate := range map[string]capture.Rotate{
		"packets":      {Packets: 7},
		"size":         {Bytes: 900},
		"time":         {Every: 100 * time.Millisecond},
		"all together": {Packets: 8, Bytes: 1000, Every: 200 * time.Millisecond},
	} {
		for _, zstd := range []bool{false, true} {
			t.Run(fmt.Sprint(name, zstd), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, noon)
				w.cfg.Rotate, w.cfg.Zstd, w.cfg.BufferBytes = rotate, zstd, 4096
				const n = 7000
				src := w.source(replay.Numbered(n, 60, packet.Nanos(noon), 100*time.Millisecond/7))
				src.Most = 23
				report := w.run(src)
				w.wantNumbers(n)
				if report.Segments < 1000 {
					t.Errorf("%d segments", report.Segments)
				}
				for _, s := range w.segments() {
					c := w.contents(s)
					if s.Packets == 0 && s.Reason != event.ByTime && s.Reason != event.ByEnd {
						t.Errorf("%s is empty", s.Name)
					}
					if rotate.Packets > 0 && s.Packets > rotate.Packets {
						t.Errorf("%s has %d packets", s.Name, s.Packets)
					}
					if !c.Ended {
						t.Errorf("%s has no end", s.Name)
					}
				}
			})
		}
	}
}

// TestSizeLimit: packet blocks up to the limit, statistics at the end not counted; a packet
// larger than the limit, and than a buffer, has a segment of its own.
func TestSizeLimit(t *testing.T) {
	w := newWorld(t, noon)
	w.cfg.Rotate, w.cfg.BufferBytes, w.cfg.Buffers = capture.Rotate{Bytes: 10_000}, 4096, 2
	frames := replay.Numbered(60, 1000, packet.Nanos(noon), time.Millisecond)
	huge := replay.Numbered(1, 100_000, 0, 0)[0]
	copy(huge.Data[14:24], "0000000030")
	huge.Time = frames[30].Time
	frames[30] = huge
	w.run(w.source(frames))
	w.wantNumbers(60)
	for _, s := range w.segments() {
		if s.Bytes > 10_500 && s.Packets != 1 {
			t.Errorf("%s: %d bytes, %d packets", s.Name, s.Bytes, s.Packets)
		}
	}
}

// TestClockSteps sets the wall clock forth and back: a gap of cause clock says so, rotation goes
// on at aligned instants, no segment lasts longer than a period by the monotonic clock.
func TestClockSteps(t *testing.T) {
	for _, by := range []time.Duration{-3 * time.Hour, -90 * time.Second, 90 * time.Second, 1000 * time.Hour} {
		w := newWorld(t, noon)
		w.cfg.Rotate = capture.Rotate{Every: time.Minute}
		src := w.source(nil)
		src.Idle = 10 * time.Minute
		stepped, closed := false, []int64{1}
		src.Before = func(int) {
			if mono := w.clock.Now().Mono; mono > int64(200*time.Second) && !stepped {
				stepped = true
				w.clock.Set(by)
			}
		}
		w.cfg.Status = func(st capture.Status) {
			if int(st.Number) > len(closed) {
				closed = append(closed, w.clock.Now().Mono)
			}
		}
		w.run(src)
		gaps := w.gaps()
		if len(gaps) != 1 || gaps[0].Why != event.ClockStep || *gaps[0].EndNs-gaps[0].StartNs != int64(by.Abs()) || *gaps[0].Drops != 0 {
			t.Errorf("%v: %+v", by, gaps)
		}
		for _, s := range w.segments() {
			if s.Reason == event.ByTime && s.ClosedNs%int64(time.Minute) > int64(time.Second) {
				t.Errorf("%v: %s ends at %v", by, s.Name, time.Unix(0, s.ClosedNs).UTC())
			}
		}
		for i := range closed[1:] {
			if d := closed[i+1] - closed[i]; d > int64(61*time.Second)+int64(time.Second) {
				t.Errorf("%v: segment %d lasts %v", by, i+1, time.Duration(d))
			}
		}
		if n := len(closed); n < 10 || n > 12 {
			t.Errorf("%v: %d segments in ten minutes", by, n)
		}
	}
}

// TestSlewedClock: a clock that is a little off and drawn near is no event, and segments that
// would end a moment before their instant are not followed by tiny ones.
func TestSlewedClock(t *testing.T) {
	w := newWorld(t, noon)
	w.cfg.Rotate = capture.Rotate{Every: time.Minute}
	src := w.source(nil)
	src.Idle = 10 * time.Minute
	src.Before = func(int) { w.clock.Set(-400 * time.Microsecond) }
	w.run(src)
	if gaps := w.gaps(); len(gaps) != 0 {
		t.Error(gaps)
	}
	if n := len(w.segments()); n < 10 || n > 11 {
		t.Errorf("%d segments in ten minutes", n)
	}
}

// TestSumsOverSegments: what the kernel counts, segment by segment, adds up to the session's
// totals, and gaps say when packets were dropped.
func TestSumsOverSegments(t *testing.T) {
	w := newWorld(t, noon)
	w.cfg.Rotate = capture.Rotate{Every: 10 * time.Second}
	src := w.source(replay.Numbered(1200, 60, packet.Nanos(noon), 100*time.Millisecond)) // two minutes
	src.Most = 1
	src.Before = func(given int) {
		second := (w.clock.Now().Wall - noon) / int64(time.Second)
		if given%10 == 5 && (second >= 21 && second < 24 || second == 50) {
			src.Lost.Drops, src.Lost.Packets = src.Lost.Drops+3, src.Lost.Packets+3
			src.Lost.Freezes++
			src.Lost.InterfaceDropped += 2
		}
	}
	report := w.run(src)
	var packets, drops, freezes, ifDrops, held int64
	for _, s := range w.segments() {
		packets, drops, freezes, ifDrops = packets+*s.KernelPackets, drops+*s.KernelDrops, freezes+*s.Freezes, ifDrops+*s.InterfaceDrops
		held += s.Packets
		if c := w.contents(s); c.Counts.Accepted != *s.KernelPackets || c.Counts.Drops != *s.KernelDrops || c.Counts.Freezes != *s.Freezes || c.Counts.IfDrops != *s.InterfaceDrops {
			t.Errorf("%s says %+v, its record %+v", s.Name, c.Counts, s)
		}
	}
	if drops == 0 || drops != src.Lost.Drops || packets != 1200+drops || freezes != src.Lost.Freezes || ifDrops != src.Lost.InterfaceDropped || held != 1200 {
		t.Errorf("sums %d %d %d %d, held %d, source %+v", packets, drops, freezes, ifDrops, held, src.Lost)
	}
	if report.KernelPackets != packets || report.KernelDrops != drops || report.Missing() != drops || report.Unread != 0 {
		t.Errorf("%+v", report)
	}
	var inGaps int64
	for _, g := range w.gaps() {
		if g.Why != event.RingFull || *g.EndNs <= g.StartNs || *g.EndNs-g.StartNs > int64(5*time.Second) {
			t.Errorf("%+v", g)
		}
		inGaps += *g.Drops
	}
	if inGaps != drops {
		t.Errorf("%d dropped in gaps %+v, want %d", inGaps, w.gaps(), drops)
	}
}

// TestSignalRotates and the end by the context, with what the ring still has.
func TestSignalRotates(t *testing.T) {
	w := newWorld(t, noon)
	rotations := make(chan struct{}, 1)
	w.cfg.Rotations = rotations
	ctx, cancel := context.WithCancel(context.Background())
	src := w.source(replay.Numbered(100, 60, packet.Nanos(noon), time.Millisecond))
	src.Most = 10
	src.Before = func(given int) {
		switch given {
		case 30:
			rotations <- struct{}{}
		case 60:
			cancel()
		}
	}
	report, err := w.try(ctx, src)
	must(t, err)
	all := w.segments()
	if len(all) != 2 || all[0].Reason != event.BySignal || all[1].Reason != event.ByEnd || report.Why != "signal" {
		t.Errorf("%+v %+v", all, report)
	}
	if n := len(w.numbers()); n < 60 || int64(n) != report.Packets || report.KernelPackets != report.Packets {
		t.Errorf("%d frames, %+v", n, report)
	}
	if end := each[event.End](w, event.EndEvent); len(end) != 1 || end[0].Why != "signal" {
		t.Error(end)
	}
}

func TestDuration(t *testing.T) {
	w := newWorld(t, noon)
	w.cfg.Duration = 90 * time.Second
	src := w.source(nil)
	src.Idle = time.Hour
	report := w.run(src)
	if all := w.segments(); len(all) != 1 || all[0].ClosedNs-all[0].OpenedNs < int64(90*time.Second) || all[0].ClosedNs-all[0].OpenedNs > int64(92*time.Second) || report.Why != "duration" {
		t.Errorf("%+v %+v", all, report)
	}
}

// TestUnreadIsCounted: the source cannot be stopped and has frames left.
func TestUnreadIsCounted(t *testing.T) {
	w := newWorld(t, noon)
	src := w.source(replay.Numbered(5, 60, packet.Nanos(noon), 0))
	src.Lost.Packets = 7 // neither dropped nor read
	report := w.run(src)
	gaps := w.gaps()
	if report.Unread != 7 || report.Missing() != 7 || len(gaps) != 1 || gaps[0].Why != event.Unread || *gaps[0].Drops != 7 {
		t.Errorf("%+v %+v", report, gaps)
	}
}

func TestEventsOfTheInterface(t *testing.T) {
	w := newWorld(t, noon)
	src := w.source(replay.Numbered(5, 60, packet.Nanos(noon), time.Second))
	src.Happen = []live.Event{
		{Kind: live.EventDown, Start: packet.Nanos(noon), End: packet.Nanos(noon + 5), Detail: "\x1b[31m"},
		{Kind: live.EventMTU, Start: 7, End: 7, Detail: "9000"}, {Kind: live.EventClockStep},
	}
	w.run(src)
	gaps := w.gaps()
	if len(gaps) != 2 || gaps[0].Why != event.InterfaceDown || gaps[0].Drops != nil || *gaps[0].EndNs != noon+5 || strings.Contains(gaps[0].Detail, "\x1b") ||
		gaps[1].Why != event.Changed || *gaps[1].Drops != 0 {
		t.Errorf("%+v", gaps)
	}
}

// fallen is a source whose interface is down from one instant to another, or to the end, where that is 0.
type fallen struct {
	*replay.Source
	from, to int64
	told     bool
}

func (f *fallen) Down() (packet.Nanos, bool) {
	now := f.Clock.Now().Wall
	return packet.Nanos(f.from), now >= f.from && (f.to == 0 || now < f.to)
}

func (f *fallen) Events() []live.Event {
	if f.told || f.to == 0 || f.Clock.Now().Wall < f.to {
		return nil
	}
	f.told = true
	return []live.Event{{Kind: live.EventDown, Start: packet.Nanos(f.from), End: packet.Nanos(f.to), Detail: "was set down"}}
}

// TestInterfaceIsDown: each segment that ends meanwhile says so, and the last one of the session, which
// no event may follow.
func TestInterfaceIsDown(t *testing.T) {
	const second = int64(time.Second)
	for back, ends := range map[int64][]int64{0: {120, 180, 240, 300}, 185: {120, 180, 185}, 115: {115}} {
		w := newWorld(t, noon)
		w.cfg.Rotate = capture.Rotate{Every: time.Minute}
		src := &fallen{Source: w.source(nil), from: noon + 90*second}
		src.Idle = 5 * time.Minute
		if back > 0 {
			src.to = noon + back*second
		}
		w.run(src)
		start, gaps := src.from, w.gaps()
		if len(gaps) != len(ends) {
			t.Errorf("back at %d: %+v", back, gaps)
			continue
		}
		for i, g := range gaps {
			if g.Why != event.InterfaceDown || g.Drops != nil || g.StartNs != start || *g.EndNs != noon+ends[i]*second {
				t.Errorf("back at %d: gap %d: %+v", back, i, g)
			}
			start = *g.EndNs
		}
	}
}

// TestSessionsFollow: numbers and hashes go on, and the time between is a gap.
func TestSessionsFollow(t *testing.T) {
	w := newWorld(t, noon)
	for range 3 {
		w.run(w.source(replay.Numbered(5, 60, packet.Nanos(w.clock.Now().Wall), time.Second)))
		w.clock.Advance(time.Hour)
	}
	all, gaps := w.segments(), w.gaps()
	if len(all) != 3 || all[2].Number != 3 || all[2].PrevSHA256 != all[1].SHA256 || all[0].Session == all[1].Session || len(gaps) != 2 {
		t.Fatalf("%+v %+v", all, gaps)
	}
	for i, g := range gaps {
		if g.Why != event.Stopped || g.StartNs != all[i].ClosedNs || *g.EndNs != all[i+1].OpenedNs {
			t.Errorf("%+v between %+v and %+v", g, all[i], all[i+1])
		}
	}
}

// TestManyGaps: more than are listed are still added up.
func TestManyGaps(t *testing.T) {
	w := newWorld(t, noon)
	w.cfg.Rotate = capture.Rotate{Every: 24 * time.Hour}
	src := w.source(nil)
	src.Idle = 5000 * time.Second
	src.Before = func(int) {
		if second := w.clock.Now().Wall / int64(time.Second); second%2 == 0 {
			src.Lost.Drops, src.Lost.Packets = src.Lost.Drops+1, src.Lost.Packets+1
		}
	}
	w.run(src)
	gaps, drops := w.gaps(), int64(0)
	for _, g := range gaps {
		drops += *g.Drops
	}
	if len(gaps) != 1000 || drops != src.Lost.Drops {
		t.Errorf("%d gaps with %d drops of %d", len(gaps), drops, src.Lost.Drops)
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]capture.Rotate{
		"5m": {Every: 5 * time.Minute}, "512MiB": {Bytes: 512 << 20}, "1Mp": {Packets: 1e6}, "1d": {Every: 24 * time.Hour},
		"1h, 1GB,10kp": {Every: time.Hour, Bytes: 1e9, Packets: 1e4}, "100ms": {Every: 100 * time.Millisecond},
	} {
		got, err := capture.ParseRotate(text)
		if err != nil || got != want {
			t.Errorf("%q: %+v %v", text, got, err)
		}
		if again, err := capture.ParseRotate(got.String()); err != nil || again != got {
			t.Errorf("%q printed as %q: %v", text, got, err)
		}
	}
	for _, text := range []string{"", ",", "5", "5m,6m", "0p", "-5m", "1e3p", "99999999TiB", "9223372036854775807Gp", "50ms", "+1p", "1 p", "0x10p", "NaN", "1000000d", "1Mkp", "1GMp"} {
		if got, err := capture.ParseRotate(text); err == nil {
			t.Errorf("%q: %+v", text, got)
		}
	}
	for text, want := range map[string]capture.Retain{
		"": {}, "7d,100GiB,1000,free=5%": {Age: 7 * 24 * time.Hour, Bytes: 100 << 30, Count: 1000, FreePercent: 5},
		"free=20GiB,released": {FreeBytes: 20 << 30, Released: true}, "90m": {Age: 90 * time.Minute}, "free=0.5%": {FreePercent: 0.5},
	} {
		got, err := capture.ParseRetain(text)
		if err != nil || got != want {
			t.Errorf("%q: %+v %v", text, got, err)
		}
		if again, err := capture.ParseRetain(got.String()); err != nil || again != got {
			t.Errorf("%q printed as %q: %v", text, got.String(), err)
		}
	}
	for _, text := range []string{",", "0", "free=", "free=NaN%", "free=100%", "free=-1%", "free=0%", "1,2", "free=1%,free=2%", "5x", "free=5"} {
		if got, err := capture.ParseRetain(text); err == nil {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestValidate(t *testing.T) {
	for name, change := range map[string]func(*capture.Config){
		"no folder":      func(c *capture.Config) { c.Segments = "" },
		"no rotation":    func(c *capture.Config) { c.Rotate = capture.Rotate{} },
		"duration":       func(c *capture.Config) { c.Duration = -1 },
		"small buffers":  func(c *capture.Config) { c.BufferBytes = 1 },
		"few buffers":    func(c *capture.Config) { c.Buffers = 1 },
		"never retries":  func(c *capture.Config) { c.RetryEvery = 0 },
		"nobody to free": func(c *capture.Config) { c.Retain.Released = true },
		"long note":      func(c *capture.Config) { c.Note = strings.Repeat("x", 5000) },
	} {
		cfg := capture.DefaultConfig("x")
		must(t, cfg.Validate())
		change(&cfg)
		if cfg.Validate() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestReleasesEveryBatch: frames are copied before the next call.
func TestReleasesEveryBatch(t *testing.T) {
	w := newWorld(t, noon)
	frames := replay.Numbered(300, 60, packet.Nanos(noon), time.Millisecond)
	src := w.source(frames)
	src.Most = 1
	src.Before = func(given int) {
		if given > 0 {
			clear(frames[given-1].Data) // the ring's memory is the kernel's again
		}
	}
	w.run(src)
	w.wantNumbers(300)
	if !slices.Equal(frames[0].Data, make([]byte, 60)) {
		t.Error("the test did not clear anything")
	}
}
