package rules

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"pcapmill/model/drift"
	"pcapmill/outputs/strictyaml"
	"pcapmill/outputs/text"
)

// Version is that of the files that this build reads.
const Version = 1

// Load reads a file of rules. Errors are ErrRule, with file, line and column, and the system's.
func Load(path string) ([]*Rule, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, ruleError{err}
	}
	defer f.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, ruleError{err}
	}
	return Parse(path, data)
}

// Parse reads the text of a file of that name. Errors are ErrRule.
func Parse(path string, data []byte) ([]*Rule, error) {
	rules, err := parse(data)
	if err == nil {
		err = distinctIDs(rules)
	}
	if err != nil {
		return nil, ruleError{fmt.Errorf("%s: %w", text.Escape(path), err)}
	}
	for _, r := range rules {
		r.File = path
	}
	return rules, nil
}

func parse(data []byte) ([]*Rule, error) {
	top, err := strictyaml.Parse(data, maxFile)
	if err != nil {
		return nil, err
	}
	if top == nil {
		return nil, errors.New("is empty: want version and rules")
	}
	var rules []*Rule
	var wrong error // with a rule: that it is one of rules is clear
	version := uint64(0)
	err = strictyaml.Mapping(top, "a file", strictyaml.Keys{
		"version": func(n ast.Node) error {
			err := intoCount(func(x uint64) { version = x })(n)
			if err == nil && version != Version {
				err = fmt.Errorf("%d: this build reads version %d", version, Version)
			}
			return err
		},
		"rules": func(n ast.Node) error {
			rules, wrong = parseRules(n)
			return nil
		},
	})
	switch err = cmp.Or(err, wrong); {
	case err != nil:
		return nil, err
	case version == 0:
		return nil, fmt.Errorf("version is missing: want version: %d", Version)
	case len(rules) == 0:
		return nil, errors.New("has no rules")
	}
	return rules, nil
}

func parseRules(n ast.Node) ([]*Rule, error) {
	elements, err := strictyaml.List(n, maxRules)
	if err != nil {
		return nil, err
	}
	var rules []*Rule
	for _, e := range elements {
		r, err := parseRule(e)
		if err != nil {
			if r.ID != "" {
				err = strictyaml.Inside("rule "+text.Escape(r.ID), err)
			}
			return nil, strictyaml.At(e, err)
		}
		rules = append(rules, r)
	}
	return rules, nil
}

// parseRule reads one; what was read of it comes back with an error too.
func parseRule(n ast.Node) (*Rule, error) {
	r := &Rule{Severity: defaultSeverity, Enabled: true, Dedup: Dedup{Period: defaultPeriod}}
	r.Line = strictyaml.Line(n)
	conditions := 0
	err := strictyaml.Mapping(n, "a rule", strictyaml.Keys{
		"id": strictyaml.Text(&r.ID), "title": strictyaml.Text(&r.Title), "description": strictyaml.Text(&r.Description),
		"severity": intoSeverity(&r.Severity), "enabled": strictyaml.Bool(&r.Enabled), "table": strictyaml.Text(&r.Table),
		"where": strictyaml.Expression(&r.Where), "requires": strictyaml.Texts(&r.Requires, maxList), "time": strictyaml.Text(&r.Time),
		"condition": func(n ast.Node) (err error) {
			r.Condition, err = parseConditions(n, &conditions, 0)
			return err
		},
		"baseline": func(n ast.Node) (err error) {
			r.Baseline, err = parseRelative(n)
			return err
		},
		"window": intoDuration(&r.Window), "group_by": strictyaml.Texts(&r.GroupBy, maxList),
		"aggregate": func(n ast.Node) (err error) {
			r.Aggregate, err = parseAggregate(n)
			return err
		},
		"threshold": func(n ast.Node) (err error) {
			r.Threshold, err = parseThreshold(n)
			return err
		},
		"dedup": func(n ast.Node) error {
			return strictyaml.Mapping(n, "dedup", strictyaml.Keys{"by": strictyaml.Texts(&r.Dedup.By, maxList), "period": intoDuration(&r.Dedup.Period)})
		},
		"evidence": strictyaml.Texts(&r.Evidence, maxList), "tags": strictyaml.Texts(&r.Tags, maxList), "references": strictyaml.Texts(&r.References, maxList),
	})
	if err == nil {
		err = r.validate()
	}
	return r, err
}

