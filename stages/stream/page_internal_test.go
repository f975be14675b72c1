package stream

import (
	"math/rand"
	"testing"
)

// TestPageEqualsBools compares run, from and mark with a bool per byte.
func TestPageEqualsBools(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	var pg page
	var want [pageBytes]bool
	for range 3000 {
		i := r.Intn(pageBytes)
		end := min(i+r.Intn(300), pageBytes)
		held := r.Intn(3) == 0
		pg.mark(i, end, held)
		for j := i; j < end; j++ {
			want[j] = held
		}
		at := r.Intn(pageBytes)
		to, first := at, at
		for to < pageBytes && want[to] == want[at] {
			to++
		}
		for first < pageBytes && !want[first] {
			first++
		}
		if got, held := pg.run(at, pageBytes); got != to || held != want[at] {
			t.Fatalf("run from %d to %d, %v; want %d, %v", at, got, held, to, want[at])
		}
		if got := pg.from(at); got != first {
			t.Fatalf("from %d: %d, want %d", at, got, first)
		}
	}
}
