package show

import (
	"pcapmill/features/batch"
)

// truth is the answer of a condition. As in SQL, what is asked of a missing value
// is unknown, so is its negation, and rows are shown only for yes.
type truth uint8

const (
	no truth = iota
	unknown
	yes
)

func truthOf(ok bool) truth {
	if ok {
		return yes
	}
	return no
}

// predicate is a condition on the rows of batches.
type predicate interface {
	of(b *batch.Batch, row int) truth
}

// pass appends the rows of b for which p says yes; a nil p says so of all.
func pass(p predicate, b *batch.Batch, rows []int32) []int32 {
	for row := range b.Rows {
		if p == nil || p.of(b, row) == yes {
			rows = append(rows, int32(row))
		}
	}
	return rows
}

// allOf is a conjunction.
type allOf []predicate

func (p allOf) of(b *batch.Batch, row int) truth {
	least := yes
	for _, q := range p {
		if least = min(least, q.of(b, row)); least == no {
			break
		}
	}
	return least
}

// anyOf is a disjunction.
type anyOf []predicate

func (p anyOf) of(b *batch.Batch, row int) truth {
	most := no
	for _, q := range p {
		if most = max(most, q.of(b, row)); most == yes {
			break
		}
	}
	return most
}

// negation turns yes and no around.
type negation struct{ p predicate }

func (n negation) of(b *batch.Batch, row int) truth { return yes - n.p.of(b, row) }

// isNull asks whether a value is missing.
type isNull struct{ at int }

func (p isNull) of(b *batch.Batch, row int) truth { return truthOf(b.Vectors[p.at].Null(row)) }

// valueOf tests the value of one column.
type valueOf struct {
	at   int
	test func(v *batch.Vector, row int) bool // of a value that is not null
}

func (p valueOf) of(b *batch.Batch, row int) truth {
	v := &b.Vectors[p.at]
	if v.Null(row) {
		return unknown
	}
	return truthOf(p.test(v, row))
}

// valuesOf tests the values of two columns.
type valuesOf struct {
	left, right int
	test        func(left, right *batch.Vector, row int) bool
}

func (p valuesOf) of(b *batch.Batch, row int) truth {
	l, r := &b.Vectors[p.left], &b.Vectors[p.right]
	if l.Null(row) || r.Null(row) {
		return unknown
	}
	return truthOf(p.test(l, r, row))
}
