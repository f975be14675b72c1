package rules

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/bits"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/sketch"
	"pcapmill/outputs/where"
)

// tally is the aggregate of the rows of one window and group.
type tally struct {
	rows     int64      // that came
	known    int64      // of them, with a value
	whole    wide       // sum of integers
	sum      *big.Float // sum of others; nil: 0
	least    float64
	most     float64
	distinct *sketch.Distinct
}

// exact is a precision with which every sum of fewer than 2^62 float64 is exact: they are
// multiples of 2^-1074 below 2^1024. So no order shows.
const exact = 1074 + 1024 + 62

// tallyBytes is what a tally takes; a sum and a set of hashes come on top.
const (
	tallyBytes    = 112
	sumBytes      = 64 + exact/8
	distinctBytes = 64
	hashBytes     = 16 // of one in a set, which grows by doubling
)

// add counts a row, and returns how much memory it took.
func (t *tally) add(a *Aggregate, col *column.Column, v *batch.Vector, row int) int {
	t.rows++
	if a.Func == "count" {
		t.known++
		return 0
	}
	if v.Null(row) || col.Type == column.Double && !finite(v.Float64[row]) {
		return 0 // what is no number is not known: ours have none, others' files may
	}
	t.known++
	switch a.Func {
	case "distinct":
		return t.addDistinct(col, v, row)
	case "sum", "mean":
		return t.addSum(col.Type, v, row)
	}
	x := where.NumberAt(col.Type, v, row)
	if t.known == 1 {
		t.least, t.most = x, x
	}
	t.least, t.most = min(t.least, x), max(t.most, x)
	return 0
}

// wide is a whole number of 128 bits.
type wide struct {
	hi int64
	lo uint64
}

func (w *wide) add(x int64) {
	var carry uint64
	w.lo, carry = bits.Add64(w.lo, uint64(x), 0)
	w.hi += x>>63 + int64(carry)
}

func (w wide) float() *big.Float {
	hi, lo := new(big.Float).SetInt64(w.hi), new(big.Float).SetUint64(w.lo)
	return new(big.Float).SetPrec(exact).Add(hi.SetMantExp(hi, 64), lo)
}

func (t *tally) addSum(typ column.Type, v *batch.Vector, row int) int {
	if typ != column.Double {
		t.whole.add(where.IntegerAt(typ, v, row))
		return 0
	}
	grown := 0
	if t.sum == nil {
		t.sum = new(big.Float).SetPrec(exact)
		grown = sumBytes
	}
	t.sum.Add(t.sum, big.NewFloat(v.Float64[row]))
	return grown
}

func (t *tally) addDistinct(col *column.Column, v *batch.Vector, row int) int {
	grown := 0
	if t.distinct == nil {
		t.distinct = new(sketch.Distinct)
		grown = distinctBytes
	}
	before := t.distinct.Count()
	eachValue(col.Type, v, row, func(b []byte) { t.distinct.Add(sketch.Hash(b)) })
	if t.distinct.Exact() {
		grown += int(t.distinct.Count()-before) * hashBytes
	}
	return grown
}

func finite(x float64) bool { return x-x == 0 }

// eachValue hands over the bytes that stand for a value, or for each element of a list.
func eachValue(t column.Type, v *batch.Vector, row int, take func([]byte)) {
	var number [8]byte
	switch {
	case where.IsList(t):
		var element []byte
		for at := v.Offsets[row]; at < v.Offsets[row+1]; at++ {
			element = appendElement(element[:0], t, v, at)
			take(element)
		}
	case where.IsInteger(t):
		take(binary.BigEndian.AppendUint64(number[:0], uint64(where.IntegerAt(t, v, row))))
	case t == column.Double:
		take([]byte(formatNumber(v.Float64[row])))
	default:
		take(where.WordAt(v, row))
	}
}

// value returns the aggregate, and whether it is exact; false where no value is known.
func (t *tally) value(a *Aggregate) (x float64, exactly, known bool) {
	switch {
	case a.Func == "count":
		return float64(t.rows), true, true
	case a.Func == "distinct":
		if t.distinct == nil {
			return 0, true, true // no value is no different value
		}
		return float64(t.distinct.Count()), t.distinct.Exact(), true
	case t.known == 0:
		return 0, false, false
	case a.Func == "min":
		return t.least, true, true
	case a.Func == "max":
		return t.most, true, true
	}
	sum := t.sum
	if sum == nil {
		sum = t.whole.float()
	}
	if a.Func == "mean" {
		sum = new(big.Float).Quo(sum, new(big.Float).SetInt64(t.known))
	}
	x, _ = sum.Float64()
	return min(max(x, -math.MaxFloat64), math.MaxFloat64), true, true // JSON has nothing beyond
}
