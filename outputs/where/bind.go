package where

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/text"
)

// condition is what is asked of a column.
type condition struct {
	col     *column.Column
	element bool  // asked of a list's elements: yes where one of them meets it
	not     bool  // of an element: where it does not
	sum     []int // columns whose total it is asked of; none: of col
	op      string
	values  []literal
}

// bind makes the Predicate for a column that is at a position of the batches.
func (p *parser) bind(c *condition, at int) (Predicate, error) {
	if c.sum != nil {
		return p.bindSum(c)
	}
	first := c.values[0]
	if c.op == "is" || first.null() && len(c.values) == 1 {
		return c.bindNull(at)
	}
	if other := p.schema.Index(first.text); other >= 0 && !first.quoted && ordered(c.op) != nil {
		if c.element {
			return nil, fmt.Errorf("elements of lists are not compared with a column, as %s is; quote what is meant as text", first.text)
		}
		return bindColumns(c.op, c.col, &p.schema.Columns[other], at, p.use(other))
	}
	if IsList(c.col.Type) != c.element {
		if !c.element && c.op != "contains" {
			return nil, errors.New("lists only know contains and null; any before the name asks whether one element meets a comparison")
		}
		if c.element {
			return nil, errors.New("any is for lists")
		}
		c.op = "=" // that a list contains a value is that any element is it
	}
	if ordered(c.op) == nil && c.op != "in" && !IsText(c.col.Type) && c.col.Type != column.Binary && c.col.Type != column.ListString {
		return nil, fmt.Errorf("%s is for text", c.op)
	}
	test, err := c.test()
	if err != nil {
		return nil, err
	}
	return valueOf{at, test}, nil
}

func (c *condition) bindNull(at int) (Predicate, error) {
	switch {
	case !c.values[0].null():
		return nil, errors.New("is null and is not null are what is knows")
	case c.element:
		return nil, errors.New("elements of lists are never null")
	case c.op == "is", c.op == "=":
		return isNull{at}, nil
	case c.op == "!=":
		return negation{isNull{at}}, nil
	}
	return nil, fmt.Errorf("%s null makes no sense: use is null or is not null", c.op)
}

// test makes the test of a value, or of any element, for the column's type.
func (c *condition) test() (func(v *batch.Vector, row int) bool, error) {
	switch t := c.col.Type; t {
	case column.Int64, column.Timestamp, column.Int32, column.ListInt64, column.ListInt32:
		test, err := c.testInteger()
		return overIntegers(t, turned(c.not, test)), err
	case column.Double:
		test, err := c.testDouble()
		return func(v *batch.Vector, row int) bool { return test(v.Float64[row]) }, err
	case column.Binary:
		if test, err := c.testText(); err != nil || c.addressed() {
			return overWords(t, test), err
		}
		for i := range c.values { // as digits are shown
			if v := &c.values[i]; c.op == "~" || c.op == "!~" {
				v.text = "(?i)" + v.text // \W is not \w
			} else {
				v.text = strings.ToLower(v.text)
			}
		}
		test, err := c.testText()
		var digits []byte
		return overWords(t, func(b []byte) bool {
			digits = hex.AppendEncode(digits[:0], b)
			return test(digits)
		}), err
	default:
		test, err := c.testText()
		return overWords(t, turned(c.not, test)), err
	}
}

// turned returns a test, or its opposite.
func turned[T any](not bool, test func(T) bool) func(T) bool {
	if !not {
		return test
	}
	return func(x T) bool { return !test(x) }
}

// overIntegers applies a test to a whole number, or to the elements of a list.
func overIntegers(t column.Type, test func(int64) bool) func(v *batch.Vector, row int) bool {
	switch t {
	case column.Int32:
		return func(v *batch.Vector, row int) bool { return test(int64(v.Int32[row])) }
	case column.ListInt64:
		return func(v *batch.Vector, row int) bool {
			return slices.ContainsFunc(v.Int64[v.Offsets[row]:v.Offsets[row+1]], test)
		}
	case column.ListInt32:
		return func(v *batch.Vector, row int) bool {
			return slices.ContainsFunc(v.Int32[v.Offsets[row]:v.Offsets[row+1]], func(x int32) bool { return test(int64(x)) })
		}
	}
	return func(v *batch.Vector, row int) bool { return test(v.Int64[row]) }
}

