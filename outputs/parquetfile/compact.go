package parquetfile

import (
	"encoding/binary"
	"math"
	"slices"
)

// appendValid appends the values whose valid byte is 1; a nil valid means all.
// Storing each value and moving on only after a valid one needs no branch.
func appendValid[T any](dst, src []T, valid []byte) []T {
	if valid == nil {
		return append(dst, src...)
	}
	n := len(dst)
	dst = slices.Grow(dst, len(src))
	free := dst[n : n+len(src)]
	valid = valid[:len(src)]
	j := 0
	for i, x := range src {
		free[j] = x
		j += int(valid[i])
	}
	return dst[:n+j]
}

// appendInts is appendValid with as much as possible in vectors.
func appendInts(dst, src []int64, valid []byte) []int64 {
	if valid == nil {
		return append(dst, src...)
	}
	n := len(dst)
	dst = slices.Grow(dst, len(src))
	done, kept := packInts(dst[n:n+len(src)], src, valid[:len(src)])
	return appendValid(dst[:n+kept], src[done:], valid[done:])
}

// appendDoubles appends the valid ones as PLAIN has them: eight bytes, the lowest
// first.
func appendDoubles(dst []byte, src []float64, valid []byte) []byte {
	n := len(dst)
	dst = slices.Grow(dst, 8*len(src))
	free := dst[n : n+8*len(src)]
	var done, kept int
	if valid == nil {
		done = copyDoubles(free, src)
		kept = done
	} else {
		valid = valid[:len(src)]
		done, kept = packDoubles(free, src, valid)
	}
	for i, x := range src[done:] {
		binary.LittleEndian.PutUint64(free[8*kept:], math.Float64bits(x))
		if valid == nil {
			kept++
		} else {
			kept += int(valid[done+i])
		}
	}
	return dst[:n+8*kept]
}

// scanDoubles returns the extent of PLAIN doubles, and whether all are finite. If
// not, the extent means nothing.
func scanDoubles(p []byte) (e extent[float64], finite bool) {
	e, finite, done := scanVectors(p)
	for p = p[done:]; len(p) >= 8; p = p[8:] {
		b := binary.LittleEndian.Uint64(p)
		x := math.Float64frombits(b)
		if !e.any {
			e = extent[float64]{x, x, true}
		}
		e.lo, e.hi = min(e.lo, x), max(e.hi, x)
		finite = finite && b&exponentBits != exponentBits
	}
	return e, finite
}

// exponentBits are all set in NaN and infinities alone.
const exponentBits = 0x7ff << 52
