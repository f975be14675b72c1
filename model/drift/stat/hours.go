package stat

// LeastHours of a baseline are needed to know what hours differ by.
const LeastHours = 8

// Prior is what is believed of how far the means of a network's hours lie apart, as long
// as there are too few of them to tell: a standard deviation, and how many hours would
// tell as much.
type Prior struct{ Spread, Hours float64 }

// ByHours asks whether the mean of the current hours is one new value of what the
// baseline's hours vary by: t with the number of these less one degrees of freedom. However
// many current hours there are, it takes them for one, as of a day that is as a whole
// unlike others. With fewer than 8 hours of the baseline the prior counts too.
func ByHours(baseline, current []Point, prior Prior) (Result, bool) {
	k := float64(len(baseline))
	if len(baseline) >= LeastHours {
		prior = Prior{}
	}
	if len(baseline) == 0 || len(current) == 0 || prior.Hours+k < 2 {
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
	r := Result{DF: prior.Hours + k - 1, Units: len(baseline) + 1}
	variance := (prior.Hours*prior.Spread*prior.Spread + squares) / r.DF
	r.Statistic = studentised(now, variance*(1+1/k), squares/k+now*now)
	r.P = TwoSided(r.Statistic, r.DF)
	return r, true
}