// overWords applies a test to a text, or to the elements of a list of them. What it
// says of a dictionary's word is asked once.
func overWords(t column.Type, test func([]byte) bool) func(v *batch.Vector, row int) bool {
	var known answers
	if t == column.ListString {
		return func(v *batch.Vector, row int) bool {
			return slices.ContainsFunc(v.Codes[v.Offsets[row]:v.Offsets[row+1]], func(code int32) bool { return known.of(v.Dict, code, test) })
		}
	}
	return func(v *batch.Vector, row int) bool {
		if v.Dict != nil {
			return known.of(v.Dict, v.Codes[row], test)
		}
		return test(v.Bytes[v.Offsets[row]:v.Offsets[row+1]])
	}
}

// answers keeps what a test said of a dictionary's words.
type answers struct {
	words []string
	said  []Truth // Unknown: not asked yet
}

func (a *answers) of(words []string, code int32, test func([]byte) bool) bool {
	if len(a.words) != len(words) || len(words) > 0 && &a.words[0] != &words[0] {
		a.words, a.said = words, slices.Repeat([]Truth{Unknown}, len(words))
	}
	if a.said[code] == Unknown {
		a.said[code] = truthOf(test([]byte(words[code])))
	}
	return a.said[code] == Yes
}

// testInteger makes the test of a whole number.
func (c *condition) testInteger() (func(int64) bool, error) {
	want, err := each(c.values, func(l literal) (int64, error) { return wholeNumber(l.text, c.col) })
	if err != nil {
		return nil, err
	}
	return testNumber(c.op, want, cmp.Compare)
}

func (c *condition) testDouble() (func(float64) bool, error) {
	want, err := each(c.values, func(l literal) (float64, error) { return number(l.text, c.col) })
	if err != nil {
		return nil, err
	}
	return testNumber(c.op, want, CompareDoubles)
}

func testNumber[T cmp.Ordered](op string, want []T, compare func(a, b T) int) (func(T) bool, error) {
	if op == "in" {
		return func(x T) bool { return slices.Contains(want, x) }, nil
	}
	ok := ordered(op)
	return func(x T) bool { return ok(compare(x, want[0])) }, nil
}

func each[T any](values []literal, read func(literal) (T, error)) ([]T, error) {
	var all []T
	for _, l := range values {
		one, err := read(l)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// testText makes the test of a text.
func (c *condition) testText() (func([]byte) bool, error) {
	value := []byte(c.values[0].text)
	switch c.op {
	case "~", "!~":
		pattern, err := regexp.Compile(c.values[0].text)
		if err != nil {
			return nil, errors.New(text.Escape(err.Error())) // which has the pattern as it is
		}
		wanted := c.op == "~"
		return func(s []byte) bool { return pattern.Match(s) == wanted }, nil
	case "contains":
		return func(s []byte) bool { return bytes.Contains(s, value) }, nil
	case "glob":
		pattern := NewGlob(c.values[0].text)
		return pattern.Match, nil
	case "in", "=", "!=":
		wanted := c.op != "!="
		words, err := newWords(c.values, c.col.Type == column.Binary && c.addressed())
		return func(s []byte) bool { return words.has(s) == wanted }, err
	}
	ok := ordered(c.op)
	return func(s []byte) bool { return ok(bytes.Compare(s, value)) }, nil
}

// addressed reports whether bytes are compared with addresses and not by digits.
func (c *condition) addressed() bool {
	return (c.op == "in" || c.op == "=" || c.op == "!=") && slices.ContainsFunc(c.values, func(l literal) bool { return l.address() })
}

// ordered returns what an operator accepts of a three-way comparison, nil for one
// that does not compare.
func ordered(op string) func(int) bool {
	switch op {
	case "=":
		return func(c int) bool { return c == 0 }
	case "!=":
		return func(c int) bool { return c != 0 }
	case "<":
		return func(c int) bool { return c < 0 }
	case "<=":
		return func(c int) bool { return c <= 0 }
	case ">":
		return func(c int) bool { return c > 0 }
	case ">=":
		return func(c int) bool { return c >= 0 }
	}
	return nil
}
