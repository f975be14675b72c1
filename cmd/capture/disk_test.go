package capture_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"pcapmill/cmd/capture"
	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/capture/replay"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/publish/faultfs"
)

// runFaulty captures n numbered frames into segments of 100 over a disk under a hook.
func runFaulty(w *world, ctx context.Context, n int, hook faultfs.Hook) (capture.Report, error) {
	w.t.Helper()
	w.cfg.Rotate, w.cfg.BufferBytes, w.cfg.Buffers = capture.Rotate{Packets: 100}, 4096, 2
	f, err := capture.Open(w.cfg)
	must(w.t, err)
	defer f.Close()
	f.Wrap(func(fsys publish.FS) publish.FS { return faultfs.New(fsys, hook) })
	return f.Run(ctx, w.source(replay.Numbered(n, 60, packet.Nanos(noon), time.Millisecond)))
}

// TestFullDisk: whatever the disk refuses for a while, also in the middle of a write, no frame
// that was taken is lost, and both ends of the trouble are said.
func TestFullDisk(t *testing.T) {
	for _, op := range []string{"create", "write", "write rest", "rename"} {
		for _, zstd := range []bool{false, true} {
			t.Run(fmt.Sprint(op, zstd), func(t *testing.T) {
				w := newWorld(t, noon)
				w.cfg.Zstd = zstd
				seen := 0
				report, err := runFaulty(w, context.Background(), 350, func(c faultfs.Call) error {
					if c.Op != op {
						return nil
					}
					if seen++; seen >= 2 && seen < 4 {
						return syscall.ENOSPC
					}
					return nil
				})
				must(t, err)
				w.wantNumbers(350)
				for _, s := range w.segments() {
					w.contents(s)
				}
				said := w.said.String()
				if strings.Count(said, "no space left") != 1 || strings.Count(said, "takes data again") != 1 || report.Lost != 0 {
					t.Errorf("%+v\n%s", report, said)
				}
			})
		}
	}
}

// TestStatusWhileTheDiskIsFull: who watches over a capture hears of it while the loop waits for the disk, or
// it would be taken for dead.
func TestStatusWhileTheDiskIsFull(t *testing.T) {
	w := newWorld(t, noon)
	var told atomic.Int64
	w.cfg.Status = func(s capture.Status) {
		if strings.Contains(s.Trouble, "no space left") {
			told.Add(1)
		}
	}
	limit := time.Now().Add(20 * time.Second)
	_, err := runFaulty(w, context.Background(), 350, func(c faultfs.Call) error {
		if strings.HasPrefix(c.Op, "write") && told.Load() < 3 && time.Now().Before(limit) {
			return syscall.ENOSPC
		}
		return nil
	})
	must(t, err)
	w.wantNumbers(350)
	if n := told.Load(); n < 3 {
		t.Errorf("told %d times", n)
	}
}

// TestFailedSyncLosesTheSegment, says which, and leaves nothing of it.
func TestFailedSyncLosesTheSegment(t *testing.T) {
	for _, op := range []string{"sync", "close", "syncdir"} {
		t.Run(op, func(t *testing.T) {
			w := newWorld(t, noon)
			seen := 0
			report, err := runFaulty(w, context.Background(), 350, func(c faultfs.Call) error {
				if c.Op == op {
					if seen++; seen == 2 {
						return syscall.EIO
					}
				}
				return nil
			})
			must(t, err)
			lost, all := each[event.Lost](w, event.LostEvent), w.segments()
			if len(lost) != 1 || lost[0].Number != 2 || report.Lost != 1 || len(all) != 3 || all[1].Number != 3 || all[1].PrevSHA256 != all[0].SHA256 {
				t.Errorf("lost %+v, segments %+v", lost, all)
			}
			if got := w.numbers(); len(got) != 250 || got[99] != 99 || got[100] != 200 {
				t.Errorf("%d frames", len(got))
			}
			if files := w.files(); len(files) != 3 {
				t.Errorf("left over: %v", files)
			}
		})
	}
}

