package sketch_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pcapmill/features/sketch"
)

// keyed is a stream of keys of a few frequent and many rare ones.
func keyed(rng *rand.Rand, n, different int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("key-%d", int(float64(different)*math.Pow(rng.Float64(), 3)))
	}
	return keys
}

func topKOf(most int, keys []string) *sketch.TopK {
	t := sketch.NewTopK(most)
	for _, k := range keys {
		t.Add([]byte(k), 1)
	}
	return &t
}

// TestTopKAgainstMap compares with a map of all keys: all counts are exact at any number
// of keys, and those that are kept are the ones with the smallest hashes.
func TestTopKAgainstMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for _, different := range []int{10, 63, 64, 65, 200, 5000} {
		keys := keyed(rng, 20000, different)
		counts := map[string]uint64{}
		for _, k := range keys {
			counts[k]++
		}
		k := topKOf(64, keys)
		byHash := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
			if sketch.Hash([]byte(a)) < sketch.Hash([]byte(b)) {
				return -1
			}
			return 1
		})
		kept, others := byHash[:min(64, len(byHash))], uint64(len(keys))
		for _, e := range k.Top(-1) {
			if e.Count != counts[e.Key] || !slices.Contains(kept, e.Key) {
				t.Fatalf("%d keys: %+v, exact %d", different, e, counts[e.Key])
			}
			others -= e.Count
		}
		if n := len(k.Top(-1)); n != len(kept) || k.Others() != others || k.Total() != 20000 || k.Exact() != (len(counts) <= 64) {
			t.Errorf("%d keys: %d kept, others %d of %d, exact %v", different, n, k.Others(), others, k.Exact())
		}
		if off := math.Abs(float64(k.Keys())/float64(len(counts)) - 1); k.Exact() && off > 0 || off > 3/math.Sqrt(62) {
			t.Errorf("%d keys, estimated %d", len(counts), k.Keys())
		}
	}
}

// TestTopKOrder: by count, then by key.
func TestTopKOrder(t *testing.T) {
	k := topKOf(8, []string{"b", "a", "c", "c", "", "a", "b"})
	want := []sketch.Entry{{Key: "a", Count: 2}, {Key: "b", Count: 2}, {Key: "c", Count: 2}, {Key: "", Count: 1}}
	if got := k.Top(-1); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	if got := k.Top(1); !slices.Equal(got, want[:1]) {
		t.Errorf("%v", got)
	}
}

// TestTopKLimits: keys that are too long and counts that are too large.
func TestTopKLimits(t *testing.T) {
	k := topKOf(8, []string{strings.Repeat("x", sketch.MaxKey), strings.Repeat("x", sketch.MaxKey+1)})
	if k.Total() != 1 || k.TooLong() != 1 || !k.Exact() {
		t.Errorf("%d, %d too long", k.Total(), k.TooLong())
	}
	k.Add([]byte("a"), sketch.MaxCount)
	k.Add([]byte("a"), 0)
	k.Add([]byte("a"), sketch.MaxCount-1)
	if k.Total() != sketch.MaxCount || k.Top(1)[0].Count != sketch.MaxCount-1 {
		t.Errorf("%d", k.Total())
	}
	if err := k.Merge(topKOf(8, []string{"a"})); !errors.Is(err, sketch.ErrFull) {
		t.Error(err)
	}
	if err := k.Merge(topKOf(9, nil)); !errors.Is(err, sketch.ErrMismatch) {
		t.Error(err)
	}
	if k.Cap() != 8 {
		t.Error(k.Cap())
	}
}

// TestTopKBytes fixes the encoding: header, flags, cap, number, entries by key, others,
// too long.
func TestTopKBytes(t *testing.T) {
	for want, k := range map[string]*sketch.TopK{
		"41000800":             topKOf(8, nil),
		"41000202016101016202": topKOf(2, []string{"b", "a", "b"}),
		// SHA-256 of "a" begins with ca, of "b" with 3e, of "c" with 2e.
		"4103010101630102" + "01": topKOf(1, []string{"c", "b", "a", strings.Repeat("x", 300)}),
	} {
		if got := hex.EncodeToString(k.AppendBinary(nil)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestTopKRefuses has bytes that no state is written as.
func TestTopKRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                 "",
		"unknown flag":            "41040800",
		"no cap":                  "41000000",
		"cap above":               "4100818004" + "00",
		"more entries than cap":   "41000102016101016201",
		"more entries than bytes": "4100087f",
		"keys out of order":       "41000202016201016101",
		"one key twice":           "41000202016101016101",
		"key cut":                 "410002010561",
		"key too long":            "41000201" + "8002" + strings.Repeat("61", 256) + "01",
		"count of none":           "410002010161" + "00",
		"sample that is not full": "4101020101610101",
		"sample of all":           "41010101016101" + "00",
		"count above MaxCount":    "410008010161" + "818080808080808010",
		"none too long":           "4102010101610100",
		"cut":                     "4100020201610101",
	} {
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		var k sketch.TopK
		if _, err := k.Decode(b); !errors.Is(err, sketch.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTopKAllocate: nothing for a key that is there, nor for one that is left out.
func TestTopKAllocate(t *testing.T) {
	k := topKOf(64, keyed(rand.New(rand.NewPCG(1, 2)), 20000, 5000))
	k.Exact()
	present, absent := []byte(k.Top(1)[0].Key), []byte("")
	for i := 0; len(absent) == 0; i++ {
		if key := fmt.Appendf(nil, "absent-%d", i); sketch.Hash(key) > 1<<63 {
			absent = key
		}
	}
	if n := testing.AllocsPerRun(100, func() {
		k.Add(present, 1)
		k.Add(absent, 1)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
