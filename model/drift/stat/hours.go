package stat

// leastHours of a baseline are needed to know what hours differ by.
const leastHours = 8

// ByHours compares means with hours as units, one point each. Where both sides have many,
// it is ByWindow. Where the current side has few, their mean is one new value of what the
// baseline's hours vary by, each against the others: t with their number less one degrees
// of freedom. It is false with fewer than 8 hours in the baseline.
func ByHours(baseline, current []Point, d Draws) (Result, bool) {
	if r, ok := ByWindow(baseline, current, d); ok {
		return r, true
	}
	k := float64(len(baseline))
	if len(baseline) < leastHours || len(current) == 0 {
		return Result{}, false
	}
	center, squares, now := 0.0, 0.0, 0.0
	for _, p := range baseline {
		center += p.Value / k
	}
	for _, p := range baseline {
		squares += (p.Value - center) * (p.Value - center)
	}
	for _, p := range current {
		now += (p.Value - center) / float64(len(current))
	}
	r := Result{DF: k - 1, Units: len(baseline) + 1, Windows: len(current)}
	r.Statistic = studentised(now, squares/(k-1)*(1+1/k), squares/k+now*now)
	r.P = TwoSided(r.Statistic, r.DF)
	return r, true
}