func intoSeverity(to *drift.Severity) func(ast.Node) error {
	return func(n ast.Node) error {
		s, err := strictyaml.Scalar(n)
		if err != nil {
			return err
		}
		if *to, err = drift.ParseSeverity(strings.ToLower(s)); err != nil {
			return errors.New(text.Escape(err.Error()))
		}
		return nil
	}
}

// parseConditions reads a condition, or a list of them, all of which must hold.
func parseConditions(n ast.Node, number *int, depth int) (*Condition, error) {
	if _, many := n.(*ast.SequenceNode); !many {
		return parseCondition(n, number, depth)
	}
	all, err := conditionList(n, number, depth)
	return &Condition{All: all, Line: n.GetToken().Position.Line}, err
}

func conditionList(n ast.Node, number *int, depth int) ([]Condition, error) {
	elements, err := strictyaml.List(n, maxConditions)
	if err != nil {
		return nil, err
	}
	if len(elements) == 0 {
		return nil, strictyaml.Wrong(n, "a list without conditions")
	}
	all := make([]Condition, 0, len(elements))
	for _, e := range elements {
		c, err := parseCondition(e, number, depth+1)
		if err != nil {
			return nil, err
		}
		all = append(all, *c)
	}
	return all, nil
}

func parseCondition(n ast.Node, number *int, depth int) (*Condition, error) {
	switch *number++; {
	case *number > maxConditions:
		return nil, strictyaml.Wrong(n, "more than %d conditions", maxConditions)
	case depth > maxNested:
		return nil, strictyaml.Wrong(n, "nested deeper than %d", maxNested)
	}
	c := &Condition{Line: n.GetToken().Position.Line}
	err := strictyaml.Mapping(n, "a condition", strictyaml.Keys{
		"field": strictyaml.Text(&c.Field), "where": strictyaml.Expression(&c.Where), "value": intoValues(&c.Values),
		"operator": func(n ast.Node) (err error) {
			c.Operator, err = parseOperator(n)
			return err
		},
		"all": func(n ast.Node) (err error) {
			c.All, err = conditionList(n, number, depth)
			return err
		},
		"any": func(n ast.Node) (err error) {
			c.Any, err = conditionList(n, number, depth)
			return err
		},
		"not": func(n ast.Node) (err error) {
			c.Not, err = parseConditions(n, number, depth+1)
			return err
		},
	})
	if err == nil {
		err = c.validate()
	}
	if err != nil {
		return nil, strictyaml.At(n, err)
	}
	return c, nil
}

// validate reports a condition that is none, or several.
func (c *Condition) validate() error {
	forms := 0
	for _, there := range []bool{c.Field != "" || c.Operator != "" || c.Values != nil, c.Where != "", c.All != nil, c.Any != nil, c.Not != nil} {
		if there {
			forms++
		}
	}
	switch {
	case forms != 1:
		return errors.New("a condition is one of: field, operator and value; all; any; not; where")
	case c.Field == "" && (c.Operator != "" || c.Values != nil):
		return errors.New("field is missing")
	case c.Field != "" && c.Operator == "":
		return errors.New("operator is missing")
	case c.Field != "" && c.Values == nil:
		return errors.New("value is missing")
	case c.Operator == "greater_than" && len(c.Values) > 1:
		return errors.New("greater_than takes one value")
	}
	if c.Operator == "regex" {
		for _, v := range c.Values {
			if _, err := regexp.Compile(v); err != nil {
				return errors.New(text.Escape(err.Error()))
			}
		}
	}
	return nil
}

func parseOperator(n ast.Node) (string, error) {
	s, err := strictyaml.Scalar(n)
	if err != nil {
		return "", err
	}
	operator := strings.ToLower(strings.ReplaceAll(s, "-", "_"))
	if !slices.Contains(Operators(), operator) {
		return "", fmt.Errorf("\"%s\" is none of %s%s", text.Escape(s), strings.Join(Operators(), ", "), text.Suggest(operator, Operators()))
	}
	return operator, nil
}

