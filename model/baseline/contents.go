package baseline

import (
	"math"
	"net/netip"
	"slices"

	"pcapmill/features/sketch"
)

// contents is what a baseline says besides the blocks of its hosts.
type contents struct {
	layout
	table   Table
	since   Day // no earlier day is kept
	sources []Source
	runs    map[string]bool // of sources
	limit   *rank           // last of the hosts that are kept, once there were too many; nil until then
	restOf  map[Day]*sketch.Distinct
}

// newContents returns those of a new baseline. Config and Table are valid.
func newContents(c Config, t Table) contents {
	c.Categories, t.Features = slices.Clone(c.Categories), slices.Clone(t.Features)
	return contents{
		layout: layout{config: c, features: t.Features}, table: t,
		since: math.MinInt32, runs: map[string]bool{}, restOf: map[Day]*sketch.Distinct{},
	}
}

// Keeps reports whether windows of a host are kept by themselves, as far as rows are settled: false
// where they are summed up with those of others as the rest.
func (c *contents) Keeps(host netip.Addr) bool {
	if c.limit == nil {
		return true
	}
	r := rankOf(plain(host))
	return r.compare(c.limit) <= 0
}

// Config returns what New was given.
func (c *contents) Config() Config { return c.config }

// Table returns what New was given.
func (c *contents) Table() Table { return c.table }

// Since returns the first day that is let in, and false where no day was dropped.
func (c *contents) Since() (day Day, ok bool) { return c.since, c.since > math.MinInt32 }

// Sources returns the tables that were added, by hash. They stay when days are dropped or
// hosts forgotten, so that a table does not come back. The slice is the baseline's.
func (c *contents) Sources() []Source { return c.sources }
