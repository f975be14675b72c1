package build

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"pcapmill/outputs/text"
)

// Map gives labels others, such as one name for all kinds of a denial of service.
//
// As YAML, of which JSON is a part, or as CSV with the header old,new, where an empty new drops:
//
//	map:
//	  DoS Hulk: DoS
//	  DoS slowloris: DoS
//	drop: [Heartbleed]
//	others: keep
type Map struct {
	Becomes map[string]string `json:"map,omitempty"`
	Drop    []string          `json:"drop,omitempty"`
	Others  string            `json:"others"` // keep, or drop

	drops map[string]bool
}

// What becomes of labels that a Map does not name.
const (
	OthersKeep = "keep"
	OthersDrop = "drop"
)

const (
	maxMap     = 256 << 10 // bytes; it is kept in the manifest
	maxMapText = 1000      // bytes of a label
	maxNesting = 8
)

// String returns the map as JSON, the same for the same content; empty for nil.
func (m *Map) String() string {
	if m == nil {
		return ""
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil { // cannot be, of texts
		return ""
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// of returns what a label becomes, and whether its rows stay.
func (m *Map) of(name string) (string, bool) {
	if m == nil {
		return name, true
	}
	if becomes, known := m.Becomes[name]; known {
		return becomes, true
	}
	return name, !m.drops[name] && m.Others != OthersDrop
}

// LoadMap reads a map from a file, and returns the hash and size of its bytes. Errors are ErrConfig.
func LoadMap(file string) (m *Map, sha256Hex string, size int64, err error) {
	info, err := os.Stat(file)
	if err == nil && !info.Mode().IsRegular() { // a pipe would make us wait
		err = fmt.Errorf("%s is no file", text.Escape(file))
	}
	if err != nil {
		return nil, "", 0, misuse("%w", err)
	}
	data, err := readMap(file)
	if err != nil {
		return nil, "", 0, misuse("%w", err)
	}
	if m, err = ParseMap(data); err != nil {
		return nil, "", 0, misuse("%s: %w", text.Escape(file), err)
	}
	sum := sha256.Sum256(data)
	return m, hex.EncodeToString(sum[:]), int64(len(data)), nil
}

func readMap(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	return io.ReadAll(io.LimitReader(f, maxMap+1))
}

// ParseMap reads a map.
func ParseMap(data []byte) (*Map, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // as editors of Windows begin a file
	switch {
	case len(data) > maxMap:
		return nil, fmt.Errorf("more than %d bytes", maxMap)
	case !utf8.Valid(data):
		return nil, errors.New("is not UTF-8")
	}
	m := &Map{Becomes: map[string]string{}, Others: OthersKeep, drops: map[string]bool{}}
	first, _, _ := bytes.Cut(data, []byte("\n"))
	read := m.readYAML
	if string(bytes.TrimSpace(first)) == "old,new" {
		read = m.readCSV
	}
	if err := read(data); err != nil {
		return nil, err
	}
	if len(m.Becomes)+len(m.Drop) == 0 {
		return nil, errors.New("says nothing of any label")
	}
	slices.Sort(m.Drop)
	return m, nil
}

func (m *Map) readCSV(data []byte) error {
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord, r.ReuseRecord = 2, true
	for n := 0; ; n++ {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errors.New(text.Escape(err.Error()))
		}
		line, _ := r.FieldPos(0)
		switch {
		case n == 0:
			continue
		case row[1] == "":
			err = m.drop(row[0])
		default:
			err = m.rename(row[0], row[1])
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

func (m *Map) rename(old, name string) error {
	if _, twice := m.Becomes[old]; twice || m.drops[old] {
		return fmt.Errorf("%s for the second time", text.Escape(old))
	}
	if err := errors.Join(named(old), named(name)); err != nil {
		return err
	}
	m.Becomes[strings.Clone(old)] = strings.Clone(name)
	return nil
}

func (m *Map) drop(old string) error {
	if _, twice := m.Becomes[old]; twice || m.drops[old] {
		return fmt.Errorf("%s for the second time", text.Escape(old))
	}
	if err := named(old); err != nil {
		return err
	}
	old = strings.Clone(old)
	m.Drop, m.drops[old] = append(m.Drop, old), true
	return nil
}

func named(s string) error {
	switch {
	case s == "":
		return errors.New("a label without text")
	case len(s) > maxMapText:
		return fmt.Errorf("a label of more than %d bytes", maxMapText)
	}
	return nil
}

func (m *Map) readYAML(data []byte) (err error) {
	defer func() {
		if p := recover(); p != nil { // of the YAML parser
			err = fmt.Errorf("malformed YAML: %s", text.Escape(fmt.Sprint(p)))
		}
	}()
	tokens := lexer.Tokenize(string(data))
	if err := plain(tokens); err != nil {
		return err
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n") // below it is a drawing of the file
		return errors.New(text.Escape(first))
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return errors.New("want one YAML document with map, drop and others")
	}
	return eachPair(file.Docs[0].Body, m.readKey)
}

// plain refuses what makes much of few bytes, or has no use in maps.
func plain(tokens token.Tokens) error {
	flow := 0
	for _, t := range tokens {
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType, token.TagType, token.DirectiveType, token.MappingKeyType:
			return fmt.Errorf("line %d: anchors, aliases, merges, tags and keys behind ? are not taken", t.Position.Line)
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.SequenceEntryType:
			if t.Position.Column > 200 {
				return fmt.Errorf("line %d: nested too deep", t.Position.Line)
			}
		}
		if flow > maxNesting {
			return fmt.Errorf("line %d: nested deeper than %d", t.Position.Line, maxNesting)
		}
	}
	return nil
}

// readKey takes one of the keys at the top.
func (m *Map) readKey(key string, value ast.Node) error {
	switch key {
	case "map":
		return eachPair(value, func(old string, name ast.Node) error {
			s, err := scalar(name)
			if err != nil {
				return err
			}
			return m.rename(old, s)
		})
	case "drop":
		list, ok := value.(*ast.SequenceNode)
		if !ok {
			return errors.New("drop: want a list of labels")
		}
		for _, e := range list.Values {
			s, err := scalar(e)
			if err == nil {
				err = m.drop(s)
			}
			if err != nil {
				return err
			}
		}
		return nil
	case "others":
		s, err := scalar(value)
		if err == nil && s != OthersKeep && s != OthersDrop {
			err = fmt.Errorf("others: %s is neither keep nor drop", text.Escape(s))
		}
		m.Others = s
		return err
	}
	return fmt.Errorf("no key is called %s%s", text.Escape(key), text.Suggest(key, []string{"map", "drop", "others"}))
}

// eachPair visits the pairs of a mapping, and says in which line one is wrong.
func eachPair(n ast.Node, visit func(key string, value ast.Node) error) error {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		return errors.New("want a mapping")
	}
	for _, pair := range pairs {
		at := pair.Key.GetToken()
		if err := visit(at.Value, pair.Value); err != nil {
			var placed lineError
			if errors.As(err, &placed) {
				return err
			}
			return lineError{at.Position.Line, err}
		}
	}
	return nil
}

// lineError is what is wrong in a line.
type lineError struct {
	line int
	err  error
}

// Error names the line.
func (e lineError) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.err) }

// Unwrap returns what is wrong.
func (e lineError) Unwrap() error { return e.err }

func scalar(n ast.Node) (string, error) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, nil
	}
	return "", errors.New("want a text")
}
