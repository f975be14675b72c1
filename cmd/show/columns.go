package show

import (
	"bytes"
	"cmp"
	"fmt"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// bindColumns makes the comparison of two columns.
func bindColumns(op string, left, right *column.Column, at, other int) (predicate, error) {
	ok, a, b := ordered(op), left.Type, right.Type
	switch {
	case isInteger(a) && isInteger(b) && (a == column.Timestamp) == (b == column.Timestamp):
		return valuesOf{at, other, func(l, r *batch.Vector, row int) bool {
			return ok(cmp.Compare(integerAt(a, l, row), integerAt(b, r, row)))
		}}, nil
	case isNumber(a) && isNumber(b):
		return valuesOf{at, other, func(l, r *batch.Vector, row int) bool {
			return ok(cmp.Compare(numberAt(a, l, row), numberAt(b, r, row)))
		}}, nil
	case isText(a) && isText(b), a == column.Binary && b == column.Binary:
		return valuesOf{at, other, func(l, r *batch.Vector, row int) bool {
			return ok(bytes.Compare(wordAt(l, row), wordAt(r, row)))
		}}, nil
	}
	return nil, fmt.Errorf("cannot be compared with %s (%s); quote what is meant as text", right.Name, b)
}

func isText(t column.Type) bool { return t == column.String || t == column.Text }

func isInteger(t column.Type) bool {
	return t == column.Int64 || t == column.Int32 || t == column.Timestamp
}

func isNumber(t column.Type) bool {
	return t == column.Int64 || t == column.Int32 || t == column.Double
}

func integerAt(t column.Type, v *batch.Vector, row int) int64 {
	if t == column.Int32 {
		return int64(v.Int32[row])
	}
	return v.Int64[row]
}

func numberAt(t column.Type, v *batch.Vector, row int) float64 {
	if t == column.Double {
		return v.Float64[row]
	}
	return float64(integerAt(t, v, row))
}

// wordAt returns a text, to be read only.
func wordAt(v *batch.Vector, row int) []byte {
	if v.Dict != nil {
		return []byte(v.Dict[v.Codes[row]])
	}
	return v.Bytes[v.Offsets[row]:v.Offsets[row+1]]
}
