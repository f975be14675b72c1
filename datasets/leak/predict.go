package leak

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// prediction is what one column alone tells of the label. Rules are fitted on training rows of
// the sample and measured on the others; every class counts alike, however many rows it has.
type prediction struct {
	classes  int     // with rows enough in both
	rows     int     // that were measured
	counted  int     // with those of training
	binned   float64 // balanced accuracy of the best class for each stretch of values
	valued   float64 // of the best class for each single value
	errors   int     // of binned, in training and outside it
	mistaken int     // of valued, in both
	seen     int     // distinct values, null one of them
	one      int     // the class that one split tells best from the others
	oneSplit float64 // balanced accuracy of that
	at       float64 // where it splits
	bits     float64 // mutual information in training, without its bias
	entropy  float64 // of the label, bits
}

// nearlyAll is a balanced accuracy that no threshold through overlapping classes has.
const nearlyAll = 0.999

// derived reports whether the column leaves nearly no row's label open, in training and outside it.
func (r *prediction) derived() bool {
	return r.mistaken == 0 || r.binned >= nearlyAll && float64(r.errors) <= (1-nearlyAll)*float64(r.counted)
}

// leastMeasured rows of a class must be in training, and outside it, before it is measured.
const leastMeasured = 30

// mostBins stretches that a number's values are cut into.
const mostBins = 128

// predictor holds what is the same for all columns.
type predictor struct {
	s       *sample
	measure []bool // by class
	n       int
	weight  [2][]float64 // by side and class: of one row, so that all classes weigh 1
}

func newPredictor(s *sample) *predictor {
	p := &predictor{s: s, measure: make([]bool, len(s.total[0]))}
	for side := range 2 {
		p.weight[side] = make([]float64, len(p.measure))
	}
	for c := range p.measure {
		if s.taken[0][c] >= leastMeasured && s.taken[1][c] >= leastMeasured {
			p.measure[c] = true
			p.n++
			p.weight[0][c], p.weight[1][c] = 1/float64(s.taken[0][c]), 1/float64(s.taken[1][c])
		}
	}
	return p
}

// predict measures a column; ok is false where fewer than two classes can be measured.
func (p *predictor) predict(v *values, o *ordered, ids []uint64) (r prediction, ok bool) {
	if p.n < 2 {
		return r, false
	}
	r.classes = p.n
	bins, edges := p.binsOf(v, o, ids)
	t := p.count(bins)
	r.rows, r.counted = t.rows[1], t.rows[0]+t.rows[1]
	r.binned, r.errors = t.accuracy(p)
	r.one, r.oneSplit, r.at = t.stump(p, edges, v.num != nil)
	r.bits, r.entropy = t.information()
	var single []int32
	single, r.seen = number64(ids)
	if r.mistaken = len(ids); 2*r.seen <= len(ids) { // what hardly repeats cannot be learned by heart
		r.valued, r.mistaken = p.byValue(single)
	}
	return r, true
}

// number64 numbers values in the order of their hashes.
func number64(ids []uint64) (bins []int32, n int) {
	distinct := slices.Clone(ids)
	slices.Sort(distinct)
	distinct = slices.Compact(distinct)
	bins = make([]int32, len(ids))
	for i, id := range ids {
		at, _ := slices.BinarySearch(distinct, id)
		bins[i] = int32(at)
	}
	return bins, len(distinct)
}

// binsOf cuts numbers into stretches of about as many rows of the sample, values that have
// more are alone; 0 is null. What is no number is cut by value: the most frequent ones have
// bins of their own, all others share the last.
func (p *predictor) binsOf(v *values, o *ordered, ids []uint64) (bins []int32, edges []float64) {
	if v.num == nil {
		return frequent(ids), nil
	}
	if edges = p.runs(v); edges == nil {
		edges = o.edges()
	}
	bins = make([]int32, len(v.num))
	for i, x := range v.num {
		if !v.null[i] {
			bins[i] = int32(1 + sort.SearchFloat64s(edges, x))
		}
	}
	return bins, edges
}

