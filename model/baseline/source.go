package baseline

import (
	"bytes"
	"fmt"
	"slices"
)

// Source says which table rows were added from. Hash identifies it: the SHA-256 of what
// identifies its bytes, as of the hashes of its parts in a manifest.
type Source struct {
	Hash          [32]byte
	PlanID, RunID string // of the manifest; each up to MaxName bytes
}

func (s *Source) validate() error {
	if len(s.PlanID) > MaxName || len(s.RunID) > MaxName {
		return fmt.Errorf("%w: ids of %d and %d bytes", ErrConfig, len(s.PlanID), len(s.RunID))
	}
	return nil
}

// AddSource notes a table whose rows the caller adds next. ErrTwice says that the same
// bytes, or a table of the same run, were added before: its rows must be left out. A
// baseline some of whose source's rows could not be added is not to be saved.
func (b *Baseline) AddSource(s Source) error {
	if err := s.validate(); err != nil {
		return err
	}
	if err := b.checkNew(&s); err != nil {
		return err
	}
	if len(b.sources) >= MaxSources {
		return fmt.Errorf("%w: %d sources", ErrFull, len(b.sources))
	}
	b.insertSource(&s)
	return nil
}

func compareHash(s Source, hash [32]byte) int { return bytes.Compare(s.Hash[:], hash[:]) }

func (c *contents) insertSource(s *Source) {
	at, _ := slices.BinarySearchFunc(c.sources, s.Hash, compareHash)
	c.sources = slices.Insert(c.sources, at, *s)
	if s.RunID != "" {
		c.runs[s.RunID] = true
	}
}

// checkNew returns ErrTwice for a source that is there, or a table of whose run is.
func (c *contents) checkNew(s *Source) error {
	if _, found := slices.BinarySearchFunc(c.sources, s.Hash, compareHash); found || c.runs[s.RunID] {
		return fmt.Errorf("table %x of run %q %w", s.Hash[:8], s.RunID, ErrTwice)
	}
	return nil
}
