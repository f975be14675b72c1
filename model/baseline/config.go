package baseline

import (
	"encoding/hex"
	"fmt"
	"slices"

	"pcapmill/features/column"
	"pcapmill/features/sketch"
)

// Limits of what a baseline can be about. They bound what a file can claim.
const (
	MaxFeatures   = 1024
	MaxCategories = 64
	MaxName       = 255     // bytes of a name, a tag, an id
	MaxHosts      = 1 << 26 // Config.Hosts at most
	MaxTags       = 8       // of a window
	MaxTagSets    = 4096    // different combinations of tags in a baseline
	MaxSources    = 1 << 20
)

// Config says what a baseline keeps. Baselines of different ones do not merge.
type Config struct {
	Hosts      int              // hosts that are kept by themselves; the others are summed up as the rest
	Precision  sketch.Precision // of histograms
	Keys       int              // keys that a host and day keeps of each category, see sketch.TopK
	Categories []string         // names of what windows count keys of, such as service; ascending
}

// DefaultConfig returns room for a million hosts, coarse histograms, and no categories.
func DefaultConfig() Config {
	return Config{Hosts: 1 << 20, Precision: sketch.Coarse, Keys: 64}
}

// Validate reports values out of range.
func (c *Config) Validate() error {
	switch {
	case c.Hosts < 1 || c.Hosts > MaxHosts:
		return fmt.Errorf("%w: room for %d hosts", ErrConfig, c.Hosts)
	case c.Precision > sketch.Highest:
		return fmt.Errorf("%w: precision %d", ErrConfig, c.Precision)
	case c.Keys < 1 || c.Keys > sketch.MaxCap:
		return fmt.Errorf("%w: %d keys a category", ErrConfig, c.Keys)
	case len(c.Categories) > MaxCategories:
		return fmt.Errorf("%w: %d categories", ErrConfig, len(c.Categories))
	}
	for i, name := range c.Categories {
		if !validName(name) || i > 0 && name <= c.Categories[i-1] {
			return fmt.Errorf("%w: category %q is no name, or out of order", ErrConfig, name)
		}
	}
	return nil
}

func (c *Config) equal(o *Config) bool {
	return c.Hosts == o.Hosts && c.Precision == o.Precision && c.Keys == o.Keys && slices.Equal(c.Categories, o.Categories)
}

func validName(s string) bool { return s != "" && len(s) <= MaxName }

// Table is the window table that a baseline is of.
type Table struct {
	Name     string
	Version  int       // of its schema
	Window   int64     // length of its windows, ns; 0: of any
	Hash     [32]byte  // column.Schema.Hash
	Features []Feature // in the table's order
}

// maxWindow is far above what a window table has.
const maxWindow = 366 * nanosPerDay

// TableOf returns the table of a schema, with windows of any length: its numeric columns of role Feature, each with
// the scale that its unit and type suggest.
func TableOf(s *column.Schema) (Table, error) {
	t := Table{Name: s.Table, Version: s.Version}
	hash, err := hex.DecodeString(s.Hash())
	if err != nil {
		return Table{}, err
	}
	copy(t.Hash[:], hash)
	for i := range s.Columns {
		if c := &s.Columns[i]; c.Role == column.Feature && numeric(c.Type) {
			t.Features = append(t.Features, Feature{Name: c.Name, Scale: scaleOf(c)})
		}
	}
	return t, t.Validate()
}

func numeric(t column.Type) bool {
	return t == column.Int64 || t == column.Int32 || t == column.Double
}

// Validate reports names and scales that a file could not hold.
func (t *Table) Validate() error {
	if !validName(t.Name) || t.Version < 0 || t.Version > 1<<30 {
		return fmt.Errorf("%w: table %q version %d", ErrConfig, t.Name, t.Version)
	}
	if t.Window < 0 || t.Window > maxWindow {
		return fmt.Errorf("%w: windows of %d ns", ErrConfig, t.Window)
	}
	if len(t.Features) == 0 || len(t.Features) > MaxFeatures {
		return fmt.Errorf("%w: table %s has %d features", ErrConfig, t.Name, len(t.Features))
	}
	seen := make(map[string]bool, len(t.Features))
	for _, f := range t.Features {
		if !validName(f.Name) || seen[f.Name] || !f.Scale.valid() {
			return fmt.Errorf("%w: feature %q of table %s", ErrConfig, f.Name, t.Name)
		}
		seen[f.Name] = true
	}
	return nil
}

// Index returns the place of a feature, or -1.
func (t *Table) Index(name string) int {
	return slices.IndexFunc(t.Features, func(f Feature) bool { return f.Name == name })
}

func (t *Table) equal(o *Table) bool {
	return t.Name == o.Name && t.Version == o.Version && t.Window == o.Window && t.Hash == o.Hash && slices.Equal(t.Features, o.Features)
}

// Feature is a column that a baseline learns, and the scale on which it takes moments.
type Feature struct {
	Name  string
	Scale Scale
}
