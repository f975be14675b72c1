package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml/ast"

	"pcapmill/outputs/strictyaml"
	"pcapmill/outputs/text"
)

// configFile is the path of a YAML file with values for the flags of run, or of a live command.
type configFile string

// BeforeResolve implements kong's hook: it adds the file's values to those that
// kong looks up for flags not on the command line.
func (configFile) BeforeResolve(ctx *kong.Context, trace *kong.Path) error {
	if ctx.Selected() == nil || !hasConfig(ctx.Selected()) {
		return nil // $PCAPMILL_CONFIG, and another command
	}
	path := string(ctx.FlagValue(trace.Flag).(configFile))
	if path == "" {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("--config: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	values, err := readConfig(f, configurable(ctx.Selected()))
	if err != nil {
		return fmt.Errorf("--config: %s: %w", text.Escape(path), err)
	}
	ctx.AddResolver(values)
	return nil
}

// maxConfig is far above any configuration.
const maxConfig = 1 << 20

// config maps flag names to values. It is a kong.Resolver.
type config map[string]configured

// configured is a value in a file.
type configured struct {
	text string // as it would stand on the command line
	list []any  // its elements, texts; nil: it is no list
}

// Validate implements kong.Resolver; readConfig has checked everything.
func (config) Validate(*kong.Application) error { return nil }

// Resolve implements kong.Resolver. kong asks it after the environment has been
// applied, so it must not answer for flags that the environment sets.
func (c config) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	value, known := c[flag.Name]
	switch {
	case !known || fromEnvironment(flag):
		return nil, nil
	case flag.Tag.Sep < 0 && flag.Target.Kind() == reflect.Slice && value.list != nil: // nothing on the command line divides it
		return value.list, nil
	case flag.Target.Kind() == reflect.String && value.list != nil:
		return nil, fmt.Errorf("%s: --config has a list, and it is one text", flag.Name)
	}
	return value.text, nil
}

// readConfig parses a flat mapping of flag names to values or lists of values.
// Unknown and repeated keys are errors that say the line.
func readConfig(r io.Reader, known []string) (c config, err error) {
	data, err := io.ReadAll(io.LimitReader(r, maxConfig+1))
	if err != nil {
		return nil, err
	}
	top, err := strictyaml.Parse(data, maxConfig)
	if err != nil {
		return nil, err
	}
	c = config{}
	if err := c.add(top, known); err != nil {
		return nil, err
	}
	return c, nil
}

func (c config) add(body ast.Node, known []string) error {
	if strictyaml.Empty(body) {
		return nil
	}
	pairs, ok := strictyaml.Pairs(body)
	if !ok {
		return fmt.Errorf("line %d: want a mapping of flag names to values", lineOf(body))
	}
	for _, pair := range pairs {
		key := strings.ReplaceAll(pair.Key.GetToken().Value, "_", "-")
		if !slices.Contains(known, key) {
			return fmt.Errorf("line %d: unknown key %q%s", lineOf(pair.Key), key, text.Suggest(key, known))
		}
		if _, twice := c[key]; twice {
			return fmt.Errorf("line %d: %q for the second time", lineOf(pair.Key), key)
		}
		value, err := flatten(pair.Value)
		if err != nil {
			return fmt.Errorf("line %d: %s: %w", lineOf(pair.Key), key, err)
		}
		c[key] = value
	}
	return nil
}

func lineOf(n ast.Node) int { return n.GetToken().Position.Line }

// flatten turns a scalar, or a list of scalars, into a flag's value.
func flatten(n ast.Node) (configured, error) {
	list, is := n.(*ast.SequenceNode)
	if !is {
		text, err := scalar(n)
		return configured{text: text}, err
	}
	c := configured{list: make([]any, len(list.Values))}
	texts := make([]string, len(list.Values))
	for i, v := range list.Values {
		if v == nil {
			return c, errors.New("an element without a value")
		}
		if _, nested := v.(*ast.SequenceNode); nested {
			return c, errors.New("a list in a list")
		}
		value, err := scalar(v)
		if err != nil {
			return c, err
		}
		c.list[i], texts[i] = value, strings.ReplaceAll(value, ",", `\,`)
	}
	c.text = strings.Join(texts, ",")
	return c, nil
}

func scalar(n ast.Node) (string, error) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, nil
	case *ast.NullNode:
		return "", errors.New("has no value")
	}
	return "", fmt.Errorf("a %s is no value for a flag", strings.ToLower(n.Type().String()))
}
