package where

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"pcapmill/features/column"
	"pcapmill/outputs/text"
)

// The language, words in any case:
//
//	either     = both { ("or" | "||") both }
//	both       = one { ("and" | "&&") one }
//	one        = ("not" | "!") one | "(" either ")" | comparison
//	comparison = [ "any" ] COLUMN condition | COLUMN "+" COLUMN { "+" COLUMN } condition
//	condition  = ("=" | "!=" | "<" | …) value
//	           | [ "not" ] ("contains" | "glob" | "~") value
//	           | [ "not" ] "in" ( value | "(" value { "," value } ")" )
//	           | "is" [ "not" ] "null"

// maxNesting bounds how deep parentheses and negations may go.
const maxNesting = 100

// parser takes an expression apart.
type parser struct {
	rest   string
	schema *column.Schema
	use    func(column int) (at int) // says where a column will be in the batches
	depth  int
}

// ErrColumn marks the error of an expression that names a column which the table does not
// have. Its text says which, and what names come close.
var ErrColumn = errors.New("no such column")

// columnError is an ErrColumn whose text is what is wrong, and no more.
type columnError struct{ text string }

func (e columnError) Error() string { return e.text }

// Is reports whether target is ErrColumn.
func (columnError) Is(target error) bool { return target == ErrColumn }

// Find returns the position of a column of the table, or an ErrColumn.
func Find(name string, schema *column.Schema) (int, error) {
	i := schema.Index(name)
	if i >= 0 {
		return i, nil
	}
	known := make([]string, len(schema.Columns))
	for i := range schema.Columns {
		known[i] = schema.Columns[i].Name
	}
	return 0, columnError{fmt.Sprintf("table %s has no column %s%s", text.Escape(schema.Table), text.Escape(name), text.Suggest(name, known))}
}

// Parse reads an expression; nil is the one that all rows meet. use is told each column
// that it asks for, by its position in the schema, and returns where that column will be in
// the batches. Messages are harmless on a terminal; ErrColumn is told apart from the others.
func Parse(expr string, schema *column.Schema, use func(int) int) (Predicate, error) {
	p := &parser{rest: expr, schema: schema, use: use}
	if p.skip(); p.rest == "" {
		return nil, nil
	}
	found, err := p.either()
	if err == nil && p.rest != "" {
		err = p.failed("comparisons are joined by and, or")
	}
	return found, err
}

func (p *parser) either() (Predicate, error) {
	return p.joined((*parser).both, "or", "||", func(found []Predicate) Predicate { return anyOf(found) })
}

func (p *parser) both() (Predicate, error) {
	return p.joined((*parser).one, "and", "&&", func(found []Predicate) Predicate { return allOf(found) })
}

