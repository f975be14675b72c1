// Package strictyaml reads YAML that strangers wrote into what a caller asks for, key by key.
//
// It takes the part of YAML that people write in lists of rules: mappings, lists, scalars. Anchors,
// aliases, merges, tags and a second document are refused, and so are keys that are not known, so
// that a misspelt one is never a rule without it. Size, nesting and keys are bounded: the parser's time
// grows with the square of some lines, and of mappings. Each error says the line and column.
package strictyaml

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"pcapmill/outputs/text"
)

// Node is a mapping, a list or a scalar.
type Node = ast.Node

// maxFlow bounds brackets in brackets, and lists in lists on one line, which the parser goes
// into by recursion.
const maxFlow = 40

// Parse returns the top of a document of so many bytes at most, nil of an empty one.
func Parse(data []byte, most int) (top Node, err error) {
	if len(data) > most {
		return nil, fmt.Errorf("more than %d bytes", most)
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
	if err := FewKeys(tokens); err != nil {
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

// Empty reports whether a document has nothing in it but comments, or null.
func Empty(top Node) bool {
	switch top.(type) {
	case nil, *ast.CommentGroupNode, *ast.NullNode:
		return true
	}
	return false
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

// maxKeys of a mapping is far above any file of ours.
const maxKeys = 10_000

// FewKeys refuses a mapping by lines of more keys than any file of ours has: the parser calls itself
// for each, and copies all that follow it.
func FewKeys(tokens token.Tokens) error {
	type mapping struct{ column, keys int }
	var open []mapping // that a token can be in, by their columns
	for i, t := range tokens {
		column := t.Position.Column // of a key or a dash
		if t.Type == token.MappingValueType && i > 0 && tokens[i-1].Position.Line == t.Position.Line {
			column = tokens[i-1].Position.Column
		}
		if t.Type != token.MappingValueType && t.Type != token.SequenceEntryType {
			continue
		}
		for len(open) > 0 && open[len(open)-1].column > column {
			open = open[:len(open)-1]
		}
		if t.Type == token.SequenceEntryType {
			continue
		}
		if len(open) == 0 || open[len(open)-1].column < column {
			open = append(open, mapping{column: column})
		}
		if open[len(open)-1].keys++; open[len(open)-1].keys > maxKeys {
			return at(t, fmt.Errorf("more than %d keys", maxKeys))
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

// Error is an error with its place in the file.
type Error struct {
	Line, Column int // from 1; 0: not known
	Err          error
}

// Error implements error.
func (e Error) Error() string {
	switch {
	case e.Line == 0:
		return e.Err.Error()
	case e.Column == 0:
		return fmt.Sprintf("line %d: %v", e.Line, e.Err)
	}
	return fmt.Sprintf("line %d, column %d: %v", e.Line, e.Column, e.Err)
}

// Unwrap returns what is wrong.
func (e Error) Unwrap() error { return e.Err }

// At says where an error is, unless it says so itself; nil stays nil.
func At(n Node, err error) error { return at(n.GetToken(), err) }

func at(t *token.Token, err error) error {
	var there Error
	if err == nil || errors.As(err, &there) {
		return err
	}
	return Error{t.Position.Line, t.Position.Column, err}
}

// Inside says what an error is about, behind its place.
func Inside(what string, err error) error {
	if p, ok := err.(Error); ok {
		return Error{p.Line, p.Column, fmt.Errorf("%s: %w", what, p.Err)}
	}
	return fmt.Errorf("%s: %w", what, err)
}

// Wrong makes an error about a node.
func Wrong(n Node, format string, args ...any) error {
	return at(n.GetToken(), fmt.Errorf(format, args...))
}
