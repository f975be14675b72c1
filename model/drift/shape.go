package drift

import "slices"

// grouped cuts the histograms of units at edges of bins, so that both sides together have
// about the same in each of at most so many groups: cut from one side, they would fit it
// better than any rearrangement.
func grouped(pairs []pair, groups int) (before, now [][]float64) {
	share := map[int16]float64{}
	for i := range pairs {
		addShares(share, &pairs[i])
	}
	of, n := groupsOf(share, groups)
	for i := range pairs {
		before = append(before, counted(pairs[i].before.BinNumbers, of, n))
		now = append(now, counted(pairs[i].now.BinNumbers, of, n))
	}
	return before, now
}

// addShares adds what a unit has in each bin, its sides counting the same.
func addShares(share map[int16]float64, p *pair) {
	for _, side := range []func() ([]int16, []uint64){p.before.BinNumbers, p.now.BinNumbers} {
		bins, counts := side()
		total := 0.0
		for _, n := range counts {
			total += float64(n)
		}
		for i, n := range counts {
			share[bins[i]] += float64(n) / total
		}
	}
}

// groupsOf gives each bin its group.
func groupsOf(share map[int16]float64, groups int) (of map[int16]int, n int) {
	bins := make([]int16, 0, len(share))
	for b := range share {
		bins = append(bins, b)
	}
	slices.Sort(bins)
	total := 0.0
	for _, b := range bins {
		total += share[b]
	}
	of = make(map[int16]int, len(bins))
	sum, group := 0.0, 0
	for _, b := range bins {
		of[b], n = group, group+1
		if sum += share[b]; sum >= total*float64(group+1)/float64(groups) {
			group++
		}
	}
	return of, n
}

func counted(bins func() ([]int16, []uint64), of map[int16]int, n int) []float64 {
	counts := make([]float64, n)
	at, numbers := bins()
	for i, b := range at {
		counts[of[b]] += float64(numbers[i])
	}
	return counts
}
