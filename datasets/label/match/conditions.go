package match

import (
	"fmt"
	"strings"

	"pcapmill/features/batch"
	"pcapmill/outputs/text"
	"pcapmill/outputs/where"
)

// conditions are the expressions of rules and attempts, each once.
type conditions struct {
	cols  *columns
	exprs []string
	uses  []int
	known map[string]int32
}

func newConditions(cols *columns) *conditions {
	return &conditions{cols: cols, known: make(map[string]int32)}
}

// add returns the number of an expression, whose columns will be read.
func (c *conditions) add(expr string) (int32, error) {
	if i, ok := c.known[expr]; ok {
		c.uses[i]++
		return i, nil
	}
	if _, err := where.Parse(expr, c.cols.schema, c.cols.use); err != nil {
		return 0, fmt.Errorf("%w: where %s: %w", ErrConfig, text.Escape(expr), err)
	}
	i := int32(len(c.exprs))
	c.known[expr] = i
	c.exprs, c.uses = append(c.exprs, expr), append(c.uses, 1)
	return i, nil
}

// answers ask the conditions of the rows of one batch after the other, each at most once where
// several rules have it. They belong to one goroutine.
type answers struct {
	tests []where.Predicate
	known [][]where.Truth // by condition and row, one more than the answer; nil: not kept
	of    []int           // the batch that known is about
	batch int
}

func (c *conditions) answers() (*answers, error) {
	a := &answers{tests: make([]where.Predicate, len(c.exprs)), known: make([][]where.Truth, len(c.exprs)), of: make([]int, len(c.exprs))}
	for i, expr := range c.exprs {
		var err error
		if a.tests[i], err = where.Parse(expr, c.cols.schema, c.cols.use); err != nil {
			return nil, err
		}
		if c.uses[i] > 1 {
			a.known[i] = []where.Truth{}
		}
	}
	return a, nil
}

// holds reports whether a condition, -1 for none, holds for a row of the batch.
func (a *answers) holds(condition int32, b *batch.Batch, at int) bool {
	if condition < 0 || a.tests[condition] == nil {
		return true
	}
	if a.known[condition] == nil {
		return a.tests[condition].Of(b, at) == where.Yes
	}
	known := a.known[condition]
	if a.of[condition] != a.batch {
		known = append(known[:0], make([]where.Truth, b.Rows)...)
		a.known[condition], a.of[condition] = known, a.batch
	}
	if known[at] == 0 {
		known[at] = 1 + a.tests[condition].Of(b, at)
	}
	return known[at] == 1+where.Yes
}

// swapSides exchanges fwd_ and rev_ in the columns of an expression, so that what was written
// of the one side is asked of the other.
func swapSides(expr string) string {
	var out strings.Builder
	begins := true // of a word
	for i := 0; i < len(expr); i++ {
		switch rest := expr[i:]; {
		case rest[0] == '\'' || rest[0] == '"':
			n := 2 + strings.IndexByte(rest[1:], rest[0])
			if n == 1 {
				n = len(rest) // not closed: no expression
			}
			out.WriteString(rest[:n])
			i += n - 1
			continue
		case begins && strings.HasPrefix(rest, "fwd_"):
			out.WriteString("rev_")
			i += 3
		case begins && strings.HasPrefix(rest, "rev_"):
			out.WriteString("fwd_")
			i += 3
		default:
			out.WriteByte(rest[0])
		}
		begins = !isWord(expr[i])
	}
	return out.String()
}

func isWord(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}
