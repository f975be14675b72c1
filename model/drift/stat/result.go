package stat

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Result is the outcome of a test.
type Result struct {
	Statistic float64 // of the test: t, chi-square or PSI
	DF        float64 // degrees of freedom; 0: its law has none
	P         float64 // of a statistic at least as extreme where nothing changed
	Units     int     // what was taken as independent, of both sides together
	Block     int     // windows a block
	Expected  float64 // mean of the drawn PSI: what it comes to where nothing changed
}

// surest is the smallest p-value given: below it no law is to be trusted.
const surest = 1e-12

// TwoSided is the probability of |T| ≥ |t| under Student's law.
func TwoSided(t, df float64) float64 {
	return max(surest, min(1, 2*distuv.StudentsT{Sigma: 1, Nu: df}.Survival(math.Abs(t))))
}

// logChoose is ln C(n, k).
func logChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}
