package windows

import (
	"fmt"
	"slices"
)

// The categories of keys.
const (
	Endpoint = "endpoint" // responder, port and protocol of flows that the host began
	Peer     = "peer"     // responders of these
	Served   = "served"   // ports and protocols of flows that others began with the host
	Service  = "service"  // ports and protocols of flows that the host began
)

// AllCategories returns the names of all categories, ascending.
func AllCategories() []string { return []string{Endpoint, Peer, Served, Service} }

// Options say what rows have.
type Options struct {
	Categories []string // of AllCategories, ascending; empty: rows have no counts
	Labels     *Labels  // whose labels become tags; nil: none
	Protocols  bool     // whether the IP protocols of the window's pairs become tags
	Covered    float64  // share of a window that captures must cover, 0 to 1
	Pairs      int      // of a window at most, for its rows to have counts

	// From and To, ns since 1970: only windows that begin at From or later and before To are
	// looked at; others are as if they were not there. Both 0: all.
	From, To int64
}

// DefaultOptions returns all categories, no tags, and windows covered by 95 %.
func DefaultOptions() Options {
	return Options{Categories: AllCategories(), Covered: 0.95, Pairs: 2 << 20}
}

// mostPairs bounds Options.Pairs, so that a place fits 32 bits with room.
const mostPairs = 1 << 28

// Validate reports values out of range.
func (o *Options) Validate() error {
	switch {
	case !(o.Covered >= 0 && o.Covered <= 1):
		return fmt.Errorf("a covered share of %v", o.Covered)
	case o.From > o.To:
		return fmt.Errorf("windows that begin from %d on and before %d", o.From, o.To)
	case o.Pairs < 1 || o.Pairs > mostPairs:
		return fmt.Errorf("%d pairs in a window", o.Pairs)
	}
	for i, name := range o.Categories {
		if !slices.Contains(AllCategories(), name) || i > 0 && name <= o.Categories[i-1] {
			return fmt.Errorf("category %q is unknown or out of order", name)
		}
	}
	return nil
}

// within reports whether a window that begins at an instant is looked at.
func (o *Options) within(start int64) bool {
	return o.From == 0 && o.To == 0 || start >= o.From && start < o.To
}
