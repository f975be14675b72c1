package stages

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pcapmill/ingest/packet"
)

// TestWheel files flows with deadlines near and far and turns the wheel by steps
// short and long: each flow must be looked at by the first turn that reaches a
// tick after its deadline.
func TestWheel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := []time.Duration{0, 1, time.Second, 90 * time.Second, time.Hour, wheelTicks * time.Second, 3 * wheelTicks * time.Second}
		var w wheel
		now := rapid.Int64Range(-5e9, 5e9).Draw(t, "start")
		w.reset(now)
		deadline, due := map[uint32]packet.Nanos{}, map[uint32]int64{}
		file := func(id uint32) {
			due[id] = w.due(deadline[id])
			w.file(id, due[id])
		}
		for id := range uint32(rapid.IntRange(1, 60).Draw(t, "turns")) {
			now += int64(rapid.SampledFrom(steps).Draw(t, "step"))
			deadline[id] = now + int64(rapid.SampledFrom(steps).Draw(t, "timeout"))
			file(id)
			w.turn(now, func([]wheelEntry) {}, func(e wheelEntry) {
				switch {
				case uint32(due[e.id]) != e.tick: // ended, or filed again
				case deadline[e.id] < now:
					delete(deadline, e.id)
					delete(due, e.id)
				default:
					file(e.id)
				}
			})
			for id, d := range deadline {
				if tickOf(d) < tickOf(now) {
					t.Fatalf("flow %d with deadline %d is still there at %d", id, d, now)
				}
			}
		}
	})
}

// TestWheelLeaps holds that a turn over centuries comes to every flow, also where
// it is of as many ticks as entries have bits for, and back.
func TestWheelLeaps(t *testing.T) {
	for _, leap := range []int64{wheelTicks, wheelTicks + 1, 1 << 31, 1<<31 + 61, 1<<32 - 1, 1 << 32, 1<<32 + 62} {
		var w wheel
		w.reset(0)
		for id := range uint32(100) {
			w.file(id, w.due(int64(id)*tickNanos))
		}
		var seen []uint32
		w.turn(leap*tickNanos, func([]wheelEntry) {}, func(e wheelEntry) { seen = append(seen, e.id) })
		slices.Sort(seen)
		if len(seen) != 100 || len(slices.Compact(seen)) != 100 {
			t.Errorf("a leap of %d ticks comes to %d of 100 flows", leap, len(seen))
		}
	}
}

func TestTickOf(t *testing.T) {
	for _, c := range []struct{ at, want int64 }{{0, 0}, {999_999_999, 0}, {1e9, 1}, {-1, -1}, {-1e9, -1}, {-1e9 - 1, -2}} {
		if got := tickOf(c.at); got != c.want {
			t.Errorf("tickOf(%d) = %d, want %d", c.at, got, c.want)
		}
	}
}

// TestBuckets compares the table with a map while flows of few different hashes
// come and go, so that probe sequences run into each other and around the end.
func TestBuckets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := buckets{hashTable: newHashTable(8)}
		hash := map[uint32]uint32{}
		var next uint32
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			if len(hash) == 0 || rapid.IntRange(0, 2).Draw(t, "what") > 0 {
				hash[next] = rapid.SampledFrom([]uint32{0, 1, 6, 7, 8, 15, 1 << 20, 1<<32 - 1}).Draw(t, "hash")
				b.insert(hash[next], next)
				next++
			} else {
				ids := make([]uint32, 0, len(hash))
				for id := range hash {
					ids = append(ids, id)
				}
				slices.Sort(ids)
				id := rapid.SampledFrom(ids).Draw(t, "id")
				b.remove(hash[id], id)
				delete(hash, id)
			}
			for id, h := range hash {
				if !reachable(&b, h, id) {
					t.Fatalf("flow %d of hash %#x is not found", id, h)
				}
			}
			if b.used != len(hash) {
				t.Fatalf("%d used, want %d", b.used, len(hash))
			}
		}
	})
}

// reachable follows the probe sequence as find does.
func reachable(b *buckets, hash, id uint32) bool {
	mask := uint32(len(b.slots) - 1)
	for i := hash & mask; b.slots[i].id != 0; i = (i + 1) & mask {
		if b.slots[i] == (bucket{hash, id + 1}) {
			return true
		}
	}
	return false
}

// TestWheelForgetsBursts holds that memory of a burst does not stay with each slot that once had
// one: what is kept is in proportion to what is filed.
func TestWheelForgetsBursts(t *testing.T) {
	const usual, burst, timeout = 10, 10_000, 300
	var w wheel
	w.reset(0)
	room := func() (n int) {
		for _, slots := range [][][]wheelEntry{w.slots[:], w.spare} {
			for _, s := range slots {
				n += cap(s)
			}
		}
		return n
	}
	for now := range int64(20 * timeout) {
		n := usual
		if now%37 == 0 {
			n = burst
		}
		for id := range uint32(n) {
			w.file(id, now+timeout)
		}
		w.turn(now*tickNanos, func([]wheelEntry) {}, func(wheelEntry) {})
	}
	filed := 0
	for _, s := range w.slots {
		filed += len(s)
	}
	if n := room(); n > 5*filed {
		t.Errorf("room for %d entries is kept for %d", n, filed)
	}
}
