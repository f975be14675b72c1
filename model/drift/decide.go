package drift

import (
	"math"

	"pcapmill/model/drift/stat"
)

// decide completes findings that are judged together, features times segments: it adjusts
// their p-values, and what is unlikely enough and large enough is drift, with the largest
// severity of the questions that are sure of themselves. Findings with too few windows
// are not counted. more is how many further ones there are, none of them unlikely.
func decide(findings []finding, more int, c Config) {
	overlap := overlaps(findings)
	var p []float64
	var at []int
	for i := range findings {
		if x := &findings[i]; x.outcome != TooFew {
			p, at = append(p, min(1, x.p*overlap[x.group])), append(at, i)
		}
	}
	for i, adjusted := range stat.BenjaminiHochberg(p, more) {
		findings[at[i]].decide(adjusted, c)
	}
}

// overlaps returns for each group what p-values of its features are multiplied by, so that
// they hold under any dependence among them: 1 + 1/2 + … + 1/n of n features (Benjamini
// and Yekutieli). Between groups and segments the dependence is taken to be positive.
func overlaps(findings []finding) map[string]float64 {
	features := map[string]map[int]bool{}
	for i := range findings {
		x := &findings[i]
		if features[x.group] == nil {
			features[x.group] = map[int]bool{}
		}
		features[x.group][x.feature] = true
	}
	factor := make(map[string]float64, len(features))
	for g, f := range features {
		factor[g] = stat.Harmonic(len(f))
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
