package drift

import (
	"math"

	"pcapmill/model/drift/stat"
)

// decide completes findings that are judged together, features times segments: it adjusts
// their p-values, and what is unlikely enough and large enough is drift, with the largest
// severity of the questions that are sure of themselves. Findings with too few windows
// are not counted. overlap multiplies the p-values of a group (see overlaps).
func decide(findings []finding, overlap map[string]float64, c Config) {
	var p []float64
	var at []int
	for i := range findings {
		if x := &findings[i]; x.outcome != TooFew {
			p, at = append(p, min(1, x.p*overlap[x.group])), append(at, i)
		}
	}
	for i, adjusted := range stat.BenjaminiHochberg(p, 0) {
		findings[at[i]].decide(adjusted, c)
	}
}

// overlaps returns for each group what p-values of its features are multiplied by, so that
// they hold under any dependence among them: 1 + 1/2 + … + 1/n of n features (Benjamini
// and Yekutieli). Between groups and segments the dependence is taken to be positive.
func overlaps(kinds []kind) map[string]float64 {
	features := map[string]int{}
	for i := range kinds {
		features[kinds[i].group]++
	}
	factor := make(map[string]float64, len(features))
	for group, n := range features {
		factor[group] = stat.Harmonic(n)
	}
	return factor
}

func (x *finding) decide(adjusted float64, c Config) {
	x.adjusted, x.severity = adjusted, None
	size := x.size(c)
	switch {
	case adjusted > c.FalseRate:
		x.outcome = Same
	case size == None:
		x.outcome = TooSmall
	default:
		x.outcome, x.severity = Drift, size
	}
}

// size is the largest severity of the questions whose own p-value is small.
func (x *finding) size(c Config) Severity {
	size := None
	if x.sure[mean] {
		size = max(size, c.Effect.Of(math.Abs(x.effect)))
	}
	if x.sure[spreading] {
		size = max(size, c.Spread.Of(math.Abs(math.Log(x.spread))))
	}
	if x.sure[shape] {
		size = max(size, c.PSI.Of(x.psi))
	}
	return size
}
