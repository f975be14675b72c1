package where

import (
	"pcapmill/features/batch"
)

// Truth is the answer of a condition. As in SQL, what is asked of a missing value
// is Unknown, so is its negation, and a row meets a condition only for Yes.
type Truth uint8

// The answers, in an order in which "and" is the least of two and "or" the largest.
const (
	No Truth = iota
	Unknown
	Yes
)

func truthOf(ok bool) Truth {
	if ok {
		return Yes
	}
	return No
}

// Predicate is a condition on the rows of batches. Those of one Parse share what they
// have learned of dictionaries, so they belong to one goroutine at a time.
type Predicate interface {
	// Of answers for a row of a batch whose columns lie as Parse was told.
	Of(b *batch.Batch, row int) Truth
}

// All and Any join conditions: of none, All is yes and Any no.
func All(conditions ...Predicate) Predicate { return allOf(conditions) }

// Any is the disjunction.
func Any(conditions ...Predicate) Predicate { return anyOf(conditions) }

// Not turns yes and no around.
func Not(condition Predicate) Predicate { return negation{condition} }

// Pass appends the rows of b for which p says yes; a nil p says so of all.
func Pass(p Predicate, b *batch.Batch, rows []int32) []int32 {
	for row := range b.Rows {
		if p == nil || p.Of(b, row) == Yes {
			rows = append(rows, int32(row))
		}
	}
	return rows
}

// allOf is a conjunction.
type allOf []Predicate

func (p allOf) Of(b *batch.Batch, row int) Truth {
	least := Yes
	for _, q := range p {
		if least = min(least, q.Of(b, row)); least == No {
			break
		}
	}
	return least
}

// anyOf is a disjunction.
type anyOf []Predicate

func (p anyOf) Of(b *batch.Batch, row int) Truth {
	most := No
	for _, q := range p {
		if most = max(most, q.Of(b, row)); most == Yes {
			break
		}
	}
	return most
}

// negation turns yes and no around.
type negation struct{ p Predicate }

func (n negation) Of(b *batch.Batch, row int) Truth { return Yes - n.p.Of(b, row) }

// isNull asks whether a value is missing.
type isNull struct{ at int }

func (p isNull) Of(b *batch.Batch, row int) Truth { return truthOf(b.Vectors[p.at].Null(row)) }

// valueOf tests the value of one column.
type valueOf struct {
	at   int
	test func(v *batch.Vector, row int) bool // of a value that is not null
}

func (p valueOf) Of(b *batch.Batch, row int) Truth {
	v := &b.Vectors[p.at]
	if v.Null(row) {
		return Unknown
	}
	return truthOf(p.test(v, row))
}

// valuesOf tests the values of two columns.
type valuesOf struct {
	left, right int
	test        func(left, right *batch.Vector, row int) bool
}

func (p valuesOf) Of(b *batch.Batch, row int) Truth {
	l, r := &b.Vectors[p.left], &b.Vectors[p.right]
	if l.Null(row) || r.Null(row) {
		return Unknown
	}
	return truthOf(p.test(l, r, row))
}
