package stat

import (
	"cmp"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// leastExpected is the count that each cell of a chi-square test must be expected to
// have (Cochran, Biometrics 10, 1954).
const leastExpected = 5

// ChiSquare compares the counts of categories, baseline[i] and current[i] being of the
// same one. All categories that are expected to be rarer than 5 on either side are pooled,
// and with them the next ones until the pool is not. design is how many times larger the variance of a
// count is than that of independent values (Kish's design effect; Rao and Scott, JASA
// 76, 1981); 1 where they are.
func ChiSquare(baseline, current []int64, design float64) (Result, bool) {
	b, c := pool(baseline, current)
	nb, nc := total(b), total(c)
	if len(b) < 2 || nb == 0 || nc == 0 {
		return Result{}, false
	}
	r := Result{DF: float64(len(b) - 1), Units: int(nb + nc)}
	for i := range b {
		both := b[i] + c[i]
		eb, ec := both*nb/(nb+nc), both*nc/(nb+nc)
		r.Statistic += (b[i]-eb)*(b[i]-eb)/eb + (c[i]-ec)*(c[i]-ec)/ec
	}
	r.Statistic /= max(1, design)
	r.P = distuv.ChiSquared{K: r.DF}.Survival(r.Statistic)
	return r, true
}

// pool returns the counts of frequent categories, and of all others together.
func pool(baseline, current []int64) (b, c []float64) {
	type cell struct{ b, c float64 }
	cells, nb, nc := make([]cell, 0, len(baseline)), 0.0, 0.0
	for i := range min(len(baseline), len(current)) {
		if x := (cell{float64(baseline[i]), float64(current[i])}); x.b+x.c > 0 {
			cells, nb, nc = append(cells, x), nb+x.b, nc+x.c
		}
	}
	slices.SortStableFunc(cells, func(x, y cell) int { return cmp.Compare(x.b+x.c, y.b+y.c) })
	// A category of so many on both sides together is expected to have 5 on the smaller.
	enough := leastExpected * (nb + nc) / min(nb, nc)
	for len(cells) > 1 && min(cells[0].b+cells[0].c, cells[1].b+cells[1].c) < enough {
		cells[1].b, cells[1].c = cells[1].b+cells[0].b, cells[1].c+cells[0].c
		cells = cells[1:]
	}
	for _, x := range cells {
		b, c = append(b, x.b), append(c, x.c)
	}
	return b, c
}
