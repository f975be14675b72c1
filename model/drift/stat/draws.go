package stat

import (
	"math"
	"math/rand/v2"
)

// Draws says how p-values are drawn at random. The same draws of the same units give the
// same p-value everywhere.
type Draws struct {
	Seed   uint64
	Most   int // so many at most: no p-value is below 1/(Most+1)
	Enough int // so many at least as extreme as what was seen end it: the p-value is large
}

// DefaultDraws: 9,999 draws bring one of 50 features below a false discovery rate of 1 %;
// 20 extreme ones know a p-value to within a quarter.
func DefaultDraws() Draws { return Draws{Most: 9999, Enough: 20} }

// resolution is what the smallest p-value of a permutation test must come to for it to
// be used: with fewer rearrangements it could never tell one of 50 features.
const resolution = 0.001

// tolerance of comparisons: a rearrangement that is the one seen must count as equal,
// whatever order its sums were made in.
const tolerance = 1e-9

// pValue draws until enough are at least as large as seen.
func (d Draws) pValue(seen float64, draw func(*rand.Rand) float64) (p, mean float64) {
	rng := rand.New(rand.NewPCG(d.Seed, 0))
	limit, extreme, sum := seen-tolerance*math.Abs(seen), 0, 0.0
	for i := 1; i <= d.Most; i++ {
		x := draw(rng)
		sum += x
		if x < limit {
			continue
		}
		if extreme++; extreme == d.Enough {
			return float64(extreme) / float64(i), sum / float64(i)
		}
	}
	return float64(extreme+1) / float64(d.Most+1), sum / float64(max(d.Most, 1))
}

// least is the smallest p-value that draws can give.
func (d Draws) least() float64 { return 1 / float64(d.Most+1) }

// beyond is the p-value of what no draw came near: that of a law, which many findings
// judged together need to tell 1 in 10,000 from less.
func (d Draws) beyond(p, law float64) float64 {
	if p > d.least() {
		return p
	}
	return min(p, max(surest, law))
}

// picks chooses k of n without replacement, again and again.
type picks struct{ order []int }

func newPicks(n int) picks {
	p := picks{order: make([]int, n)}
	for i := range p.order {
		p.order[i] = i
	}
	return p
}

// choose returns k numbers below n, good until it is called again.
func (p picks) choose(rng *rand.Rand, k int) []int {
	for i := range k {
		j := i + rng.IntN(len(p.order)-i)
		p.order[i], p.order[j] = p.order[j], p.order[i]
	}
	return p.order[:k]
}

// resolvesSplit: are there enough ways to split n units into k and the rest?
func resolvesSplit(n, k int) bool {
	return k >= 2 && n-k >= 2 && math.Ln2-logChoose(n, k) <= math.Log(resolution)
}

// EnoughPairs reports whether swapping the sides of so many pairs can give a p-value that
// tells something.
func EnoughPairs(n int) bool { return n >= 1-int(math.Floor(math.Log2(resolution))) }
