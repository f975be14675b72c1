package stat

import (
	"cmp"
	"math"
	"slices"
)

// Memories estimates φ of series that are of one kind, such as the features of the same
// hosts, from all of them together: one series of 66 hours knows its own φ to 0.12, and
// fifty of them know what φ is usual. It is the estimator of James and Stein as Efron and
// Morris derive it (JASA 68, 1973): each estimate is drawn to the mean of all,
//
//	φ = mean + k (own − mean),  k = τ²/(τ²+v),  its variance  k v + (1−k)² v/m,
//
// by how much estimates differ (τ²) beyond what chance makes them (v). What is uncertain of
// τ² counts as τ²: one standard deviation more of how far the estimates lie apart. No
// estimate comes down by more than 1.5 of its own standard deviations (limited translation;
// Efron and Morris, JASA 67, 1972), so that the one series that remembers among many that do
// not is treated as what it is.
//
// Series that resemble one another are wrong together: estimates from series that correlate
// by ρ do by ρ² (Bartlett, JRSS Supplement 8, 1946), so that m is Kish's effective number
// 1/Σwwρ². Where it is below 2 each series stands alone.
func Memories(all []Series) []Memory {
	sides, own := make([][2][]residual, len(all)), make([]estimated, len(all))
	for i, s := range all {
		s = s.inOrder()
		sides[i] = [2][]residual{residuals(s.Baseline), residuals(s.Current)}
		own[i] = estimate(sides[i][:]...)
	}
	weights := weightsOf(own)
	p := pooled{alike: likeness(sides, weights)}
	if p.alike <= mostAlike {
		p.fit(own, weights)
	}
	memories := make([]Memory, len(all))
	for i, e := range own {
		memories[i] = p.memory(e)
	}
	return memories
}

// mostAlike is the likeness of two series, of which none knows more than one does.
const mostAlike = 0.5

// mostDrawn is how many of its standard deviations an estimate comes down at most.
const mostDrawn = 1.5

// weightsOf are the shares of series in all pairs.
func weightsOf(own []estimated) []float64 {
	pairs, weights := 0.0, make([]float64, len(own))
	for _, e := range own {
		pairs += e.pairs
	}
	for i, e := range own {
		weights[i] = e.pairs / max(pairs, 1)
	}
	return weights
}

// pooled is what is usual among series. Without a fit τ² is unbounded: all is as each says.
type pooled struct {
	alike     float64 // 1 over how many independent series know as much
	fitted    bool
	mean, tau float64 // of φ: mean and variance between series
}

func (p *pooled) fit(own []estimated, weights []float64) {
	for i, e := range own {
		p.mean += weights[i] * e.phi
	}
	apart, chance := 0.0, 0.0
	for i, e := range own {
		apart += weights[i] * (e.phi - p.mean) * (e.phi - p.mean) / (1 - p.alike)
		chance += weights[i] * e.variance(p.mean)
	}
	p.tau = max(0, apart*(1+math.Sqrt(2/(1/p.alike-1)))-chance)
	p.fitted = true
}

// memory of a series by its own estimate and what is usual.
func (p *pooled) memory(own estimated) Memory {
	if !p.fitted || own.pairs == 0 {
		return Memory{own.phi, own.variance(own.phi)}
	}
	v := own.variance(p.mean)
	k := p.tau / (p.tau + v)
	phi := p.mean + k*(own.phi-p.mean)
	return Memory{max(phi, own.phi-mostDrawn*math.Sqrt(v)), k*v + (1-k)*(1-k)*v*p.alike}
}

// likeness is Σ wᵢwⱼρᵢⱼ² over all pairs of series, ρ being the correlation of what windows
// of a side differ from its mean by. A window that a series lacks says nothing of its
// likeness to others. It is 1 where there is nothing to compare.
func likeness(sides [][2][]residual, weights []float64) float64 {
	rows := standardised(sides)
	sum := 0.0
	for i, a := range rows {
		for j, b := range rows[:i] {
			rho := 0.0
			for t := range a {
				rho += a[t] * b[t]
			}
			sum += 2 * weights[i] * weights[j] * rho * rho
		}
		sum += weights[i] * weights[i]
	}
	if sum == 0 {
		return 1
	}
	return sum
}

// standardised are series over the windows of all of them, made to a sum of squares of 1,
// with 0 where a series has none.
func standardised(sides [][2][]residual) [][]float64 {
	var windows []int64
	for i := range sides {
		for _, side := range sides[i] {
			for _, r := range side {
				windows = append(windows, r.window)
			}
		}
	}
	slices.Sort(windows)
	windows = slices.Compact(windows)
	rows := make([][]float64, len(sides))
	for i := range sides {
		rows[i] = make([]float64, len(windows))
		squares := 0.0
		for _, side := range sides[i] {
			for _, r := range side {
				at, _ := slices.BinarySearchFunc(windows, r.window, cmp.Compare[int64])
				rows[i][at] += r.value
				squares += r.value * r.value
			}
		}
		for t := range rows[i] {
			rows[i][t] /= math.Sqrt(max(squares, math.SmallestNonzeroFloat64))
		}
	}
	return rows
}
