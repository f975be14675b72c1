package show

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/text"
)

// filter is a conjunction of conditions.
type filter []condition

// condition compares one column with a constant.
type condition struct {
	column int // in the table
	at     int // among the columns read
	op     string
	value  string
	quoted bool
	test   func(v *batch.Vector, row int) bool // of a value that is not null; nil: null test
	null   bool                                // what a null gives
}

// pass appends the rows of b that meet every condition.
func (f filter) pass(b *batch.Batch, rows []int32) []int32 {
	for row := range b.Rows {
		ok := true
		for i := range f {
			if ok = f[i].meets(b, row); !ok {
				break
			}
		}
		if ok {
			rows = append(rows, int32(row))
		}
	}
	return rows
}

func (c *condition) meets(b *batch.Batch, row int) bool {
	v := &b.Vectors[c.at]
	switch {
	case v.Null(row):
		return c.null
	case c.test == nil:
		return !c.null
	}
	return c.test(v, row)
}

// operators, longer ones first where one begins another.
var operators = []string{"!=", "<=", ">=", "==", "=", "<", ">", "~"}

// parse reads comparisons joined by and, and binds them to the table's columns.
func parse(where string, schema *column.Schema) (filter, error) {
	p := &scanner{rest: where}
	if p.skip(); p.rest == "" {
		return nil, nil
	}
	var f filter
	for {
		c, err := p.condition()
		if err != nil {
			return nil, misuse("--where: at %s: %w", p.here(), err)
		}
		if c.column, err = find(c.name, schema); err != nil {
			return nil, err
		}
		if err := c.bind(&schema.Columns[c.column]); err != nil {
			return nil, misuse("--where: %s (%s): %w", c.name, schema.Columns[c.column].Type, err)
		}
		f = append(f, c.condition)
		if p.skip(); p.rest == "" {
			return f, nil
		}
		if word := p.word(); !strings.EqualFold(word, "and") {
			return nil, misuse("--where: at %s: comparisons are joined by and", p.here())
		}
	}
}

// named is a condition whose column has not been looked up yet.
type named struct {
	condition
	name string
}

// scanner takes a where expression apart.
type scanner struct{ rest string }

func (p *scanner) skip() { p.rest = strings.TrimLeft(p.rest, " \t\n") }

// here quotes what comes next, for messages.
func (p *scanner) here() string {
	s := p.rest
	if s == "" {
		return "the end"
	}
	if len(s) > 30 {
		s = s[:30] + "…"
	}
	return `"` + text.Escape(s) + `"`
}

func (p *scanner) word() string {
	p.skip()
	n := strings.IndexFunc(p.rest, func(r rune) bool {
		return r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
	if n < 0 {
		n = len(p.rest)
	}
	word := p.rest[:n]
	p.rest = p.rest[n:]
	return word
}

func (p *scanner) condition() (named, error) {
	var c named
	if c.name = p.word(); c.name == "" {
		return c, fmt.Errorf("want a column")
	}
	p.skip()
	if c.op = p.operator(); c.op == "" {
		return c, fmt.Errorf("want one of = != < <= > >= ~ contains")
	}
	p.skip()
	if p.rest == "" {
		return c, fmt.Errorf("want a value")
	}
	var err error
	c.value, c.quoted, err = p.literal()
	return c, err
}

func (p *scanner) operator() string {
	for _, op := range operators {
		if rest, ok := strings.CutPrefix(p.rest, op); ok {
			p.rest = rest
			if op == "==" {
				return "="
			}
			return op
		}
	}
	before := p.rest
	if p.word() == "contains" {
		return "contains"
	}
	p.rest = before
	return ""
}

// literal takes a quoted value, or everything up to the next space.
func (p *scanner) literal() (value string, quoted bool, err error) {
	if quote := p.rest[0]; quote == '\'' || quote == '"' {
		end := strings.IndexByte(p.rest[1:], quote)
		if end < 0 {
			return "", true, fmt.Errorf("the quote is not closed")
		}
		value, p.rest = p.rest[1:1+end], p.rest[2+end:]
		return value, true, nil
	}
	end := strings.IndexAny(p.rest, " \t\n")
	if end < 0 {
		end = len(p.rest)
	}
	value, p.rest = p.rest[:end], p.rest[end:]
	return value, false, nil
}

// bind makes the test for a column of the given type.
func (c *condition) bind(col *column.Column) (err error) {
	if c.value == "null" && !c.quoted {
		if c.op != "=" && c.op != "!=" {
			return fmt.Errorf("%s null makes no sense: use = null or != null", c.op)
		}
		c.null = c.op == "="
		return nil
	}
	switch {
	case c.op == "~":
		return c.bindPattern(col.Type)
	case c.op == "contains":
		return c.bindContains(col.Type)
	case textual(col.Type):
		ok, value, t := ordered(c.op), c.value, col.Type
		c.test = func(v *batch.Vector, row int) bool { return ok(strings.Compare(stringAt(t, v, row), value)) }
		return nil
	}
	return c.bindNumber(col)
}

func (c *condition) bindPattern(t column.Type) error {
	if !textual(t) {
		return fmt.Errorf("~ is for text")
	}
	pattern, err := regexp.Compile(c.value)
	if err != nil {
		return err
	}
	c.test = func(v *batch.Vector, row int) bool {
		if t == column.Binary || v.Dict != nil {
			return pattern.MatchString(stringAt(t, v, row))
		}
		return pattern.Match(v.Bytes[v.Offsets[row]:v.Offsets[row+1]])
	}
	return nil
}

// textual reports whether values are compared as text: bytes are by their digits in
// hexadecimal, as they are shown.
func textual(t column.Type) bool {
	return t == column.String || t == column.Text || t == column.Binary
}

// stringAt returns a value of a textual column.
func stringAt(t column.Type, v *batch.Vector, row int) string {
	s := v.String(row)
	if t == column.Binary {
		return hex.EncodeToString([]byte(s))
	}
	return s
}

// ordered returns what an operator accepts of a three-way comparison.
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
	}
	return func(c int) bool { return c >= 0 }
}
