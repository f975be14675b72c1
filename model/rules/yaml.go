package rules

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"pcapmill/outputs/text"
)

// maxFile is far above any file of rules: a thousand rules of half a KiB.
const maxFile = 512 << 10

// maxFlow bounds brackets in brackets, and lists in lists on one line, which the parser goes
// into by recursion.
const maxFlow = 40

// parseYAML returns the top of a document, nil of an empty one.
func parseYAML(data []byte) (top ast.Node, err error) {
	if len(data) > maxFile {
		return nil, fmt.Errorf("more than %d bytes", maxFile)
	}
	defer func() {
		if p := recover(); p != nil { // of the YAML parser
			top, err = nil, fmt.Errorf("malformed YAML: %s", text.Escape(fmt.Sprint(p)))
		}
	}()
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // as editors of Windows begin a file
	tokens := lexer.Tokenize(string(data))
	if err := plain(tokens); err != nil {
		return nil, err
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, syntax(err)
	}
	for i, doc := range file.Docs {
		if i > 0 && doc.Body != nil {
			return nil, errors.New("more than one YAML document")
		}
	}
	if len(file.Docs) == 0 {
		return nil, nil
	}
	return file.Docs[0].Body, nil
}

// plain refuses what makes much of few bytes, or has no use in rules.
func plain(tokens token.Tokens) error {
	flow, entries, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, entries = t.Position.Line, 0
		}
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			return at(t, errors.New("anchors, aliases and merges are not taken"))
		case token.TagType, token.DirectiveType, token.MappingKeyType:
			return at(t, errors.New("tags, directives and keys behind ? are not taken"))
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.SequenceEntryType:
			entries++
		}
		if flow > maxFlow || entries > maxFlow {
			return at(t, fmt.Errorf("nested deeper than %d", maxFlow))
		}
	}
	return nil
}

// syntax puts a parser's error, which draws the file, into one line.
func syntax(err error) error {
	var there yaml.Error
	if errors.As(err, &there) && there.GetToken() != nil {
		return at(there.GetToken(), errors.New(text.Escape(there.GetMessage())))
	}
	return errors.New(text.Escape(err.Error()))
}

// at places an error.
func at(t *token.Token, err error) error {
	var there positioned
	if err == nil || errors.As(err, &there) {
		return err
	}
	return positioned{t.Position.Line, t.Position.Column, err}
}

// inside says what an error is about, behind its place.
func inside(what string, err error) error {
	if p, ok := err.(positioned); ok {
		return positioned{p.line, p.column, fmt.Errorf("%s: %w", what, p.err)}
	}
	return fmt.Errorf("%s: %w", what, err)
}

func wrongAt(n ast.Node, format string, args ...any) error {
	return at(n.GetToken(), fmt.Errorf(format, args...))
}

// keys says what to do with the value of each key of a mapping.
type keys map[string]func(ast.Node) error

// mapping hands each value of a mapping to its key's function. Keys that are not known or
// come twice are errors.
func mapping(n ast.Node, what string, known keys) error {
	pairs, ok := pairsOf(n)
	if !ok {
		return wrongAt(n, "want a mapping of the keys of %s", what)
	}
	seen := map[string]bool{}
	for _, pair := range pairs {
		key := pair.Key.GetToken().Value
		read := known[key]
		switch {
		case read == nil:
			return wrongAt(pair.Key, "%s has no key \"%s\"%s", what, text.Escape(key), text.Suggest(key, sortedKeys(known)))
		case seen[key]:
			return wrongAt(pair.Key, "%s for the second time", key)
		}
		seen[key] = true
		if err := read(pair.Value); err != nil {
			return at(pair.Value.GetToken(), inside(key, err))
		}
	}
	return nil
}

