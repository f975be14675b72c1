package stat

import (
	"cmp"
	"slices"
)

// Point is one value of one host in one window. Windows are numbered in time, without
// regard to gaps: those that follow one another have numbers that do.
type Point struct {
	Host   string
	Window int64
	Value  float64
}

// Values of points, in their order.
func Values(points []Point) []float64 {
	values := make([]float64, len(points))
	for i, p := range points {
		values[i] = p.Value
	}
	return values
}

// InOrder returns the points by window, host and value: sums over them do not depend on
// the order of rows.
func InOrder(points []Point) []Point {
	sorted := slices.Clone(points)
	slices.SortFunc(sorted, func(a, b Point) int {
		return cmp.Or(cmp.Compare(a.Window, b.Window), cmp.Compare(a.Host, b.Host), cmp.Compare(a.Value, b.Value))
	})
	return sorted
}

// unit is what moves between the sides as a whole.
type unit struct{ n, sum float64 }

func (u unit) mean() float64 { return u.sum / u.n }

// mostUnits of a side are moved: with more, draws take long and tell no more. Hosts beyond
// share a unit with others, blocks are longer.
const mostUnits = 1000

// groupOf puts n units into at most mostUnits of about the same number.
func groupOf(i, n int) int { return i * min(n, mostUnits) / n }

// joined adds up units, so that there are no more than mostUnits.
func joined(units []unit) []unit {
	groups := make([]unit, min(len(units), mostUnits))
	for i, u := range units {
		g := &groups[groupOf(i, len(units))]
		g.n, g.sum = g.n+u.n, g.sum+u.sum
	}
	return groups
}

// joinedCounts does so with histograms.
func joinedCounts(units [][]float64) [][]float64 {
	if len(units) <= mostUnits {
		return units
	}
	groups := make([][]float64, mostUnits)
	for i, bins := range units {
		g := &groups[groupOf(i, len(units))]
		if *g == nil {
			*g = make([]float64, len(bins))
		}
		addTo(*g, bins)
	}
	return groups
}

// byHost sums the points of each host, hosts in order of their first point.
func byHost(points []Point) (hosts []string, units []unit) {
	at := make(map[string]int)
	for _, p := range points {
		i, seen := at[p.Host]
		if !seen {
			i = len(units)
			at[p.Host] = i
			hosts, units = append(hosts, p.Host), append(units, unit{})
		}
		units[i].n++
		units[i].sum += p.Value
	}
	return hosts, units
}

// starts returns where blocks of so many consecutive windows begin in sorted points. What
// is missing between windows makes no difference. A remainder of less than half a block
// belongs to the one before it.
func starts(points []Point, block int) []int {
	var at []int
	windows := 0
	for i, p := range points {
		if i > 0 && p.Window == points[i-1].Window {
			continue
		}
		if windows%block == 0 {
			at = append(at, i)
		}
		windows++
	}
	if rest := windows % block; len(at) > 1 && rest > 0 && 2*rest < block {
		at = at[:len(at)-1]
	}
	return at
}

// byBlock sums the points of each block.
func byBlock(points []Point, block int) []unit {
	at := append(starts(points, block), len(points))
	units := make([]unit, len(at)-1)
	for i := range units {
		for _, p := range points[at[i]:at[i+1]] {
			units[i].sum += p.Value
		}
		units[i].n = float64(at[i+1] - at[i])
	}
	return units
}
