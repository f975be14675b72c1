package show

import (
	"cmp"
	"math/bits"
	"slices"
)

// quantileRows is the number of values of a level of quantiles; even.
const quantileRows = 4096

// quantiles summarises numbers of which there are too many to keep, by halving
// (Munro and Paterson 1980, Manku and others 1998): a value of level l stands for
// 2^l. A full level is sorted, and every second value goes up a level: the first,
// third, … and the second, fourth, … in turn, so that what two halvings do to a
// rank cancels or is too much by 2^l once. Nothing is random: the same values in
// the same order give the same result.
type quantiles struct {
	levels []level
	n      int64 // values, weighed
}

type level struct {
	values []int64
	halved int64 // times
}

// add takes a value that occurs so many times.
func (q *quantiles) add(value, times int64) {
	q.n += times
	for rest := uint64(times); rest != 0; rest &= rest - 1 {
		q.put(bits.TrailingZeros64(rest), value)
	}
}

func (q *quantiles) put(l int, value int64) {
	for len(q.levels) <= l {
		q.levels = append(q.levels, level{})
	}
	at := &q.levels[l]
	if at.values = append(at.values, value); len(at.values) < quantileRows {
		return
	}
	slices.Sort(at.values)
	values := at.values
	odd := int(at.halved & 1)
	at.halved++
	at.values = nil
	for i := odd; i < len(values); i += 2 {
		q.put(l+1, values[i])
	}
	q.levels[l].values = values[:0] // levels may have moved
}

// wrong returns by how much the rank of a quantile may be wrong at most, as a part
// of all values.
func (q *quantiles) wrong() float64 {
	sum := int64(0)
	for l := range q.levels {
		sum += (q.levels[l].halved + 1) / 2 << l
	}
	return float64(sum) / float64(max(1, q.n))
}

// weighed returns the values that are left, the least first.
func (q *quantiles) weighed() []counted[int64] {
	var all []counted[int64]
	for l := range q.levels {
		for _, v := range q.levels[l].values {
			all = append(all, counted[int64]{v, 1 << l})
		}
	}
	slices.SortFunc(all, func(a, b counted[int64]) int { return cmp.Compare(a.value, b.value) })
	return all
}

// ranked returns for each share, ascending, the least value that so many of all are
// no larger than. There is at least one.
func ranked(values []counted[int64], shares []float64) []int64 {
	total := int64(0)
	for _, v := range values {
		total += v.times
	}
	found := make([]int64, 0, len(shares))
	at, seen := 0, values[0].times
	for _, share := range shares {
		for float64(seen) < share*float64(total) && at < len(values)-1 {
			at++
			seen += values[at].times
		}
		found = append(found, values[at].value)
	}
	return found
}