// runs cuts numbers where the class of training rows changes; nil: it changes more often than there may be
// bins, as it does where classes overlap.
func (p *predictor) runs(v *values) []float64 {
	order := make([]int32, 0, len(v.num))
	for i := range v.num {
		if !v.null[i] && p.s.train[i] && p.measure[p.s.class[i]] {
			order = append(order, int32(i))
		}
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(v.num[a], v.num[b]), cmp.Compare(p.s.class[a], p.s.class[b]), cmp.Compare(a, b))
	})
	edges := []float64{}
	for k := 1; k < len(order); k++ {
		low, high := order[k-1], order[k]
		if p.s.class[low] == p.s.class[high] {
			continue
		}
		if v.num[low] == v.num[high] || len(edges) == mostBins {
			return nil
		}
		edges = append(edges, v.num[low]+(v.num[high]-v.num[low])/2)
	}
	return edges
}

// edges are the upper ends of bins, each the highest value in it; what is above the last is one more.
func (o *ordered) edges() []float64 {
	var edges []float64
	room, in := max(o.n/mostBins, 1), 0
	if len(o.distinct) <= mostBins {
		room = 1
	}
	for i, k := range o.counts {
		if in > 0 && in+k > room {
			edges, in = append(edges, o.distinct[i-1]), 0
		}
		in += k
	}
	return edges
}

func frequent(ids []uint64) []int32 {
	count := map[uint64]int{}
	for _, id := range ids {
		count[id]++
	}
	distinct := make([]uint64, 0, len(count))
	for id := range count {
		distinct = append(distinct, id)
	}
	slices.SortFunc(distinct, func(a, b uint64) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		if a < b {
			return -1
		}
		return 1
	})
	place := map[uint64]int32{nullHash: 0}
	for _, id := range distinct[:min(len(distinct), mostBins)] {
		if _, known := place[id]; !known {
			place[id] = int32(len(place))
		}
	}
	bins := make([]int32, len(ids))
	for i, id := range ids {
		b, known := place[id]
		if !known {
			b = int32(len(place))
		}
		bins[i] = b
	}
	return bins
}

// counts are rows by side, bin and class.
type counts struct {
	classes, bins int
	of            [2][]int32
	rows          [2]int
}

func (t *counts) at(side, bin int) []int32 {
	return t.of[side][bin*t.classes : (bin+1)*t.classes]
}

func (p *predictor) count(bins []int32) *counts {
	t := &counts{classes: len(p.measure), bins: int(slices.Max(bins)) + 1}
	for side := range 2 {
		t.of[side] = make([]int32, t.classes*t.bins)
	}
	for i, b := range bins {
		p.add(t, int(b), int32(i), 1)
	}
	return t
}

// accuracy of naming for each bin the class that weighs most in it in training.
func (t *counts) accuracy(p *predictor) (balanced float64, errors int) {
	for b := range t.bins {
		train, others := t.at(0, b), t.at(1, b)
		best := heaviest(train, p.weight[0])
		for c := range train {
			if c != best {
				errors += int(train[c] + others[c])
			}
		}
		if best >= 0 {
			balanced += float64(others[best]) * p.weight[1][best] / float64(p.n)
		}
	}
	return balanced, errors
}

// heaviest is the class with most weight, of equal ones the first; -1: none has any.
func heaviest(rows []int32, weight []float64) int {
	best, most := -1, 0.0
	for c, n := range rows {
		if w := float64(n) * weight[c]; w > most {
			best, most = c, w
		}
	}
	return best
}

