package where

import (
	"errors"
	"math"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/text"
)

// maxSum bounds how many columns a sum has.
const maxSum = 16

// sum reads the columns behind the first plus, and returns the sum as it is written with all
// their positions.
func (p *parser) sum(first int) (name string, columns []int, err error) {
	name, columns = p.schema.Columns[first].Name, []int{first}
	for {
		next := p.word()
		if next == "" {
			return "", nil, p.failed("want a column")
		}
		at, err := Find(next, p.schema)
		if err != nil {
			return "", nil, err
		}
		name, columns = name+" + "+next, append(columns, at)
		if len(columns) > maxSum {
			return "", nil, p.failed("more than %d columns in a sum", maxSum)
		}
		if !p.acceptSign("+") {
			return name, columns, nil
		}
	}
}

// totalOf is what a sum would be as a column: whole where its columns are.
func totalOf(schema *column.Schema, sum []int) *column.Column {
	total := schema.Columns[sum[0]]
	total.Type = column.Int64
	for _, at := range sum {
		if schema.Columns[at].Type == column.Double {
			total.Type = column.Double
		}
	}
	return &total
}

// bindSum makes the Predicate of a sum: unknown where one of its columns is missing.
func (p *parser) bindSum(c *condition) (Predicate, error) {
	for _, at := range c.sum {
		if col := &p.schema.Columns[at]; !IsNumber(col.Type) {
			return nil, errors.New("sums are of numbers, and " + text.Escape(col.Name) + " is " + col.Type.String())
		}
	}
	if c.element || c.op != "in" && ordered(c.op) == nil || c.values[0].null() {
		return nil, errors.New("sums know = != < <= > >= and in")
	}
	s := sumOf{}
	for _, at := range c.sum {
		s.columns = append(s.columns, part{p.use(at), p.schema.Columns[at].Type})
	}
	var err error
	if c.col.Type == column.Double {
		s.double, err = c.testDouble()
	} else {
		s.whole, err = c.testInteger()
	}
	return s, err
}

// part is one column of a sum.
type part struct {
	at int
	t  column.Type
}

// sumOf tests the sum of columns.
type sumOf struct {
	columns []part
	whole   func(int64) bool // where all are whole numbers
	double  func(float64) bool
}

func (s sumOf) Of(b *batch.Batch, row int) Truth {
	whole, double := int64(0), 0.0
	for _, c := range s.columns {
		v := &b.Vectors[c.at]
		switch {
		case v.Null(row):
			return Unknown
		case s.whole != nil:
			whole = add(whole, IntegerAt(c.t, v, row))
		default:
			double += NumberAt(c.t, v, row)
		}
	}
	if s.whole != nil {
		return truthOf(s.whole(whole))
	}
	return truthOf(s.double(double))
}

// add stops at the ends of int64.
func add(a, b int64) int64 {
	switch c := a + b; {
	case a > 0 && b > 0 && c < 0:
		return math.MaxInt64
	case a < 0 && b < 0 && c >= 0:
		return math.MinInt64
	default:
		return c
	}
}
