package stat

import (
	"cmp"
	"slices"
)

// Point is a value of a window, such as an hour. Windows are numbered in time: those that
// follow one another have numbers that do. Weight says how much the value tells, as the
// number of windows that it is a mean of; it is above 0.
type Point struct {
	Window        int64
	Value, Weight float64
}

// Series are the windows of both sides.
type Series struct{ Baseline, Current []Point }

func (s Series) inOrder() Series { return Series{inOrder(s.Baseline), inOrder(s.Current)} }

// inOrder returns the points by window and value: sums over them do not depend on the
// order in which they came.
func inOrder(points []Point) []Point {
	sorted := slices.Clone(points)
	slices.SortFunc(sorted, func(a, b Point) int {
		return cmp.Or(cmp.Compare(a.Window, b.Window), cmp.Compare(a.Value, b.Value), cmp.Compare(a.Weight, b.Weight))
	})
	return sorted
}

// unit is what moves between the sides as a whole: its weight, and the weighted sum of
// its values.
type unit struct{ n, sum float64 }

func (u unit) mean() float64 { return u.sum / u.n }

// mostUnits of a side are moved: with more, draws take long and tell no more. Blocks are
// longer then.
const mostUnits = 1000

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
			units[i].sum += p.Weight * p.Value
			units[i].n += p.Weight
		}
	}
	return units
}
