package sketch

import "math"

// PSICounts returns the population stability index Σ (c-r)·ln(c/r) of the shares c and r
// that categories have in two lists of counts, which are of equal length. Half a count is
// added to each, so that an empty one has a share: r = (n+½)/(N+½B) of B categories.
func PSICounts(reference, current []uint64) (float64, error) {
	return ofCounts(reference, current, psi)
}

// JensenShannonCounts returns the Jensen-Shannon distance of the shares of categories,
// √JSD with logarithms to base 2: 0 for equal shares, 1 where no category is shared.
func JensenShannonCounts(reference, current []uint64) (float64, error) {
	divergence, err := ofCounts(reference, current, jensenShannon)
	return math.Sqrt(divergence), err
}

func ofCounts(reference, current []uint64, d divergence) (float64, error) {
	if len(reference) != len(current) {
		return 0, ErrMismatch
	}
	r, c := sum(reference), sum(current)
	if r == 0 || c == 0 {
		return 0, ErrEmpty
	}
	total, groups := 0.0, len(reference)
	for i := range reference {
		total += d.term(d.share(float64(reference[i]), r, groups), d.share(float64(current[i]), c, groups))
	}
	return total, nil
}

// sum is that of counts as a float64, which does not wrap.
func sum(counts []uint64) float64 {
	total := 0.0
	for _, n := range counts {
		total += float64(n)
	}
	return total
}

// divergence is a sum over groups of a function of two shares that is 0 where they are
// equal and grows with the distance of either from the other.
type divergence int

const (
	psi divergence = iota
	jensenShannon
)

func (d divergence) term(r, c float64) float64 {
	if d == psi {
		return psiTerm(r, c)
	}
	return jensenShannonTerm(r, c)
}

// share returns that of a count among total ones in so many groups.
func (d divergence) share(count, total float64, groups int) float64 {
	if d == psi {
		return (count + 0.5) / (total + 0.5*float64(groups))
	}
	return count / total
}

func psiTerm(r, c float64) float64 { return (c - r) * math.Log(c/r) }

func jensenShannonTerm(r, c float64) float64 {
	return max((relative(r, r+c)+relative(c, r+c))/2, 0) // rounding could leave less
}

// relative is p·log2(p/(s/2)).
func relative(p, s float64) float64 {
	if p == 0 {
		return 0
	}
	return p * math.Log2(2*p/s)
}
