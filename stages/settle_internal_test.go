package stages

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestEndedRowsSort compares with a sort by the whole order, for close instants
// that tie, that differ and that lie too far apart for the short way.
func TestEndedRowsSort(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 2000 {
		spread := []int64{1, 3, 1 << 30, math.MaxInt64}[round%4]
		epochs := int32(1 + round%5/4)
		var e endedRows
		for i := range r.IntN(100) {
			at := order{epoch: r.Int32N(epochs), close: r.Int64N(spread), rank: r.Int64N(3), first: int64(i)}
			if r.IntN(2) == 0 {
				at.close = -at.close
			}
			e.rows = append(e.rows, ended{at, uint32(i)})
		}
		want := slices.Clone(e.rows)
		slices.SortFunc(want, compareEnded)
		e.sort()
		if !slices.Equal(e.rows, want) {
			t.Fatalf("round %d: %v, want %v", round, e.rows, want)
		}
	}
}
