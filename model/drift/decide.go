package drift

import (
	"math"

	"pcapmill/model/drift/stat"
)

// Decide completes findings that are judged together, features times segments: it
// adjusts their p-values, and what is unlikely enough and large enough is drift, with
// the largest severity of effect, spread and PSI. Findings with too few windows are not counted.
func Decide(findings []Finding, c Config) {
	var p []float64
	var at []int
	for i, x := range findings {
		if x.Outcome != TooFew {
			p, at = append(p, x.P), append(at, i)
		}
	}
	adjust := stat.BenjaminiHochberg
	if c.Dependent {
		adjust = stat.BenjaminiYekutieli
	}
	for i, adjusted := range adjust(p) {
		findings[at[i]].decide(adjusted, c)
	}
}

func (x *Finding) decide(adjusted float64, c Config) {
	x.Adjusted, x.Severity = adjusted, None
	size := max(c.Effect.Of(math.Abs(x.Effect)), c.Effect.Of(math.Abs(x.Spread)), c.PSI.Of(x.PSI))
	switch {
	case adjusted > c.FalseRate:
		x.Outcome = Same
	case size == None:
		x.Outcome = TooSmall
	default:
		x.Outcome, x.Severity = Drift, size
	}
}

// Worst is the highest severity among findings.
func Worst(findings []Finding) Severity {
	worst := None
	for _, x := range findings {
		worst = max(worst, x.Severity)
	}
	return worst
}
