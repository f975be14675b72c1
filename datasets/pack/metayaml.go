package pack

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"

	"pcapmill/outputs/text"
)

// Bounds of a meta.yaml: far above any of people.
const (
	maxMeta = 256 << 10
	maxFlow = 20 // brackets in brackets, which the parser goes into by recursion
)

// ReadMeta reads a meta.yaml, and returns its bytes too. The error is ErrMeta and names the file
// and, where it is known, the line.
func ReadMeta(path string) (*Meta, []byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrMeta, err)
	}
	defer f.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(io.LimitReader(f, maxMeta+1))
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrMeta, err)
	}
	m, err := ParseMeta(data)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", text.Escape(path), err)
	}
	return m, data, nil
}

// ParseMeta reads the bytes of a meta.yaml.
func ParseMeta(data []byte) (m *Meta, err error) {
	if len(data) > maxMeta {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrMeta, maxMeta)
	}
	defer func() {
		if p := recover(); p != nil { // of the YAML parser
			m, err = nil, fmt.Errorf("%w: malformed YAML: %s", ErrMeta, text.Escape(fmt.Sprint(p)))
		}
	}()
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // as editors of Windows begin a file
	if err := plainYAML(lexer.Tokenize(string(data))); err != nil {
		return nil, err
	}
	m = new(Meta)
	if err := yaml.UnmarshalWithOptions(data, m, yaml.DisallowUnknownField()); err != nil && !errors.Is(err, io.EOF) { // EOF: an empty file
		return nil, yamlError(err)
	}
	return m, m.Validate()
}

// plainYAML refuses what makes much of few bytes, or has no use here.
func plainYAML(tokens token.Tokens) error {
	flow, entries, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, entries = t.Position.Line, 0
		}
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType, token.TagType, token.DirectiveType, token.MappingKeyType:
			return fmt.Errorf("%w: line %d: anchors, aliases, tags, directives and keys behind ? are not taken", ErrMeta, line)
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.SequenceEntryType:
			entries++
		}
		if flow > maxFlow || entries > maxFlow {
			return fmt.Errorf("%w: line %d: nested deeper than %d", ErrMeta, line, maxFlow)
		}
	}
	return nil
}

// yamlError puts a parser's error, which draws the file, into one line.
func yamlError(err error) error {
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil {
		return fmt.Errorf("%w: line %d: %s", ErrMeta, at.GetToken().Position.Line, text.Escape(at.GetMessage()))
	}
	return fmt.Errorf("%w: %s", ErrMeta, text.Escape(err.Error()))
}
