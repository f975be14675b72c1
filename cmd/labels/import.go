package labels

import (
	"context"
	"fmt"
	"io"

	"pcapmill/datasets/label/rulefile"
	"pcapmill/datasets/label/source"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
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
		return nil, misuse("%s is there: --force replaces it", text.Escape(c.Out))
	}
	set, err := source.Read(ctx, c.Rules, c.Source)
	if err != nil {
		return nil, err
	}
	if len(set.Rules) == 0 {
		return nil, misuse("there are no rules in it: events and scores are read as they are, and need no rules")
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
	write := func(w io.Writer) error { return rulefile.Write(w, set.Rules, done.Notes) }
	if c.Out == "" {
		return done, write(c.Writer)
	}
	_, err = publish.Replace(c.Out, write, nil)
	return done, err
}
