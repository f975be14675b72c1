package drift

import (
	"cmp"

	"pcapmill/features/column"
	"pcapmill/model/baseline"
)

// Feature is a column that the drift index is made of.
type Feature struct {
	Name  string
	Group string  // what it is a view of; features of one group say much the same
	Step  float64 // the smallest difference that means anything, > 0, in the feature's unit; 0: the scale's
}

// kind is what is known of a feature of the baseline's table.
type kind struct {
	name, group, unit string
	scale             baseline.Scale
	floor             float64 // least standard deviation, in levels
	whole             bool    // values are whole numbers
}

// Least deviations: a tenth of an amount, a fiftieth of a ratio or bit.
const (
	leastAmount = 1    // level, an eighth of an octave
	leastRatio  = 0.02 // in the feature's unit
)

// kindsOf describes the features of a baseline as the columns of the current table do;
// those that it does not have are groups of their own.
func kindsOf(t baseline.Table, columns []column.Column, weights Weights) []kind {
	known := map[string]*column.Column{}
	for i := range columns {
		known[columns[i].Name] = &columns[i]
	}
	kinds := make([]kind, len(t.Features))
	for i, f := range t.Features {
		k := kind{name: f.Name, group: f.Name, scale: f.Scale, floor: leastAmount}
		if !f.Scale.Octaves {
			k.floor = max(1, float64(f.Scale.Level(max(leastRatio, weights.step(f.Name)))))
		}
		if c := known[f.Name]; c != nil {
			k.group, k.unit, k.whole = cmp.Or(c.Group, f.Name), string(c.Unit), c.Type != column.Double
		}
		kinds[i] = k
	}
	return kinds
}