func pairsOf(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// list returns the elements of a list, up to a number of them.
func list(n ast.Node, most int) ([]ast.Node, error) {
	s, ok := n.(*ast.SequenceNode)
	switch {
	case !ok:
		return nil, wrongAt(n, "want a list")
	case len(s.Values) > most:
		return nil, wrongAt(n, "more than %d elements", most)
	}
	for _, v := range s.Values {
		if v == nil {
			return nil, wrongAt(n, "an element without a value")
		}
	}
	return s.Values, nil
}

// scalar returns a value as it is written.
func scalar(n ast.Node) (string, error) {
	s, err := longScalar(n)
	if err == nil && len(s) > maxText {
		return "", wrongAt(n, "more than %d bytes", maxText)
	}
	return s, err
}

// longScalar is scalar without its limit.
func longScalar(n ast.Node) (string, error) {
	s := ""
	switch n := n.(type) {
	case *ast.StringNode:
		s = n.Value
	case *ast.LiteralNode:
		s = n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		s = n.GetToken().Value
	case *ast.NullNode:
		return "", wrongAt(n, "has no value")
	default:
		return "", wrongAt(n, "a %s is no value", strings.ToLower(n.Type().String()))
	}
	return s, nil
}

// The functions below return what to do with a key's value: to put it there.

func intoText(to *string) func(ast.Node) error {
	return func(n ast.Node) (err error) {
		s, err := scalar(n)
		*to = strings.TrimSpace(s)
		return err
	}
}

// intoExpression takes one as long as the file allows: its lists can have thousands of addresses.
func intoExpression(to *string) func(ast.Node) error {
	return func(n ast.Node) (err error) {
		s, err := longScalar(n)
		*to = strings.TrimSpace(s)
		return err
	}
}

// intoTexts takes a list, or one text for a list of it.
func intoTexts(to *[]string) func(ast.Node) error {
	return func(n ast.Node) error {
		elements := []ast.Node{n}
		if _, one := n.(ast.ScalarNode); !one {
			var err error
			if elements, err = list(n, maxList); err != nil {
				return err
			}
		}
		*to = []string{}
		for _, e := range elements {
			s, err := scalar(e)
			if err != nil {
				return err
			}
			*to = append(*to, s)
		}
		return nil
	}
}

func intoBool(to *bool) func(ast.Node) error {
	return func(n ast.Node) error {
		b, ok := n.(*ast.BoolNode)
		if !ok {
			return wrongAt(n, "want true or false")
		}
		*to = b.Value
		return nil
	}
}

func intoNumber(to *float64) func(ast.Node) error {
	return func(n ast.Node) error {
		s, err := scalar(n)
		if err != nil {
			return err
		}
		*to, err = finiteNumber(s)
		return err
	}
}

func finiteNumber(s string) (float64, error) {
	x, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, fmt.Errorf("\"%s\" is no number", text.Escape(s))
	}
	return x, nil
}

func intoCount(to func(uint64)) func(ast.Node) error {
	return func(n ast.Node) error {
		s, err := scalar(n)
		if err != nil {
			return err
		}
		x, err := strconv.ParseUint(s, 10, 31)
		if err != nil {
			return fmt.Errorf("\"%s\" is no number from 0 to 2147483647", text.Escape(s))
		}
		to(x)
		return nil
	}
}

// intoDuration reads 90s, 10m, 1h30m, and days as 7d.
func intoDuration(to *time.Duration) func(ast.Node) error {
	return func(n ast.Node) error {
		s, err := scalar(n)
		if err != nil {
			return err
		}
		s = strings.TrimSpace(s)
		d, err := time.ParseDuration(s)
		if days, ok := strings.CutSuffix(s, "d"); ok {
			var number uint64
			number, err = strconv.ParseUint(days, 10, 16)
			d = time.Duration(number) * 24 * time.Hour
		}
		if err != nil || d < 0 || d > maxWindow {
			return fmt.Errorf("\"%s\" is no duration such as 10m, 1h30m or 7d, of %v at most", text.Escape(s), maxWindow)
		}
		*to = d
		return nil
	}
}
