//go:build !nounsafe

package parquetfile

import "golang.org/x/sys/cpu"

// The functions below do the front of their work in vectors of four values and
// say how far they came; kept is the number of valid ones among done.

func packInts(dst, src []int64, valid []byte) (done, kept int) {
	if done = whole(len(src)); done == 0 {
		return 0, 0
	}
	_, _ = dst[:done], valid[:done]
	return done, compactInts(&dst[0], &src[0], &valid[0], done)
}

func packDoubles(dst []byte, src []float64, valid []byte) (done, kept int) {
	if done = whole(len(src)); done == 0 {
		return 0, 0
	}
	_, _ = dst[:8*done], valid[:done]
	return done, compactDoubles(&dst[0], &src[0], &valid[0], done)
}

func copyDoubles(dst []byte, src []float64) (done int) {
	if done = whole(len(src)); done == 0 {
		return 0
	}
	_ = dst[:8*done]
	moveDoubles(&dst[0], &src[0], done)
	return done
}

// scanVectors is scanDoubles of the first done bytes.
func scanVectors(p []byte) (e extent[float64], finite bool, done int) {
	n := whole(len(p) / 8)
	if n == 0 {
		return e, true, 0
	}
	lo, hi, bad := extentDoubles(&p[0], n)
	return extent[float64]{lo, hi, true}, bad == 0, 8 * n
}

// whole returns how many of n values fill vectors, 0 where there are none.
func whole(n int) int {
	if !cpu.X86.HasAVX2 || !cpu.X86.HasPOPCNT {
		return 0
	}
	return n &^ 3
}

// validLanes says which halves of the values a vector keeps, by its four valid bytes.
//
//lint:ignore U1000 compact_amd64.s reads it
var validLanes = func() (t [16][8]uint32) {
	for mask := range t {
		n := 0
		for i := range uint32(4) {
			if mask>>i&1 != 0 {
				t[mask][n], t[mask][n+1] = 2*i, 2*i+1
				n += 2
			}
		}
	}
	return t
}()

// compactInts stores those of n values whose valid byte is 1 and returns their
// number. n is a multiple of 4 above 0, dst has room for all. It needs AVX2.
//
//go:noescape
func compactInts(dst, src *int64, valid *byte, n int) int

// compactDoubles is compactInts of doubles.
//
//go:noescape
func compactDoubles(dst *byte, src *float64, valid *byte, n int) int

// moveDoubles stores n values, under the same conditions.
//
//go:noescape
func moveDoubles(dst *byte, src *float64, n int)

// extentDoubles returns the bounds of n values, and bits other than 0 where not all
// are finite, under the same conditions.
//
//go:noescape
func extentDoubles(p *byte, n int) (lo, hi float64, bad uint64)