// TestLostSegmentKeepsItsGaps: what the kernel dropped while a segment was written that is lost is said all
// the same.
func TestLostSegmentKeepsItsGaps(t *testing.T) {
	w := newWorld(t, noon)
	w.cfg.Rotate = capture.Rotate{Packets: 100}
	f, err := capture.Open(w.cfg)
	must(t, err)
	defer f.Close()
	seen := 0
	f.Wrap(func(fsys publish.FS) publish.FS {
		return faultfs.New(fsys, func(c faultfs.Call) error {
			if c.Op == "sync" {
				if seen++; seen == 2 {
					return syscall.EIO
				}
			}
			return nil
		})
	})
	src := w.source(replay.Numbered(350, 60, packet.Nanos(noon), time.Millisecond))
	src.Most = 10
	src.Before = func(given int) {
		if given == 150 {
			src.Lost.Drops, src.Lost.Packets = 7, 7
		}
	}
	report, err := f.Run(context.Background(), src)
	must(t, err)
	lost, gaps := each[event.Lost](w, event.LostEvent), w.gaps()
	if len(lost) != 1 || lost[0].Number != 2 || report.KernelDrops != 7 || len(gaps) != 1 || gaps[0].Why != event.RingFull || *gaps[0].Drops != 7 {
		t.Errorf("lost %+v, gaps %+v, %+v", lost, gaps, report)
	}
}

// TestDiskFullAtTheEnd: the session ends though the disk takes nothing, and the next one finds
// what was written, whole.
func TestDiskFullAtTheEnd(t *testing.T) {
	w := newWorld(t, noon)
	w.cfg.Patience = 300 * time.Millisecond
	ctx, cancel := context.WithCancel(context.Background())
	writes := 0
	_, err := runFaulty(w, ctx, 10_000, func(c faultfs.Call) error {
		if strings.HasPrefix(c.Op, "write") {
			if writes++; writes > 20 {
				cancel()
				return syscall.ENOSPC
			}
		}
		return nil
	})
	if !errors.Is(err, capture.ErrGivenUp) || !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	w.clock.Advance(time.Hour)
	report := w.run(w.source(nil))
	got := w.numbers()
	w.wantNumbers(len(got))
	if report.Recovered != 1 || len(got) < 100 || len(w.gaps()) != 1 || w.gaps()[0].Why != event.Killed {
		t.Errorf("%+v, %d frames, %+v", report, len(got), w.gaps())
	}
}

// TestFullDiskWhenTimeIsUp: a session that has to end ends, though the disk takes nothing and
// nobody sends a signal.
func TestFullDiskWhenTimeIsUp(t *testing.T) {
	w := newWorld(t, noon)
	w.cfg.Patience, w.cfg.RetryEvery, w.cfg.Duration = 100*time.Millisecond, 10*time.Millisecond, 300*time.Millisecond
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	_, err := runFaulty(w, ctx, 10_000, func(c faultfs.Call) error {
		if strings.HasPrefix(c.Op, "write") {
			return syscall.ENOSPC
		}
		return nil
	})
	if !errors.Is(err, capture.ErrGivenUp) || ctx.Err() != nil {
		t.Errorf("%v, %v", err, ctx.Err())
	}
}

// TestRemovedFile: a segment that someone removes while it is written is lost, which is said, and
// those behind it are as always.
func TestRemovedFile(t *testing.T) {
	w := newWorld(t, noon)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	seen := 0
	report, err := runFaulty(w, ctx, 350, func(c faultfs.Call) error {
		if c.Op == "rename" {
			if seen++; seen == 2 {
				return os.Remove(filepath.Join(w.dir, event.TemporaryName(2, false)))
			}
		}
		return nil
	})
	must(t, err)
	lost := each[event.Lost](w, event.LostEvent)
	if report.Lost != 1 || len(lost) != 1 || lost[0].Number != 2 || report.Segments != 3 || ctx.Err() != nil {
		t.Errorf("%+v %+v", report, lost)
	}
}

// TestRemovedFolder: a capture whose folder is gone ends, for what it writes there is nowhere.
func TestRemovedFolder(t *testing.T) {
	w := newWorld(t, noon)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	seen := 0
	_, err := runFaulty(w, ctx, 10_000, func(c faultfs.Call) error {
		if c.Op == "create" {
			if seen++; seen == 3 {
				return os.RemoveAll(w.dir)
			}
		}
		return nil
	})
	if !errors.Is(err, capture.ErrGivenUp) || !errors.Is(err, os.ErrNotExist) || ctx.Err() != nil {
		t.Errorf("%v, %v", err, ctx.Err())
	}
}

