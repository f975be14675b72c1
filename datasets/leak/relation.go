package leak

import (
	"cmp"
	"math"
	"slices"
)

// grouping is rows of the sample in the order of a key, without those that have none.
type grouping struct {
	*rowKey
	rows   []int32
	ends   []int32 // of groups in rows
	groups int
	same   float64 // probability that two rows have the same key
}

// mostRelated rows of the sample are looked at for relations to keys.
const mostRelated = 30_000

// groupings orders rows by each key; those with the lowest hashes are taken where there are too many, so that
// the order of rows does not matter.
func groupings(s *sample) []grouping {
	all := make([]grouping, len(s.keys))
	most := uint64(math.MaxUint64)
	if len(s.rows) > mostRelated {
		most = slices.Sorted(slices.Values(s.hash))[mostRelated-1]
	}
	for i := range all {
		g := &all[i]
		g.rowKey = &s.keys[i]
		for r, hash := range s.hash {
			if hash <= most && g.hash[r] != nullHash {
				g.rows = append(g.rows, int32(r))
			}
		}
		g.order()
	}
	return all
}

func (g *grouping) order() {
	slices.SortStableFunc(g.rows, func(a, b int32) int { return cmp.Compare(g.hash[a], g.hash[b]) })
	n := float64(len(g.rows))
	for from := 0; from < len(g.rows); {
		to := from + 1
		for to < len(g.rows) && g.hash[g.rows[to]] == g.hash[g.rows[from]] {
			to++
		}
		g.ends = append(g.ends, int32(to))
		g.same += float64(to-from) * float64(to-from-1) / max(n*(n-1), 1)
		from = to
	}
	g.groups = len(g.ends)
}

// capture reports whether the key is of captures, by what people call columns of these.
func (g *grouping) capture() bool {
	if g.kind == CaptureOverlap {
		return true
	}
	words := wordsOf(g.columns[0])
	return g.kind == GroupOverlap && slices.ContainsFunc(words, func(w string) bool {
		return slices.Contains([]string{"capture", "file", "filename", "pcap", "run", "day", "date", "scenario"}, w)
	})
}

// relation is how a column and a key go together, of rows that have both.
type relation struct {
	rows     int     // in groups of two and more
	within   float64 // probability that two rows of a group have the same value
	groups   int     // with two rows and more
	same     float64 // probability that two rows have the same value
	distinct int     // values
	back     float64 // probability that two rows of the same value have the same key
	backRows int     // of values that two rows and more have
}

// counter counts values.
type counter struct{ of map[uint64]int }

// pairs is the number of ordered pairs of the same value.
func (c *counter) pairs() (n int) {
	for _, k := range c.of {
		n += k * (k - 1)
	}
	return n
}

// relate measures it. ids are the column's values by row.
func (g *grouping) relate(ids []uint64) (r relation) {
	all, own := counter{map[uint64]int{}}, counter{map[uint64]int{}}
	n, from, within := 0, int32(0), 0.0
	for _, to := range g.ends {
		clear(own.of)
		size := 0
		for _, row := range g.rows[from:to] {
			if id := ids[row]; id != nullHash {
				own.of[id]++
				all.of[id]++
				size++
			}
		}
		if n += size; size > 1 {
			within += float64(own.pairs()) / float64(size-1)
			r.rows += size
			r.groups++
		}
		from = to
	}
	r.within = within / float64(max(r.rows, 1))
	r.same = float64(all.pairs()) / math.Max(float64(n)*float64(n-1), 1)
	r.distinct = len(all.of)
	g.relateBack(ids, &all, &r)
	return r
}

// relateBack measures whether the value tells the key: within groups pairs of the same value have the
// same key, so that their share of all pairs of the same value is it.
func (g *grouping) relateBack(ids []uint64, all *counter, r *relation) {
	from, same := int32(0), map[uint64]int{}
	own := counter{map[uint64]int{}}
	for _, to := range g.ends {
		clear(own.of)
		for _, row := range g.rows[from:to] {
			if id := ids[row]; id != nullHash {
				own.of[id]++
			}
		}
		for id, k := range own.of {
			same[id] += k * (k - 1)
		}
		from = to
	}
	sum := counterSum{}
	for id, k := range all.of {
		if k > 1 {
			r.backRows += k
			sum.add(int64(same[id]), int64(k-1))
		}
	}
	r.back = sum.value() / float64(max(r.backRows, 1))
}