// intoValues reads a value, or a list of them.
func intoValues(to *[]string) func(ast.Node) error {
	return func(n ast.Node) error {
		elements := []ast.Node{n}
		if _, many := n.(*ast.SequenceNode); many {
			var err error
			if elements, err = strictyaml.List(n, maxConditions); err != nil {
				return err
			}
			if len(elements) == 0 {
				return errors.New("a list without values")
			}
		}
		for _, e := range elements {
			s, err := strictyaml.Scalar(e)
			if err != nil {
				return err
			}
			*to = append(*to, s)
		}
		return nil
	}
}

var callPattern = text.Pattern(`^([a-z]+)\s*(?:\(\s*([A-Za-z0-9_]*)\s*\))?$`)

// parseAggregate reads count, or FUNCTION(COLUMN).
func parseAggregate(n ast.Node) (*Aggregate, error) {
	s, err := strictyaml.Scalar(n)
	if err != nil {
		return nil, err
	}
	call := callPattern().FindStringSubmatch(strings.TrimSpace(s))
	switch {
	case call == nil || !slices.Contains(Aggregates(), call[1]):
		return nil, fmt.Errorf("\"%s\" is none of count, and %s of a column, such as sum(out_packets)", text.Escape(s), strings.Join(Aggregates()[1:], ", "))
	case (call[1] == "count") != (call[2] == ""):
		return nil, fmt.Errorf("\"%s\": count takes no column, the others take one; for rows with a value add where: COLUMN is not null", text.Escape(s))
	}
	return &Aggregate{Func: call[1], Column: call[2]}, nil
}

// parseThreshold reads a number, which is to be reached, or an operator and a number.
func parseThreshold(n ast.Node) (Threshold, error) {
	t := Threshold{Operator: ">="}
	if _, pairs := strictyaml.Pairs(n); pairs {
		s, value := "", math.NaN()
		err := strictyaml.Mapping(n, "threshold", strictyaml.Keys{"operator": strictyaml.Text(&s), "value": strictyaml.Number(&value)})
		switch {
		case err != nil:
			return Threshold{}, err
		case math.IsNaN(value):
			return Threshold{}, errors.New("value is missing")
		}
		t.Value = value
		if t.Operator = s; !slices.Contains(thresholdOperators, s) {
			return Threshold{}, fmt.Errorf("operator: \"%s\" is none of %s", text.Escape(s), strings.Join(thresholdOperators, " "))
		}
		return t, nil
	}
	s, err := strictyaml.Scalar(n)
	if err != nil {
		return Threshold{}, err
	}
	s = strings.TrimSpace(s)
	for _, operator := range thresholdOperators {
		if rest, ok := strings.CutPrefix(s, operator); ok {
			t.Operator, s = operator, rest
			break
		}
	}
	t.Value, err = strictyaml.Finite(s)
	if err != nil {
		err = fmt.Errorf("want a number, or one behind an operator, such as \">= 5\": %w", err)
	}
	return t, err
}

func parseRelative(n ast.Node) (*Relative, error) {
	kind := ""
	pairs, ok := strictyaml.Pairs(n)
	if !ok {
		return nil, strictyaml.Wrong(n, "want a mapping of the keys of baseline")
	}
	for _, pair := range pairs {
		if pair.Key.GetToken().Value == "kind" {
			if err := strictyaml.Text(&kind)(pair.Value); err != nil {
				return nil, err
			}
		}
	}
	if !slices.Contains(Kinds(), kind) { // before its keys, which depend on it
		return nil, strictyaml.Wrong(n, "kind: want one of %s", strings.Join(Kinds(), ", "))
	}
	r := defaultRelative(kind)
	known := strictyaml.Keys{
		"kind": strictyaml.Text(&r.Kind), "host": strictyaml.Text(&r.Host),
		"windows": intoCount(func(x uint64) { r.Windows = x }), "days": intoCount(func(x uint64) { r.Days = int(x) }),
	}
	switch kind {
	case Spike:
		maps.Copy(known, strictyaml.Keys{"feature": strictyaml.Text(&r.Feature), "times": strictyaml.Number(&r.Times), "sigma": strictyaml.Number(&r.Sigma)})
	case NewKey:
		maps.Copy(known, strictyaml.Keys{"category": strictyaml.Text(&r.Category), "key": strictyaml.Texts(&r.Key, maxList), "known": intoCount(func(x uint64) { r.Known = x }), "novelty": strictyaml.Number(&r.Novelty)})
	}
	if err := strictyaml.Mapping(n, "baseline", known); err != nil {
		return nil, err
	}
	return &r, nil
}