// byValue is accuracy over single values. There may be as many as rows, so that only the classes
// of the value's own rows are counted.
func (p *predictor) byValue(values []int32) (balanced float64, errors int) {
	order := make([]int32, len(values))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(values[a], values[b]), cmp.Compare(a, b)) })
	t := &counts{classes: len(p.measure), bins: 1}
	t.of = [2][]int32{make([]int32, t.classes), make([]int32, t.classes)}
	for from := 0; from < len(order); {
		to := from
		for to < len(order) && values[order[to]] == values[order[from]] {
			p.add(t, 0, order[to], 1)
			to++
		}
		own, wrong := t.accuracy(p)
		balanced, errors = balanced+own, errors+wrong
		for ; from < to; from++ {
			p.add(t, 0, order[from], -1)
		}
	}
	return balanced, errors
}

// add counts a row of the sample in a bin.
func (p *predictor) add(t *counts, bin int, row int32, n int32) {
	c := p.s.class[row]
	if !p.measure[c] {
		return
	}
	side := 1
	if p.s.train[row] {
		side = 0
	}
	t.at(side, bin)[c] += n
	t.rows[side] += int(n)
}

// stump finds the split of bins that tells one class from all others together best in training, and
// measures it on the others. Numbers are split where they pass an edge; of other columns one
// value is told from all others.
func (t *counts) stump(p *predictor, edges []float64, isOrdered bool) (class int, balanced, at float64) {
	best, total := 0.0, t.weights(p)
	for c, measured := range p.measure {
		if !measured {
			continue
		}
		s := t.split(p, total, c, isOrdered)
		if s.fitted <= best {
			continue
		}
		best, class, balanced, at = s.fitted, c, s.balanced, math.NaN()
		if s.bin >= 1 && s.bin-1 < len(edges) {
			at = edges[s.bin-1]
		}
	}
	return class, balanced, at
}

// weights of all classes together, by side and bin.
func (t *counts) weights(p *predictor) (total [2][]float64) {
	for side := range total {
		total[side] = make([]float64, t.bins)
		for b := range t.bins {
			for c, n := range t.at(side, b) {
				total[side][b] += float64(n) * p.weight[side][c]
			}
		}
	}
	return total
}

// oneSplit is how well one bin, or all up to one, tell a class from the others.
type oneSplit struct {
	bin      int
	fitted   float64 // difference of shares in training
	balanced float64 // balanced accuracy outside it
}

func (t *counts) split(p *predictor, total [2][]float64, c int, isOrdered bool) (s oneSplit) {
	var own, rest [2]float64
	for b := range t.bins {
		if !isOrdered || b == 1 { // null is on neither side of numbers
			own, rest = [2]float64{}, [2]float64{}
		}
		for side := range own {
			w := float64(t.at(side, b)[c]) * p.weight[side][c]
			own[side] += w
			rest[side] += (total[side][b] - w) / float64(p.n-1)
		}
		if d := own[0] - rest[0]; math.Abs(d) > s.fitted {
			s = oneSplit{b, math.Abs(d), 0.5 + math.Copysign(0.5, d)*(own[1]-rest[1])}
		}
	}
	return s
}

// information is the mutual information of bins and classes in training, in bits, and the
// entropy of classes, both with Miller and Madow's correction.
func (t *counts) information() (mutual, entropy float64) {
	n := float64(t.rows[0])
	if n == 0 {
		return 0, 0
	}
	bins, classes := make([]float64, t.bins), make([]float64, t.classes)
	cells, joint := 0, 0.0
	for b := range t.bins {
		for c, k := range t.at(0, b) {
			if k > 0 {
				cells++
				bins[b] += float64(k)
				classes[c] += float64(k)
				joint -= float64(k) / n * math.Log2(float64(k)/n)
			}
		}
	}
	hb, nb := entropyOf(bins, n)
	hc, nc := entropyOf(classes, n)
	correction := func(k int) float64 { return float64(k-1) / (2 * n * math.Ln2) }
	mutual = hb + correction(nb) + hc + correction(nc) - joint - correction(cells)
	return max(mutual, 0), hc + correction(nc)
}

func entropyOf(counts []float64, n float64) (bits float64, filled int) {
	for _, k := range counts {
		if k > 0 {
			bits -= k / n * math.Log2(k/n)
			filled++
		}
	}
	return bits, filled
}
