package rules

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"pcapmill/features/column"
	"pcapmill/outputs/strictyaml"
	"pcapmill/outputs/text"
	"pcapmill/outputs/where"
)

// Condition is one of: a comparison of a field, conditions joined by all, any or not, or an
// expression.
type Condition struct {
	Field, Operator string
	Values          []string // any of which is enough
	All, Any        []Condition
	Not             *Condition
	Where           string
	Line            int
}

// Operators lists NetScope's operators, as they are written here; case does not matter.
func Operators() []string {
	return []string{"equals", "contains", "starts_with", "ends_with", "regex", "greater_than"}
}

// bind makes the predicate for a table's columns.
func (c *Condition) bind(schema *column.Schema, use func(int) int) (where.Predicate, error) {
	switch {
	case c.Field != "":
		return c.comparison(schema, use)
	case c.Where != "":
		p, err := where.Parse(c.Where, schema, use)
		return p, located(c.Line, "where", err)
	case c.Not != nil:
		p, err := c.Not.bind(schema, use)
		if err != nil {
			return nil, err
		}
		return where.Not(p), nil
	case c.Any != nil:
		all, err := bindEach(c.Any, schema, use)
		return where.Any(all...), err
	}
	all, err := bindEach(c.All, schema, use)
	return where.All(all...), err
}

func bindEach(list []Condition, schema *column.Schema, use func(int) int) ([]where.Predicate, error) {
	all := make([]where.Predicate, len(list))
	for i := range list {
		p, err := list[i].bind(schema, use)
		if err != nil {
			return nil, err
		}
		all[i] = p
	}
	return all, nil
}

// comparison writes what is asked of a field as expressions: there is one language.
func (c *Condition) comparison(schema *column.Schema, use func(int) int) (where.Predicate, error) {
	at, err := where.Find(c.Field, schema)
	if err != nil {
		return nil, located(c.Line, "field", err)
	}
	t := schema.Columns[at].Type
	worded := where.IsText(t) || t == column.ListString || t == column.Binary
	switch c.Operator {
	case "equals", "greater_than":
	default:
		if !worded {
			return nil, located(c.Line, "operator", fmt.Errorf("%s is for text, and %s is %s", c.Operator, text.Escape(c.Field), t))
		}
	}
	var all []where.Predicate
	for _, value := range c.Values {
		p, err := where.Parse(c.expression(where.IsList(t), value), schema, use)
		if err != nil {
			return nil, located(c.Line, c.Operator, err)
		}
		all = append(all, p)
	}
	return where.Any(all...), nil
}

func (c *Condition) expression(list bool, value string) string {
	field := c.Field
	if list {
		field = "any " + field
	}
	switch c.Operator {
	case "contains":
		return field + " contains " + quote(value)
	case "starts_with":
		return field + " ~ " + quote(`(?s)\A`+regexp.QuoteMeta(value))
	case "ends_with":
		return field + " ~ " + quote(`(?s)`+regexp.QuoteMeta(value)+`\z`)
	case "regex":
		return field + " ~ " + quote(value)
	case "greater_than":
		return field + " > " + quote(value)
	}
	return field + " = " + quote(value)
}

// quote makes a literal of a value, which is then neither a column's name nor null.
func quote(value string) string { return "'" + strings.ReplaceAll(value, "'", "''") + "'" }

// located says where an error is, unless it says so itself; nil stays nil.
func located(line int, what string, err error) error {
	var there strictyaml.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &there):
		return err
	case what != "":
		err = fmt.Errorf("%s: %w", what, err)
	}
	return strictyaml.Error{Line: line, Err: err}
}