// counterSum adds fractions so that their order does not show: in units of 2⁻²⁰.
type counterSum struct{ units int64 }

func (s *counterSum) add(a, b int64) { s.units += a << 20 / b }
func (s *counterSum) value() float64 { return float64(s.units) / (1 << 20) }

// leastRelated rows in groups make a relation.
const leastRelated = 100

// constant reports whether the column has one value in each of the key's groups, and others in others.
func (r *relation) constant(within, same float64) bool {
	return r.rows >= leastRelated && r.groups >= 3 && r.within >= within && r.same <= same
}

// copies reports whether column and key tell one another.
func (r *relation) copies(g *grouping) bool {
	return r.constant(0.99, 0.9) && g.same <= 0.9 && r.distinct >= 3 && r.backRows >= leastRelated && r.back >= 0.99
}

// agreement is the share of rows in which a key is the same number as the column, and Cohen's
// kappa: how much of what chance leaves open that is. A key of one value agrees by chance alone.
func (k *rowKey) agreement(v *values) (same, kappa float64, rows int) {
	own, of := map[float64]int{}, map[float64]int{}
	equal := 0
	for i, x := range v.num {
		if v.null[i] || k.hash[i] == nullHash {
			continue
		}
		rows++
		own[x]++
		of[k.num[i]]++
		if x == k.num[i] {
			equal++
		}
	}
	pairs := 0 // whole numbers, so that their order does not show
	for x, n := range own {
		pairs += n * of[x]
	}
	n := float64(max(rows, 1))
	same = float64(equal) / n
	chance := float64(pairs) / (n * n)
	return same, (same - chance) / max(1-chance, 1e-9), rows
}

// ids are the column's values by row, of which equal ones are equal.
func (v *values) ids() []uint64 {
	all := make([]uint64, len(v.null))
	for i := range all {
		all[i] = v.id(i)
	}
	return all
}

// timeOrder is how far a column rises or falls with time within classes: Spearman's correlation,
// the mean over classes by their rows.
func timeOrder(v *values, s *sample) (rho float64, rows int) {
	if v.num == nil || s.start == nil {
		return 0, 0
	}
	of := map[uint16][]int{}
	for i, c := range s.class {
		if !v.null[i] {
			of[c] = append(of[c], i)
		}
	}
	sum := 0.0
	for c := range len(s.total[0]) {
		at := of[uint16(c)]
		if r, ok := spearman(v.num, s.start, at); ok {
			sum += math.Abs(r) * float64(len(at))
			rows += len(at)
		}
	}
	return sum / float64(max(rows, 1)), rows
}

// spearman returns the rank correlation at some rows; not ok: too few, or one does not vary.
func spearman(x, y []float64, at []int) (rho float64, ok bool) {
	if len(at) < leastOfClass {
		return 0, false
	}
	a, b := ranks(x, at), ranks(y, at)
	mean := float64(len(at)-1) / 2
	var ab, aa, bb float64
	for i := range a {
		da, db := a[i]-mean, b[i]-mean
		ab, aa, bb = ab+da*db, aa+da*da, bb+db*db
	}
	if aa == 0 || bb == 0 {
		return 0, false
	}
	return ab / math.Sqrt(aa*bb), true
}

// ranks of values, from 0; equal ones have their mean.
func ranks(x []float64, at []int) []float64 {
	order := make([]int, len(at))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(x[at[a]], x[at[b]]) })
	r := make([]float64, len(at))
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && x[at[order[to]]] == x[at[order[from]]] {
			to++
		}
		for _, i := range order[from:to] {
			r[i] = float64(from+to-1) / 2
		}
		from = to
	}
	return r
}
