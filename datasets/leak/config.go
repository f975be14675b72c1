package leak

import "fmt"

// Config says what is looked at, and from where on it is a finding.
type Config struct {
	Seed       uint64   // of the choice of sampled rows
	Sample     int      // rows of each side, training and the rest, whose values are kept
	Accuracy   float64  // balanced accuracy from which one column alone is a shortcut
	ClassRows  int64    // of a class in a split, below which there is a note
	Groups     int      // of a key that are in memory at a time
	Shapes     int      // of rows that are in memory, exact and quantised ones each
	Classes    int      // that a label may have
	Allow      []Allow  // findings that are known and accepted
	Predicates []string // columns that rules of labels asked, besides those of the manifest
}

// Allow accepts findings of a kind: of one column, or of all where Column is empty.
type Allow struct {
	Kind   Kind
	Column string
}

// DefaultConfig takes about 400 MB for ten million rows of 170 columns.
func DefaultConfig() Config {
	return Config{Sample: 40_000, Accuracy: 0.95, ClassRows: 100, Groups: 2 << 20, Shapes: 1 << 20, Classes: 1000}
}

// Validate reports values out of range.
func (c *Config) Validate() error {
	switch {
	case c.Sample < 1000 || c.Sample > 10_000_000:
		return fmt.Errorf("%w: a sample of %d rows; want 1,000 to 10,000,000", ErrConfig, c.Sample)
	case !(c.Accuracy > 0.5 && c.Accuracy <= 1):
		return fmt.Errorf("%w: accuracy %g of a shortcut; want more than 0.5, 1 at most", ErrConfig, c.Accuracy)
	case c.ClassRows < 0:
		return fmt.Errorf("%w: %d rows of a class", ErrConfig, c.ClassRows)
	case c.Groups < 1 || c.Shapes < 1:
		return fmt.Errorf("%w: want room for one group and one shape at least", ErrConfig)
	case c.Classes < 2 || c.Classes > 60_000:
		return fmt.Errorf("%w: %d classes; want 2 to 60,000", ErrConfig, c.Classes)
	}
	return nil
}
