package baseline

// Features say much the same: bytes follow packets, and rates are counts per second. So
// what sums and squares have beyond the expected is written as the difference to that of
// one of the features before, where this is smaller. Which one follows from the numbers,
// and is checked when they are read.

// past has what was packed or read of the features before.
type past struct {
	class   []int // equal for features within reach that have as many values in each hour
	sums    part  // of hours with values, but for the first
	squares part  // beyond the least, of hours with two values at least
}

// part is what of the residuals is written together: a column of each feature.
type part struct {
	signed    bool // squares are never negative
	numbers   [][hoursPerDay]int64
	count     []int
	magnitude []uint64
}

func newPast(features int) *past {
	return &past{make([]int, features), newPart(features, true), newPart(features, false)}
}

func newPart(features int, signed bool) part {
	return part{signed, make([][hoursPerDay]int64, features), make([]int, features), make([]uint64, features)}
}

// A reference is one of as many features before as referenceBits can say, 0 for none.
const (
	referenceBits = 4
	furthest      = 1<<referenceBits - 1
)

// classify finds the class of a feature whose values are counted.
func (p *past) classify(b *block, f int) {
	for g := f - 1; g >= max(0, f-furthest); g-- {
		if b.alike(f, g) {
			p.class[f] = p.class[g]
			return
		}
	}
	p.class[f] = f
}

// alike reports whether two features have as many values in each hour.
func (b *block) alike(f, g int) bool {
	x, y := b.of(f), b.of(g)
	for i := range x {
		if x[i].n != y[i].n {
			return false
		}
	}
	return true
}

// at returns the numbers of a feature.
func (t *part) at(f int) []int64 { return t.numbers[f][:t.count[f]] }

// begin makes a feature have no numbers.
func (t *part) begin(f int) { t.count[f], t.magnitude[f] = 0, 0 }

func (t *part) append(f int, v int64) {
	t.numbers[f][t.count[f]] = v
	t.count[f]++
	t.magnitude[f] += uint64(max(v, -v))
}

// write appends a reference, where there are several numbers, and the differences.
func (t *part) write(w *bitWriter, f int, class []int) {
	vs := t.at(f)
	back := t.reference(f, class)
	if len(vs) > 1 {
		w.put(uint64(back), referenceBits)
	}
	var coded [hoursPerDay]uint64
	for i, v := range vs {
		if back > 0 {
			coded[i] = zigzag(v - t.numbers[f-back][i])
		} else if t.signed {
			coded[i] = zigzag(v)
		} else {
			coded[i] = uint64(v)
		}
	}
	w.column(coded[:len(vs)])
}

// read reads n numbers of a feature.
func (t *part) read(r *bitReader, f, n int, class []int) {
	t.begin(f)
	back := 0
	if n > 1 {
		back = int(r.get(referenceBits))
	}
	var coded [hoursPerDay]uint64
	r.column(coded[:n])
	if back > f || class[f-back] != class[f] {
		r.fail()
	}
	if r.failed {
		return
	}
	if !t.take(f, coded[:n], back) || back != t.reference(f, class) {
		r.fail()
	}
}

// take sets the numbers of a feature from what was written, and reports whether they can
// be those of a block.
func (t *part) take(f int, coded []uint64, back int) bool {
	vs, magnitude, signs, all := &t.numbers[f], uint64(0), int64(0), uint64(0)
	for i, c := range coded {
		v := int64(c)
		if back > 0 {
			v = unzigzag(c) + t.numbers[f-back][i]
		} else if t.signed {
			v = unzigzag(c)
		}
		vs[i] = v
		m := uint64(max(v, -v))
		magnitude += m
		all |= m
		signs |= v
	}
	t.count[f], t.magnitude[f] = len(coded), magnitude
	return all < 2*maxNumber && (signs >= 0 || t.signed)
}

// reference returns how far back the feature is whose differences are the smallest, the
// nearest of equal ones, 0 where none is better than nothing. One number needs none.
func (t *part) reference(f int, class []int) int {
	if t.count[f] < 2 {
		return 0
	}
	best, least := 0, t.magnitude[f]
	if !t.signed {
		least /= 2 // they need no sign
	}
	vs := t.at(f)
	for back := 1; back <= min(f, furthest) && least > 0; back++ {
		g := f - back
		if class[g] != class[f] || apart(t.magnitude[f], t.magnitude[g]) >= least {
			continue
		}
		if m := distance(vs, t.numbers[g][:len(vs)], least); m < least {
			best, least = back, m
		}
	}
	return best
}

// apart is a bound: numbers differ by as much as their magnitudes, at least.
func apart(a, b uint64) uint64 { return max(a, b) - min(a, b) }

// distance is the sum of differences, or what is no less than a limit.
func distance(vs, from []int64, limit uint64) (sum uint64) {
	for i, v := range vs {
		v -= from[i]
		if sum += uint64(max(v, -v)); sum >= limit {
			break
		}
	}
	return sum
}
