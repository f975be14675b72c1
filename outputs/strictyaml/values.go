package strictyaml

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"pcapmill/outputs/text"
)

// MaxText is how many bytes a text has at most, but for expressions, which the file bounds.
const MaxText = 4096

// Keys says what to do with the value of each key of a mapping.
type Keys map[string]func(Node) error

// Mapping hands each value of a mapping to its key's function. Keys that are not known or
// come twice are errors.
func Mapping(n Node, what string, known Keys) error {
	pairs, ok := Pairs(n)
	if !ok {
		return Wrong(n, "want a mapping of the keys of %s", what)
	}
	seen := map[string]bool{}
	for _, pair := range pairs {
		key := pair.Key.GetToken().Value
		read := known[key]
		switch {
		case read == nil:
			return Wrong(pair.Key, "%s has no key \"%s\"%s", what, text.Escape(key), text.Suggest(key, slices.Sorted(maps.Keys(known))))
		case seen[key]:
			return Wrong(pair.Key, "%s for the second time", key)
		}
		seen[key] = true
		if err := read(pair.Value); err != nil {
			return at(pair.Value.GetToken(), Inside(key, err))
		}
	}
	return nil
}

// Pairs returns the keys and values of a mapping.
func Pairs(n Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// List returns the elements of a list, up to a number of them.
func List(n Node, most int) ([]Node, error) {
	s, ok := n.(*ast.SequenceNode)
	switch {
	case !ok:
		return nil, Wrong(n, "want a list")
	case len(s.Values) > most:
		return nil, Wrong(n, "more than %d elements", most)
	}
	for _, v := range s.Values {
		if v == nil {
			return nil, Wrong(n, "an element without a value")
		}
	}
	return s.Values, nil
}

// OneOrMore is List that takes one scalar for a list of it.
func OneOrMore(n Node, most int) ([]Node, error) {
	if _, one := n.(ast.ScalarNode); one {
		return []Node{n}, nil
	}
	return List(n, most)
}

// Line returns where a value begins: a mapping at its first key.
func Line(n Node) int {
	if pairs, ok := Pairs(n); ok && len(pairs) > 0 {
		n = pairs[0].Key
	}
	return n.GetToken().Position.Line
}

// Scalar returns a value as it is written, MaxText at most.
func Scalar(n Node) (string, error) {
	s, err := LongScalar(n)
	if err == nil && len(s) > MaxText {
		return "", Wrong(n, "more than %d bytes", MaxText)
	}
	return s, err
}

// LongScalar is Scalar without its limit.
func LongScalar(n Node) (string, error) {
	s := ""
	switch n := n.(type) {
	case *ast.StringNode:
		s = n.Value
	case *ast.LiteralNode:
		s = n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		s = n.GetToken().Value
	case *ast.NullNode:
		return "", Wrong(n, "has no value")
	default:
		return "", Wrong(n, "a %s is no value", strings.ToLower(n.Type().String()))
	}
	return s, nil
}

// Text puts the value of a key there, without the space around it, as the functions below do with
// theirs.
func Text(to *string) func(Node) error {
	return func(n Node) (err error) {
		s, err := Scalar(n)
		*to = strings.TrimSpace(s)
		return err
	}
}

// Expression takes a text as long as the file allows: its lists can have thousands of addresses.
func Expression(to *string) func(Node) error {
	return func(n Node) (err error) {
		s, err := LongScalar(n)
		*to = strings.TrimSpace(s)
		return err
	}
}

// Texts takes a list, up to a number of elements, or one text for a list of it.
func Texts(to *[]string, most int) func(Node) error {
	return func(n Node) error {
		elements, err := OneOrMore(n, most)
		if err != nil {
			return err
		}
		*to = []string{}
		for _, e := range elements {
			s, err := Scalar(e)
			if err != nil {
				return err
			}
			*to = append(*to, s)
		}
		return nil
	}
}

// Bool takes true and false.
func Bool(to *bool) func(Node) error {
	return func(n Node) error {
		b, ok := n.(*ast.BoolNode)
		if !ok {
			return Wrong(n, "want true or false")
		}
		*to = b.Value
		return nil
	}
}

// Number takes a finite number.
func Number(to *float64) func(Node) error {
	return func(n Node) error {
		s, err := Scalar(n)
		if err != nil {
			return err
		}
		*to, err = Finite(s)
		return err
	}
}

// Finite reads a finite number.
func Finite(s string) (float64, error) {
	x, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, fmt.Errorf("\"%s\" is no number", text.Escape(s))
	}
	return x, nil
}
