package where

import (
	"cmp"
	"math"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// IsText reports whether values are texts, as those of addresses and enumerations are.
func IsText(t column.Type) bool { return t == column.String || t == column.Text }

// IsInteger reports whether values are whole numbers or instants.
func IsInteger(t column.Type) bool {
	return t == column.Int64 || t == column.Int32 || t == column.Timestamp
}

// IsNumber reports whether values are numbers, which can be compared with one another.
func IsNumber(t column.Type) bool {
	return t == column.Int64 || t == column.Int32 || t == column.Double
}

// IsList reports whether values are lists.
func IsList(t column.Type) bool {
	return t == column.ListInt64 || t == column.ListInt32 || t == column.ListString
}

// IntegerAt returns the value of a column of integers or instants that is not null.
func IntegerAt(t column.Type, v *batch.Vector, row int) int64 {
	if t == column.Int32 {
		return int64(v.Int32[row])
	}
	return v.Int64[row]
}

// NumberAt returns the value of a column of numbers that is not null.
func NumberAt(t column.Type, v *batch.Vector, row int) float64 {
	if t == column.Double {
		return v.Float64[row]
	}
	return float64(IntegerAt(t, v, row))
}

// WordAt returns a text, or bytes, that are not null. They are to be read only.
func WordAt(v *batch.Vector, row int) []byte {
	if v.Dict != nil {
		return []byte(v.Dict[v.Codes[row]])
	}
	return v.Bytes[v.Offsets[row]:v.Offsets[row+1]]
}

// CompareDoubles puts NaN, which only tables of others hold, behind all other numbers.
func CompareDoubles(a, b float64) int {
	switch noA, noB := math.IsNaN(a), math.IsNaN(b); {
	case noA && noB:
		return 0
	case noA:
		return 1
	case noB:
		return -1
	}
	return cmp.Compare(a, b)
}
