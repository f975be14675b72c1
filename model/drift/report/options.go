package report

import (
	"fmt"

	"pcapmill/model/drift"
)

// Options are what forms are told beside the report.
type Options struct {
	FailOn drift.Severity // from which on it fails; drift.None: never
	Top    int            // most rows of a layer, and hosts, in forms for people; 0: all there is room for
	Width  int            // cells of the terminal that text is for; 0: lines are not broken
	Color  bool           // whether that terminal shows colours
}

// Validate reports what is out of range.
func (o Options) Validate() error {
	if o.Top < 0 || o.Width < 0 {
		return fmt.Errorf("%d rows of %d cells", o.Top, o.Width)
	}
	return nil
}

// Fails says whether a severity is one that fails.
func (o Options) Fails(s drift.Severity) bool { return o.FailOn > drift.None && s >= o.FailOn }

// on is what --fail-on was.
func (o Options) on() string {
	if o.FailOn == drift.None {
		return "never"
	}
	return o.FailOn.String()
}