// joined reads one or more operands with a word or a sign between them.
func (p *parser) joined(operand func(*parser) (Predicate, error), word, sign string, join func([]Predicate) Predicate) (Predicate, error) {
	var found []Predicate
	for {
		one, err := operand(p)
		if err != nil {
			return nil, err
		}
		found = append(found, one)
		if !p.accept(word) && !p.acceptSign(sign) {
			break
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	return join(found), nil
}

func (p *parser) one() (Predicate, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, p.failed("nested deeper than %d", maxNesting)
	}
	defer func() { p.depth-- }()
	switch {
	case p.acceptSign("("):
		inner, err := p.either()
		if err == nil && !p.acceptSign(")") {
			err = p.failed("want ) or one of and, or")
		}
		return inner, err
	case p.acceptSign("!"), p.prefix("not"):
		inner, err := p.one()
		return negation{inner}, err
	}
	return p.comparison()
}

// comparison reads a column and what is asked of it.
func (p *parser) comparison() (Predicate, error) {
	element := p.prefix("any")
	enclosed := element && p.acceptSign("(")
	name := p.word()
	if name == "" {
		return nil, p.failed("want a column")
	}
	at, err := Find(name, p.schema)
	if err != nil {
		return nil, err
	}
	if enclosed && !p.acceptSign(")") {
		return nil, p.failed("want )")
	}
	c := condition{col: &p.schema.Columns[at], element: element}
	if p.acceptSign("+") {
		if name, c.sum, err = p.sum(at); err != nil {
			return nil, err
		}
		c.col = totalOf(p.schema, c.sum)
	}
	negated := p.accept("not")
	if c.op = p.operator(); c.op == "" || negated && strings.ContainsAny(c.op, "=<>") {
		return nil, p.failed("want one of = != < <= > >= ~ contains glob in is, before the last five also not")
	}
	if c.op == "is" {
		negated = negated != p.accept("not")
	}
	if err := p.values(&c); err != nil {
		return nil, err
	}
	if element && c.op != "is" { // asked of each element, and not of the list
		c.not, negated = negated, false
	}
	found, err := p.bind(&c, p.use(at))
	if err != nil {
		return nil, fmt.Errorf("%s (%s): %w", text.Escape(name), c.col.Type, err)
	}
	if negated {
		found = negation{found}
	}
	return found, nil
}

// values reads what a column is compared with.
func (p *parser) values(c *condition) error {
	list := c.op == "in" && p.acceptSign("(")
	for {
		v, err := p.literal(list)
		if err != nil {
			return err
		}
		c.values = append(c.values, v)
		switch {
		case !list || p.acceptSign(")"):
			return nil
		case !p.acceptSign(","):
			return p.failed("want , or )")
		}
	}
}

// literal is a value as it was written.
type literal struct {
	text   string
	quoted bool
}

func (l literal) null() bool { return !l.quoted && strings.EqualFold(l.text, "null") }

// literal takes a quoted value, in which a doubled quote stands for one, or
// everything up to the next space, && or ||, parenthesis that was not opened in it,
// or, in a list, comma.
func (p *parser) literal(inList bool) (literal, error) {
	p.skip()
	if p.rest != "" && (p.rest[0] == '\'' || p.rest[0] == '"') {
		return p.quoted(p.rest[:1])
	}
	open, end := 0, 0
scan:
	for ; end < len(p.rest); end++ {
		switch p.rest[end] {
		case ' ', '\t', '\n', '\r':
			break scan
		case '(':
			open++
		case ')':
			if open--; open < 0 {
				break scan
			}
		case ',':
			if inList {
				break scan
			}
		case '&', '|':
			if strings.HasPrefix(p.rest[end+1:], p.rest[end:end+1]) {
				break scan
			}
		}
	}
	if end == 0 {
		return literal{}, p.failed("want a value")
	}
	l := literal{text: p.rest[:end]}
	p.rest = p.rest[end:]
	return l, nil
}

func (p *parser) quoted(quote string) (literal, error) {
	l := literal{quoted: true}
	rest := p.rest
	for {
		part, after, closed := strings.Cut(rest[1:], quote)
		if !closed {
			return l, p.failed("the quote is not closed")
		}
		l.text += part
		if !strings.HasPrefix(after, quote) {
			p.rest = after
			return l, nil
		}
		l.text, rest = l.text+quote, after
	}
}

// signs are operators that are no words, longer ones first where one begins another.
var signs = []string{"!=", "<>", "!~", "<=", ">=", "==", "=", "<", ">", "~"}

// spellings are other ways to write an operator.
var spellings = map[string]string{"==": "=", "<>": "!="}

func (p *parser) operator() string {
	for _, sign := range signs {
		if p.acceptSign(sign) {
			if plain := spellings[sign]; plain != "" {
				return plain
			}
			return sign
		}
	}
	for _, word := range []string{"contains", "glob", "in", "is"} {
		if p.accept(word) {
			return word
		}
	}
	return ""
}

func (p *parser) skip() { p.rest = strings.TrimLeft(p.rest, " \t\n\r") }

func (p *parser) acceptSign(sign string) bool {
	p.skip()
	rest, ok := strings.CutPrefix(p.rest, sign)
	if ok {
		p.rest = rest
	}
	return ok
}

// accept takes the next word if it is this one.
func (p *parser) accept(word string) bool {
	before := p.rest
	if strings.EqualFold(p.word(), word) {
		return true
	}
	p.rest = before
	return false
}

// prefix takes the next word if it is this one and stands before an operand, so
// that it is no column's name.
func (p *parser) prefix(word string) bool {
	before := p.rest
	if p.accept(word) {
		after := *p
		if after.acceptSign("(") || after.acceptSign("!") && !strings.HasPrefix(after.rest, "=") && !strings.HasPrefix(after.rest, "~") {
			return true
		}
		if next := strings.ToLower(after.word()); next != "" && !slices.Contains([]string{"contains", "glob", "in", "is"}, next) {
			return true
		}
	}
	p.rest = before
	return false
}

// word takes letters, digits and underscores.
func (p *parser) word() string {
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

// failed says what is wrong, and where.
func (p *parser) failed(format string, args ...any) error {
	p.skip()
	here := "the end"
	if s := p.rest; s != "" {
		const shown = 30
		if len(s) > shown {
			s = strings.ToValidUTF8(s[:shown], "") + "…"
		}
		here = `"` + text.Escape(s) + `"`
	}
	return fmt.Errorf("at %s: %w", here, fmt.Errorf(format, args...))
}
