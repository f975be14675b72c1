package fingerprint

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Metric is a way to compare two vectors.
type Metric string

// The metrics, of vectors a and b of the same length n.
const (
	Cosine    Metric = "cosine"    // Σab / (‖a‖‖b‖), −1 to 1
	Euclidean Metric = "euclidean" // √Σ(a−b)²
	Manhattan Metric = "manhattan" // Σ|a−b|
	Jaccard   Metric = "jaccard"   // Σ of what both deviate in the same direction, over Σ of what either does, 0 to 1
	Pearson   Metric = "pearson"   // cosine of a and b without their means, −1 to 1
)

// Metrics lists them, the default first.
func Metrics() []Metric { return []Metric{Cosine, Euclidean, Manhattan, Jaccard, Pearson} }

// MetricNames lists their names, in the same order.
func MetricNames() []string {
	var names []string
	for _, m := range Metrics() {
		names = append(names, string(m))
	}
	return names
}

// ParseMetric reads a name.
func ParseMetric(name string) (Metric, error) {
	if m := Metric(name); slices.Contains(Metrics(), m) {
		return m, nil
	}
	return "", fmt.Errorf("metric %.40q is none of %s", name, strings.Join(MetricNames(), ", "))
}

// Distance reports whether less is more similar.
func (m Metric) Distance() bool { return m == Euclidean || m == Manhattan }

// What features may differ by where hosts match: as a share of the fixed scale, root mean
// square and mean, and in standard deviations of a baseline. docs/fingerprint.md has the
// figures that these bounds lie between.
const (
	fixedSquare = 0.2
	fixedMean   = 0.1
	deviations  = 1
)

// DefaultThreshold returns where vectors of n features match: NetDNA's 0.5 of
// similarities; of distances, which grow with n, what the bounds above make of n features
// on the scale.
func (m Metric) DefaultThreshold(n int, s Scale) float64 {
	square, mean := float64(fixedSquare), float64(fixedMean)
	if s != nil {
		square, mean = deviations, deviations
	}
	switch m {
	case Euclidean:
		return square * math.Sqrt(float64(n))
	case Manhattan:
		return mean * float64(n)
	}
	return 0.5
}

// Match is the reference's rule: a similarity of at least the threshold, a distance of
// at most that.
func (m Metric) Match(value, threshold float64) bool {
	if m.Distance() {
		return value <= threshold
	}
	return value >= threshold
}

// Of compares vectors of one length. The result is unknown where the metric is 0/0: no
// features; cosine of a vector without length, pearson of one whose components are all
// the same, jaccard of two that deviate nowhere.
func (m Metric) Of(a, b []float64) Value {
	if len(a) == 0 || len(a) != len(b) {
		return Value{}
	}
	switch m {
	case Euclidean:
		return known(euclidean(a, b))
	case Manhattan:
		return known(manhattan(a, b))
	case Jaccard:
		return jaccard(a, b)
	case Pearson:
		return cosine(centred(a), centred(b))
	}
	return cosine(a, b)
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += float64(a[i] * b[i]) // float64 keeps machines from fusing the operations
	}
	return sum
}

func cosine(a, b []float64) Value {
	norms := math.Sqrt(dot(a, a)) * math.Sqrt(dot(b, b))
	if norms == 0 {
		return Value{}
	}
	return known(within(dot(a, b)/norms, 1))
}

// centred takes the mean away. Components that are all the same have nothing left, also
// where their mean is not exact.
func centred(a []float64) []float64 {
	out := make([]float64, len(a))
	if slices.Max(a) == slices.Min(a) {
		return out
	}
	sum := 0.0
	for _, x := range a {
		sum += x
	}
	for i, x := range a {
		out[i] = x - sum/float64(len(a))
	}
	return out
}

func euclidean(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		d := a[i] - b[i]
		sum += float64(d * d)
	}
	return math.Sqrt(sum)
}

func manhattan(a, b []float64) (sum float64) {
	for i := range a {
		sum += math.Abs(a[i] - b[i])
	}
	return sum
}

// jaccard is the weighted index (Ruzicka): Σmin/Σmax of what a vector deviates upwards
// and downwards, each a component of its own.
func jaccard(a, b []float64) Value {
	both, either := 0.0, 0.0
	for i := range a {
		up, down := max(a[i], 0), max(-a[i], 0)
		otherUp, otherDown := max(b[i], 0), max(-b[i], 0)
		both += min(up, otherUp) + min(down, otherDown)
		either += max(up, otherUp) + max(down, otherDown)
	}
	if either == 0 {
		return Value{}
	}
	return known(both / either)
}