// TestFullDiskMakesRoom: what may be deleted is, until writing goes on.
func TestFullDiskMakesRoom(t *testing.T) {
	w := newWorld(t, noon)
	w.cfg.Retain = capture.Retain{Count: 1000}
	var removed atomic.Int64
	writes := 0
	report, err := runFaulty(w, context.Background(), 650, func(c faultfs.Call) error {
		switch {
		case c.Op == "remove" && !strings.HasPrefix(c.Name, "."):
			removed.Add(1)
		case c.Op == "write":
			if writes++; writes > 10 && removed.Load() < 2 {
				return syscall.ENOSPC
			}
		}
		return nil
	})
	must(t, err)
	deleted := each[event.Delete](w, event.DeleteEvent)
	if len(deleted) < 2 || deleted[0] != (event.Delete{Number: 1, Why: "full", Released: true}) || report.Deleted != int64(len(deleted)) || report.Packets != 650 {
		t.Errorf("%+v %+v", deleted, report)
	}
	got := w.numbers()
	for i, k := range got {
		if k != 650-len(got)+i {
			t.Fatalf("frame %d where %d was due", k, 650-len(got)+i)
		}
	}
}

// keepers runs 10 segments of 10 packets, a minute apart, under a retention, and returns the
// numbers of the segments that are left and how they were deleted.
func keepers(w *world, space func(string) (int64, int64, error)) ([]int64, []event.Delete) {
	w.t.Helper()
	w.cfg.Rotate = capture.Rotate{Every: time.Minute}
	f, err := capture.Open(w.cfg)
	must(w.t, err)
	defer f.Close()
	if space != nil {
		f.SetSpace(space)
	}
	src := w.source(replay.Numbered(100, 60, packet.Nanos(noon), 6*time.Second))
	var published atomic.Int64
	f.Published(func(event.Segment) { published.Add(1) })
	src.Before = func(given int) { // so that retention keeps step with the clock
		for range 5000 {
			if published.Load() >= int64(given-1)/10 {
				return
			}
			time.Sleep(time.Millisecond)
		}
		w.t.Errorf("after %d frames %d segments are published", given, published.Load())
	}
	_, err = f.Run(context.Background(), src)
	must(w.t, err)
	var left []int64
	for _, name := range w.files() {
		if number, _, _, ok := event.ParseName(name); ok {
			left = append(left, number)
		}
	}
	return left, each[event.Delete](w, event.DeleteEvent)
}

// release writes an analysis's ledger.
func release(w *world, events ...livefolder.Release) string {
	out := filepath.Join(w.t.TempDir(), "out")
	must(w.t, os.Mkdir(out, 0o700))
	log, err := ledger.Open(filepath.Join(out, event.LedgerName))
	must(w.t, err)
	defer log.Close()
	must(w.t, log.Append(livefolder.CommitEvent, livefolder.Commit{Number: 1}))
	for _, e := range events {
		must(w.t, log.Append(livefolder.ReleaseEvent, e))
	}
	return out
}

// TestRetention by each limit, with and without an analysis that has released segments 1 to 6
// but for 3.
func TestRetention(t *testing.T) {
	for _, test := range []struct {
		retain     string
		alone      string // segments left without an analysis; "" where it makes no sense
		released   string // with
		why        string
		unreleased int // of the deleted ones, with an analysis
	}{
		{"", "[1 2 3 4 5 6 7 8 9 10]", "[1 2 3 4 5 6 7 8 9 10]", "", 0},
		{"4", "[7 8 9 10]", "[3 7 8 9 10]", "count", 0},
		{"released", "", "[3 7 8 9 10]", "released", 0},
		{"1B", "[]", "[3 7 8 9 10]", "size", 0},
		{"1d", "[1 2 3 4 5 6 7 8 9 10]", "[1 2 3 4 5 6 7 8 9 10]", "", 0},
		{"1ns", "[10]", "[3 7 8 9 10]", "age", 0},
	} {
		for _, alone := range []bool{true, false} {
			t.Run(fmt.Sprint(test.retain, alone), func(t *testing.T) {
				w := newWorld(t, noon)
				var err error
				w.cfg.Retain, err = capture.ParseRetain(test.retain)
				must(t, err)
				want := test.alone
				if !alone {
					w.cfg.ReleasedBy = release(w, livefolder.Release{Through: 4, Flagged: []int64{3}}, livefolder.Release{Through: 6})
					want = test.released
				} else if want == "" {
					t.Skip("needs an analysis")
				}
				left, deleted := keepers(w, nil)
				if got := fmt.Sprint(left); got != want {
					t.Errorf("left %s, want %s", got, want)
				}
				for _, d := range deleted {
					if d.Why != test.why || !d.Released {
						t.Errorf("%+v", d)
					}
				}
				if len(deleted) != 10-len(left) {
					t.Errorf("%d deleted, %d left", len(deleted), len(left))
				}
			})
		}
	}
}

