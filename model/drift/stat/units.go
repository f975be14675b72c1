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

// starts returns where blocks of so many consecutive windows begin in sorted points. A
// remainder of less than half a block belongs to the one before it.
func starts(points []Point, block int) []int {
	var at []int
	last := int64(-1)
	for i, p := range points {
		if number := (p.Window - points[0].Window) / int64(block); i == 0 || number != last {
			at, last = append(at, i), number
		}
	}
	if n := len(at); n > 1 {
		windows := 1 + (points[len(points)-1].Window-points[0].Window)%int64(block)
		if 2*windows < int64(block) {
			at = at[:n-1]
		}
	}
	return at
}

// byBlock sums the points of each block.
func byBlock(points []Point, block int) []unit {
	at := starts(points, block)
	units := make([]unit, len(at))
	for i, from := range at {
		to := len(points)
		if i+1 < len(at) {
			to = at[i+1]
		}
		for _, p := range points[from:to] {
			units[i].sum += p.Value
		}
		units[i].n = float64(to - from)
	}
	return units
}
