package where

import (
	"bytes"
	"cmp"
	"fmt"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// bindColumns makes the comparison of two columns.
func bindColumns(op string, left, right *column.Column, at, other int) (Predicate, error) {
	ok, a, b := ordered(op), left.Type, right.Type
	switch {
	case IsInteger(a) && IsInteger(b) && (a == column.Timestamp) == (b == column.Timestamp):
		return valuesOf{at, other, func(l, r *batch.Vector, row int) bool {
			return ok(cmp.Compare(IntegerAt(a, l, row), IntegerAt(b, r, row)))
		}}, nil
	case IsNumber(a) && IsNumber(b):
		return valuesOf{at, other, func(l, r *batch.Vector, row int) bool {
			return ok(CompareDoubles(NumberAt(a, l, row), NumberAt(b, r, row)))
		}}, nil
	case IsText(a) && IsText(b), a == column.Binary && b == column.Binary:
		return valuesOf{at, other, func(l, r *batch.Vector, row int) bool {
			return ok(bytes.Compare(WordAt(l, row), WordAt(r, row)))
		}}, nil
	}
	return nil, fmt.Errorf("cannot be compared with %s (%s); quote what is meant as text", right.Name, b)
}
