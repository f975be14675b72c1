package source

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"pcapmill/datasets/label"
	"pcapmill/outputs/where"
)

// namePattern is one of Options.FromName.
type namePattern struct {
	text       string
	expression *regexp.Regexp // nil: glob and label
	glob       where.Glob
	label      string
}

// readNames makes a rule of each capture whose path, or the last element of it, fits a pattern:
// all its flows have one label. The first pattern that fits counts.
func readNames(r *reading) error {
	r.source.Kind, r.path = label.FileNames, "--from-name"
	r.source.Path = r.path
	all := strings.Join(r.opts.FromName, "\n")
	sum := sha256.Sum256([]byte(all))
	r.source.SHA256, r.source.Bytes = hex.EncodeToString(sum[:]), int64(len(all))
	patterns, err := parseNames(r.opts.FromName)
	if err != nil {
		return err
	}
	hits := make([]int, len(patterns))
	for _, capture := range r.opts.Captures {
		i, m := fitting(patterns, capture)
		if i < 0 {
			r.skip()
			continue
		}
		hits[i]++
		rule := &label.Rule{Meaning: m, Depth: label.AnyDepth, Captures: []string{literalGlob(capture)}}
		if err := r.rule(place{int64(i + 1), -1}, rule); err != nil {
			return err
		}
	}
	for i := range hits {
		if hits[i] == 0 {
			r.note("no capture fits %s", quoted(patterns[i].text))
		}
	}
	return nil
}

func parseNames(all []string) ([]namePattern, error) {
	var patterns []namePattern
	for _, s := range all {
		p, err := parseName(s)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrOptions, quoted(s), err)
		}
		patterns = append(patterns, p)
	}
	return patterns, nil
}

// parseName reads GLOB=LABEL, or an expression, which has a group that is called label.
func parseName(s string) (p namePattern, err error) {
	p.text = s
	if strings.Contains(s, "(?P<label>") || strings.Contains(s, "(?<label>") {
		p.expression, err = regexp.Compile(s)
		return p, err
	}
	at := strings.LastIndexByte(s, '=')
	if at <= 0 || at == len(s)-1 {
		return p, errors.New("it is neither GLOB=LABEL nor an expression with a group (?P<label>…)")
	}
	p.glob, p.label = where.NewGlob(s[:at]), s[at+1:]
	return p, nil
}

// fitting returns the first pattern that fits a capture and what it says; -1: none does. Without a
// group that says another, each capture is a campaign of its own.
func fitting(patterns []namePattern, capture string) (int, label.Meaning) {
	for i := range patterns {
		m, ok := patterns[i].fit(capture)
		if !ok {
			m, ok = patterns[i].fit(filepath.Base(capture))
		}
		if ok {
			m.ID, m.Priority = patterns[i].text, fileNamePriority
			if m.Campaign == "" {
				m.Campaign = capture
			}
			return i, m
		}
	}
	return -1, label.Meaning{}
}

func (p *namePattern) fit(name string) (m label.Meaning, ok bool) {
	if p.expression == nil {
		return label.Meaning{Label: p.label}, p.glob.Match([]byte(name))
	}
	found := p.expression.FindStringSubmatch(name)
	if found == nil {
		return m, false
	}
	for i, group := range p.expression.SubexpNames() {
		switch group {
		case "label":
			m.Label = found[i]
		case "category":
			m.Category = found[i]
		case "campaign":
			m.Campaign = found[i]
		}
	}
	return m, m.Label != ""
}

var globSigns = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

// literalGlob is a glob that fits one text alone.
func literalGlob(s string) string { return globSigns.Replace(s) }
