package stat

import (
	"math"
	"testing"
)

// TestBlockShare adds up covariances: the variance of the mean of b values is
// Σᵢⱼ φ^|i−j| / b², that of an endless series' mean, times its length, (1+φ)/(1−φ).
func TestBlockShare(t *testing.T) {
	for _, phi := range []float64{0, 0.3, 0.5, 0.8, memoryMost} {
		for _, b := range []int{1, 2, 7, 40} {
			sum := 0.0
			for i := range b {
				for j := range b {
					sum += math.Pow(phi, math.Abs(float64(i-j)))
				}
			}
			want := sum / float64(b) * (1 - phi) / (1 + phi)
			if got := blockShare(phi, b); math.Abs(got-want) > 1e-12 {
				t.Errorf("φ %v, %d windows: %v, not %v", phi, b, got, want)
			}
		}
	}
}

// TestStarts: blocks of three windows begin where windows say, gaps or not, and a
// remainder of one window is no block of its own.
func TestStarts(t *testing.T) {
	var points []Point
	for _, w := range []int64{10, 10, 11, 12, 13, 15, 19, 22} {
		points = append(points, Point{Window: w, Value: 1})
	}
	got := starts(points, 3) // 10–12, 13–15, 19–21; 22 alone joins the last
	if len(got) != 3 || got[0] != 0 || got[1] != 4 || got[2] != 6 {
		t.Error(got)
	}
	if units := byBlock(points, 3); units[0].n != 4 || units[2].n != 2 {
		t.Error(units)
	}
}
