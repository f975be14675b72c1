package leak

import (
	"math"
	"math/bits"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// Hashes of cells. They are fixed: the same table has the same findings everywhere.

const nullHash = 0x9e3779b97f4a7c15

// mix joins a hash with a number (multiplication to 128 bits, folded).
func mix(h, x uint64) uint64 {
	hi, lo := bits.Mul64(h^0xa0761d6478bd642f, x^0xe7037ed1a0b428db)
	return scramble(hi ^ lo ^ x)
}

// scramble spreads every bit over all (the finaliser of MurmurHash3).
func scramble(x uint64) uint64 {
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

func hashText(s string) uint64 {
	h := uint64(len(s))
	for len(s) >= 8 {
		h = mix(h, uint64(s[0])|uint64(s[1])<<8|uint64(s[2])<<16|uint64(s[3])<<24|uint64(s[4])<<32|uint64(s[5])<<40|uint64(s[6])<<48|uint64(s[7])<<56)
		s = s[8:]
	}
	last := uint64(0)
	for i := range len(s) {
		last |= uint64(s[i]) << (8 * i)
	}
	return mix(h, last)
}

// numeric reports whether cells of a type are one number each.
func numeric(t column.Type) bool {
	return t == column.Int64 || t == column.Int32 || t == column.Double || t == column.Timestamp
}

func textual(t column.Type) bool {
	return t == column.String || t == column.Text || t == column.Binary
}

// number returns a numeric cell that is not null.
func number(v *batch.Vector, t column.Type, i int) float64 {
	switch t {
	case column.Int32:
		return float64(v.Int32[i])
	case column.Double:
		return v.Float64[i]
	}
	return float64(v.Int64[i])
}

// finite returns a numeric cell, and whether it has a value: tables of others have NaN and
// infinities where they know none.
func finite(v *batch.Vector, t column.Type, i int) (float64, bool) {
	if v.Null(i) {
		return 0, false
	}
	x := number(v, t, i)
	return x, x-x == 0
}

// exactHash returns the hash of a cell's value.
func exactHash(v *batch.Vector, t column.Type, i int) uint64 {
	switch {
	case v.Null(i):
		return nullHash
	case t == column.Int64, t == column.Timestamp:
		return scramble(uint64(v.Int64[i]))
	case t == column.Int32:
		return scramble(uint64(int64(v.Int32[i])))
	case t == column.Double:
		return scramble(math.Float64bits(v.Float64[i] + 0)) // -0 is 0
	case textual(t):
		return hashText(v.String(i))
	}
	return hashList(v, t, i, func(x uint64) uint64 { return x })
}

// binHash returns the hash of a cell's value to within a factor of two.
func binHash(v *batch.Vector, t column.Type, i int) uint64 {
	switch {
	case v.Null(i):
		return nullHash
	case numeric(t):
		return scramble(uint64(bin(number(v, t, i))))
	case textual(t):
		return hashText(v.String(i))
	}
	return hashList(v, t, i, func(x uint64) uint64 { return uint64(bin(float64(int64(x)))) })
}

// bin returns the power of two that a number has reached, with its sign; 0: less than 1/1024.
func bin(x float64) int64 {
	if math.Abs(x) < 1.0/1024 || math.IsNaN(x) {
		return 0
	}
	_, e := math.Frexp(x) // -9 and more
	if x < 0 {
		return -int64(e) - 2000
	}
	return int64(e) + 2000
}

func hashList(v *batch.Vector, t column.Type, i int, of func(uint64) uint64) uint64 {
	h := uint64(v.Offsets[i+1] - v.Offsets[i])
	for j := v.Offsets[i]; j < v.Offsets[i+1]; j++ {
		switch t {
		case column.ListInt64:
			h = mix(h, of(uint64(v.Int64[j])))
		case column.ListInt32:
			h = mix(h, of(uint64(int64(v.Int32[j]))))
		default:
			h = mix(h, hashText(v.Dict[v.Codes[j]]))
		}
	}
	return h
}
