package suppress

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"

	"pcapmill/model/drift"
	"pcapmill/outputs/strictyaml"
)

// The parser's time and memory grow with the square of some lines and of depth, so files
// are bounded by far more than lists need.
const (
	maxBytes = 256 << 10
	maxLine  = 4 << 10
	maxDepth = 16
	maxText  = 1000 // bytes of a scalar
)

// Read reads a list. Errors are ErrList or r's, and say the line.
func Read(r io.Reader) (l List, err error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, err
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // as editors of Windows begin a file
	if err := bounded(data); err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil { // of the YAML parser
			l, err = nil, fmt.Errorf("%w: malformed YAML: %v", ErrList, p)
		}
	}()
	tokens := lexer.Tokenize(string(data))
	if err := strictyaml.FewKeys(tokens); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrList, err)
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, syntax(err)
	}
	for i, doc := range file.Docs {
		if i > 0 && doc.Body != nil {
			return nil, fmt.Errorf("%w: more than one YAML document", ErrList)
		}
		if l, err = entries(doc.Body); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func bounded(data []byte) error {
	if len(data) > maxBytes {
		return fmt.Errorf("%w: more than %d bytes", ErrList, maxBytes)
	}
	depth := 0
	for i, line := range bytes.Split(data, []byte("\n")) {
		if len(line) > maxLine {
			return fmt.Errorf("%w: line %d: more than %d bytes", ErrList, i+1, maxLine)
		}
		for _, c := range line {
			switch c {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(0, depth-1)
			}
		}
		if depth > maxDepth || indented(line) > maxLine/8 {
			return fmt.Errorf("%w: line %d: nested deeper than any list", ErrList, i+1)
		}
	}
	return nil
}

// indented counts what may open levels at the beginning of a line.
func indented(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " -?\t")) }

// syntax puts a parser's error, which draws the file, into one line.
func syntax(err error) error {
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil {
		return fmt.Errorf("%w: line %d: %s", ErrList, at.GetToken().Position.Line, at.GetMessage())
	}
	return fmt.Errorf("%w: %w", ErrList, err)
}

func wrong(n ast.Node, format string, args ...any) error {
	return fmt.Errorf("%w: line %d: %s", ErrList, lineOf(n), fmt.Sprintf(format, args...))
}

func lineOf(n ast.Node) int { return n.GetToken().Position.Line }

func entries(body ast.Node) (List, error) {
	switch n := body.(type) {
	case nil, *ast.CommentGroupNode, *ast.NullNode:
		return nil, nil
	case *ast.SequenceNode:
		l := make(List, len(n.Values))
		for i, v := range n.Values {
			if err := l[i].read(v); err != nil {
				return nil, err
			}
		}
		return l, nil
	}
	return nil, wrong(body, "want a list of entries, each begun by a dash")
}

// read reads an entry and checks that it is whole.
func (e *Entry) read(n ast.Node) error {
	*e = Entry{Line: lineOf(n), Most: drift.Critical}
	forever, matches := false, 0
	err := each(n, map[string]func(ast.Node) error{
		"match":        func(v ast.Node) (err error) { matches, err = e.readMatch(v); return err },
		"max-severity": e.readMost,
		"reason":       func(v ast.Node) (err error) { e.Reason, err = scalar(v); return err },
		"until":        e.readUntil,
		"forever":      func(v ast.Node) (err error) { forever, err = truth(v); return err },
	})
	switch {
	case err != nil:
		return err
	case matches == 0:
		return wrong(n, "an entry without match would suppress everything")
	case strings.TrimSpace(e.Reason) == "":
		return wrong(n, "an entry without a reason")
	case forever && !e.Until.IsZero():
		return wrong(n, "an entry both until a day and forever")
	case !forever && e.Until.IsZero():
		return wrong(n, "an entry without an end: say until a day, such as 2026-12-31, or forever: true")
	}
	return nil
}

