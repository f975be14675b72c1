package baseline

// Features say much the same: bytes follow packets, and rates are counts per second. So
// what sums and squares have beyond the expected is written as the difference to that of
// one of the features before, where this is smaller. Which one follows from the numbers,
// and is checked when they are read.

// residuals are what a feature's hours have beyond the expected.
type residuals struct {
	sums   []int64 // of hours with values
	beyond []int64 // of hours with two at least; never negative
}

// past has the residuals of all features of a block.
type past []residuals

// newPast has room for so many hours.
func newPast(features, hours int) past {
	p := make(past, features)
	room := make([]int64, 2*hours*features)
	for f := range p {
		p[f].sums, p[f].beyond = room[:0:hours], room[hours:hours:2*hours]
		room = room[2*hours:]
	}
	return p
}

func (p past) at(f int) *residuals { return &p[f] }

// part is what of the residuals is written together.
type part struct {
	of     func(*residuals) []int64
	signed bool
}

// The parts: of sums all but the first.
func sums() part {
	return part{func(r *residuals) []int64 { return r.sums[min(1, len(r.sums)):] }, true}
}
func squares() part { return part{func(r *residuals) []int64 { return r.beyond }, false} }

// A reference is one of as many features before as referenceBits can say, 0 for none.
const (
	referenceBits = 4
	furthest      = 1<<referenceBits - 1
)

// write appends a reference, where there are several numbers, and the differences.
func (p past) write(w *bitWriter, b *block, f int, what part) {
	vs := what.of(&p[f])
	back := p.reference(b, f, what)
	if len(vs) > 1 {
		w.put(uint64(back), referenceBits)
	}
	var coded [hoursPerDay]uint64
	for i, v := range vs {
		if back > 0 || what.signed {
			coded[i] = zigzag(v - p.referred(f, back, i, what))
		} else {
			coded[i] = uint64(v)
		}
	}
	w.column(coded[:len(vs)])
}

// read sets the residuals of a feature, whose slices have their lengths already.
func (p past) read(r *bitReader, b *block, f int, what part) {
	vs := what.of(&p[f])
	back := 0
	if len(vs) > 1 {
		back = int(r.get(referenceBits))
	}
	if back > f || !b.alike(f, f-back) {
		r.fail()
	}
	var coded [hoursPerDay]uint64
	r.column(coded[:len(vs)])
	if r.failed {
		return
	}
	for i := range vs {
		if vs[i] = int64(coded[i]); back > 0 || what.signed {
			vs[i] = unzigzag(coded[i]) + p.referred(f, back, i, what)
		}
		if vs[i] > maxNumber || vs[i] < -maxNumber || vs[i] < 0 && !what.signed {
			r.fail()
			return
		}
	}
	if back != p.reference(b, f, what) {
		r.fail()
	}
}

// referred returns a residual of the reference, 0 of none.
func (p past) referred(f, back, i int, what part) int64 {
	if back == 0 {
		return 0
	}
	return what.of(&p[f-back])[i]
}

// reference returns how far back the feature is whose differences are the smallest, the
// nearest of equal ones, 0 where none is better than nothing. One number needs none.
func (p past) reference(b *block, f int, what part) int {
	vs := what.of(&p[f])
	if len(vs) < 2 {
		return 0
	}
	best, least := 0, magnitude(vs)
	if !what.signed {
		least /= 2 // they need no sign
	}
	for back := 1; back <= min(f, furthest) && least > 0; back++ {
		if !b.alike(f, f-back) {
			continue
		}
		if m := distance(vs, what.of(&p[f-back])); m < least {
			best, least = back, m
		}
	}
	return best
}

// magnitude and distance are sums over up to 24 numbers below maxNumber.
func magnitude(vs []int64) (sum uint64) {
	for _, v := range vs {
		sum += uint64(max(v, -v))
	}
	return sum
}

func distance(vs, from []int64) (sum uint64) {
	for i, v := range vs {
		v -= from[i]
		sum += uint64(max(v, -v))
	}
	return sum
}

// alike reports whether two features have as many values in each hour.
func (b *block) alike(f, g int) bool {
	for i := range b.hours {
		if b.hours[i].cells[f].n != b.hours[i].cells[g].n {
			return false
		}
	}
	return true
}
