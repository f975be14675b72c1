package stat

import (
	"math"
	"slices"
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

// TestStarts: of seven windows, gaps or not, blocks of three make two; the remainder of
// one window is no block of its own. Of eight it would be.
func TestStarts(t *testing.T) {
	var points []Point
	for _, w := range []int64{10, 10, 11, 12, 13, 15, 19, 1 << 62} {
		points = append(points, Point{Window: w, Value: 1, Weight: 1})
	}
	if got := starts(points, 3); !slices.Equal(got, []int{0, 4}) {
		t.Error(got)
	}
	if units := byBlock(points, 3); units[0].n != 4 || units[1].n != 4 {
		t.Error(units)
	}
	if got := starts(append(points, Point{Window: 1<<62 + 1}), 3); !slices.Equal(got, []int{0, 4, 7}) {
		t.Error(got)
	}
}