// readMatch returns how much is asked for.
func (e *Entry) readMatch(n ast.Node) (asked int, err error) {
	err = each(n, map[string]func(ast.Node) error{
		"layer":   e.readLayers,
		"host":    e.readHosts,
		"segment": func(v ast.Node) error { return patterns(v, &e.Segments) },
		"subject": func(v ast.Node) error { return patterns(v, &e.Subjects) },
		"key":     func(v ast.Node) error { return patterns(v, &e.Keys) },
	})
	return len(e.Layers) + len(e.Hosts) + len(e.Segments) + len(e.Subjects) + len(e.Keys), err
}

var layers = []drift.Layer{
	drift.Quality, drift.Schema, drift.Volume, drift.Population, drift.Values, drift.Cardinality, drift.Distribution, drift.Behaviour,
}

func (e *Entry) readLayers(n ast.Node) error {
	return scalars(n, func(v ast.Node, s string) error {
		if !slices.Contains(layers, drift.Layer(s)) {
			return wrong(v, "layer %q is none of %v", s, layers)
		}
		e.Layers = append(e.Layers, drift.Layer(s))
		return nil
	})
}

func (e *Entry) readHosts(n ast.Node) error {
	return scalars(n, func(v ast.Node, s string) error {
		network, ok := parseNetwork(s)
		if !ok {
			return wrong(v, "host %q is neither an address nor a network", s)
		}
		e.Hosts = append(e.Hosts, network)
		return nil
	})
}

func (e *Entry) readMost(n ast.Node) error {
	s, err := scalar(n)
	if err != nil {
		return err
	}
	if e.Most, err = drift.ParseSeverity(s); err != nil || e.Most == drift.None {
		return wrong(n, "max-severity %q is none of low, medium, high, critical", s)
	}
	return nil
}

func (e *Entry) readUntil(n ast.Node) error {
	s, err := scalar(n)
	if err != nil {
		return err
	}
	if e.Until, err = time.Parse(time.DateOnly, s); err != nil || e.Until.IsZero() {
		return wrong(n, "until %q is no day, such as 2026-12-31", s)
	}
	return nil
}

// each calls a function for the value of every key of a mapping.
func each(n ast.Node, known map[string]func(ast.Node) error) error {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		return wrong(n, "want keys with values")
	}
	seen := map[string]bool{}
	for _, pair := range pairs {
		key := strings.ReplaceAll(pair.Key.GetToken().Value, "_", "-")
		read, ok := known[key]
		switch {
		case !ok:
			return wrong(pair.Key, "unknown key %q: there are %s", key, names(known))
		case seen[key]:
			return wrong(pair.Key, "%q for the second time", key)
		}
		seen[key] = true
		if err := read(pair.Value); err != nil {
			return err
		}
	}
	return nil
}

func names(known map[string]func(ast.Node) error) string {
	var all []string
	for name := range known {
		all = append(all, name)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func patterns(n ast.Node, into *[]Pattern) error {
	return scalars(n, func(_ ast.Node, s string) error {
		*into = append(*into, PatternOf(s))
		return nil
	})
}

// scalars calls a function for a scalar, or for each of a list, of which there is one at least.
func scalars(n ast.Node, take func(ast.Node, string) error) error {
	values := []ast.Node{n}
	if list, ok := n.(*ast.SequenceNode); ok {
		values = list.Values
	}
	if len(values) == 0 {
		return wrong(n, "an empty list")
	}
	for _, v := range values {
		s, err := scalar(v)
		if err != nil {
			return err
		}
		if err := take(v, s); err != nil {
			return err
		}
	}
	return nil
}

// scalar is a text, or what else would be one in quotes.
func scalar(n ast.Node) (string, error) {
	s := ""
	switch n := n.(type) {
	case *ast.StringNode:
		s = n.Value
	case *ast.LiteralNode:
		s = strings.TrimSpace(n.Value.Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		s = n.GetToken().Value
	default:
		return "", wrong(n, "want a text in place of a %s", strings.ToLower(n.Type().String()))
	}
	if len(s) > maxText {
		return "", wrong(n, "a text of more than %d bytes", maxText)
	}
	return s, nil
}

func truth(n ast.Node) (bool, error) {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		return false, wrong(n, "want true or false")
	}
	return b.Value, nil
}
