package labels

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"pcapmill/datasets/label/rulefile"
	"pcapmill/datasets/label/source"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
	"pcapmill/outputs/usage"
)

// Import says which rules of other tools become a file of our own.
type Import struct {
	Rules  []string
	Out    string // empty: to Writer
	Writer io.Writer
	Source source.Options
	Force  bool // take the place of what is there
}

// Imported is what came of it.
type Imported struct {
	Rules   int
	Refused int64
	Notes   []string
}

// Run writes the file.
func (c *Import) Run(ctx context.Context) (*Imported, error) {
	if c.Out != "" && !c.Force && exists(c.Out) {
		return nil, usage.Errorf("%s is there: --force replaces it", text.Escape(c.Out))
	}
	set, err := source.Read(ctx, c.Rules, c.Source)
	if err != nil {
		return nil, err
	}
	if len(set.Rules) == 0 {
		return nil, usage.Errorf("there are no rules in it: events and scores are read as they are, and need no rules")
	}
	done := &Imported{Rules: len(set.Rules)}
	for i := range set.Sources {
		s := &set.Sources[i]
		name := nameOf(s.Path)
		done.Notes = append(done.Notes, fmt.Sprintf("%s: %s, sha256 %s", name, s.Kind, s.SHA256))
		for _, note := range s.Notes {
			done.Notes = append(done.Notes, name+": "+note)
		}
		if s.Events > 0 {
			done.Notes = append(done.Notes, fmt.Sprintf("%s: %d events or scores are no rules, and are not here", name, s.Events))
		}
		done.Refused += s.Refused
	}
	var file bytes.Buffer
	if len(set.Rules) <= source.MaxRules {
		err = rulefile.Write(&file, set.Rules, done.Notes)
	}
	switch {
	case err != nil:
		return nil, err
	case len(set.Rules) > source.MaxRules || file.Len() > source.MaxRulesFile:
		return nil, fmt.Errorf("%w: %d rules are more than a file of rules has, which is %d in %d bytes; label --rules takes what they are from as it is", source.ErrLimit, len(set.Rules), source.MaxRules, source.MaxRulesFile)
	case c.Out == "":
		_, err = file.WriteTo(c.Writer)
		return done, err
	}
	_, err = publish.Replace(c.Out, func(w io.Writer) error {
		_, err := file.WriteTo(w)
		return err
	}, nil)
	return done, err
}
