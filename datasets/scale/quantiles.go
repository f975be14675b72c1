package scale

import (
	"maps"
	"math"
	"slices"

	"pcapmill/features/sketch"
)

// maxExact is up to how many different values quantiles are exact.
const maxExact = 4096

// quantiles count values: each one, or where there are too many in bins.
type quantiles struct {
	n      int64
	counts map[float64]int64
	bins   *sketch.Histogram // nil: counts has them all
}

func newQuantiles() *quantiles { return &quantiles{counts: map[float64]int64{}} }

// add takes a finite number.
func (q *quantiles) add(x float64) {
	q.n++
	if q.bins != nil {
		q.bins.Add(x)
		return
	}
	q.counts[x+0]++ // -0 is 0
	if len(q.counts) > maxExact {
		q.over()
	}
}

// over goes over to bins.
func (q *quantiles) over() {
	bins := sketch.NewHistogram(sketch.Highest)
	q.bins = &bins
	for _, x := range slices.Sorted(maps.Keys(q.counts)) {
		for range q.counts[x] {
			q.bins.Add(x)
		}
	}
	q.counts = nil
}

// at returns the values of ranks ⌈p·n⌉, which never fall; n is not 0.
func (q *quantiles) at(ps ...float64) []float64 {
	all := make([]float64, len(ps))
	if q.bins != nil {
		for i, p := range ps {
			b, _ := q.bins.Quantile(p)
			all[i] = b.Value
		}
		return all
	}
	values, seen, k := slices.Sorted(maps.Keys(q.counts)), int64(0), 0
	for i, p := range ps {
		rank := max(1, int64(math.Ceil(p*float64(q.n))))
		for seen+q.counts[values[k]] < rank {
			seen += q.counts[values[k]]
			k++
		}
		all[i] = values[k]
	}
	return all
}