// TestReserve keeps room free: released segments go first, then others, which is said.
func TestReserve(t *testing.T) {
	for _, test := range []struct {
		size int64 // room for so many segments beside the reserve
		left string
	}{{7, "[3 5 6 7 8 9 10]"}, {5, "[3 7 8 9 10]"}, {3, "[8 9 10]"}} {
		w := newWorld(t, noon)
		w.cfg.Retain = capture.Retain{FreePercent: 10}
		w.cfg.ReleasedBy = release(w, livefolder.Release{Through: 6, Flagged: []int64{3}})
		left, deleted := keepers(w, func(dir string) (int64, int64, error) {
			segments, err := filepath.Glob(filepath.Join(dir, "segment-*"))
			return 100 + test.size - int64(len(segments)), 1000, err
		})
		if fmt.Sprint(left) != test.left {
			t.Errorf("room for %d: left %v, want %s; deleted %+v", test.size, left, test.left, deleted)
		}
		for _, d := range deleted {
			if d.Why != "free" || d.Released != (d.Number <= 6 && d.Number != 3) {
				t.Errorf("%+v", d)
			}
		}
		if forced := test.size < 5; forced != strings.Contains(w.said.String(), "though analysis has not released it") {
			t.Errorf("said: %s", w.said)
		}
	}
}

// TestDeletionThatWasNotDone: the record is there and so is the file, as after a kill between.
func TestDeletionThatWasNotDone(t *testing.T) {
	w := newWorld(t, noon)
	w.run(w.source(replay.Numbered(5, 60, packet.Nanos(noon), time.Millisecond)))
	path := filepath.Join(w.dir, event.LedgerName)
	log, err := ledger.Open(path)
	must(t, err)
	must(t, log.Append(event.DeleteEvent, event.Delete{Number: 1, Why: "age", Released: true}))
	must(t, log.Close())
	w.run(w.source(nil))
	if files := w.files(); len(files) != 1 || files[0] != event.SegmentName(2, false) {
		t.Errorf("%v", files)
	}
}

// TestDeletionThatCannotBeDone: where it is tried again in vain, capture begins all the same.
func TestDeletionThatCannotBeDone(t *testing.T) {
	w := newWorld(t, noon)
	w.run(w.source(replay.Numbered(5, 60, packet.Nanos(noon), time.Millisecond)))
	log, err := ledger.Open(filepath.Join(w.dir, event.LedgerName))
	must(t, err)
	must(t, log.Append(event.DeleteEvent, event.Delete{Number: 1, Why: "age", Released: true}))
	must(t, log.Close())
	report, err := runFaulty(w, context.Background(), 50, func(c faultfs.Call) error {
		if c.Op == "remove" {
			return syscall.EPERM
		}
		return nil
	})
	if err != nil || report.Packets != 50 || !strings.Contains(w.said.String(), "it cannot be removed") {
		t.Errorf("%+v: %v, said %s", report, err, w.said)
	}
}

// TestSegmentThatWouldNotGo: one that cannot be deleted, as it is immutable, is recorded once and said once,
// however often it is tried, and others go.
func TestSegmentThatWouldNotGo(t *testing.T) {
	w := newWorld(t, noon)
	w.cfg.Retain = capture.Retain{Count: 1}
	stuck := event.SegmentName(1, false)
	tried := 0
	_, err := runFaulty(w, context.Background(), 650, func(c faultfs.Call) error {
		if c.Op == "remove" && c.Name == stuck {
			tried++
			return syscall.EPERM
		}
		return nil
	})
	must(t, err)
	records := map[int64]int{}
	for _, d := range each[event.Delete](w, event.DeleteEvent) {
		records[d.Number]++
	}
	if tried < 2 || len(records) != 7 || records[1] != 1 || strings.Count(w.said.String(), "operation not permitted") != 1 {
		t.Errorf("tried %d times, recorded %v, said %s", tried, records, w.said)
	}
	if files := w.files(); len(files) != 1 || files[0] != stuck {
		t.Errorf("left: %v", files)
	}
}
