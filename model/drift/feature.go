package drift

import (
	"pcapmill/features/column"
	"pcapmill/features/window/host"
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

// kindsOf describes the features of a table; those that are not in the hosts table are
// groups of their own.
func kindsOf(t baseline.Table, weights Weights) []kind {
	known := map[string]*column.Column{}
	schema := host.HostsSchema()
	for i := range schema.Columns {
		known[schema.Columns[i].Name] = &schema.Columns[i]
	}
	kinds := make([]kind, len(t.Features))
	for i, f := range t.Features {
		k := kind{name: f.Name, group: f.Name, scale: f.Scale, floor: leastAmount}
		if !f.Scale.Octaves {
			k.floor = max(1, float64(f.Scale.Level(max(leastRatio, weights.step(f.Name)))))
		}
		if c := known[f.Name]; c != nil && t.Name == schema.Table {
			k.group, k.unit = c.Group, string(c.Unit)
			k.whole = c.Type != column.Double
		}
		kinds[i] = k
	}
	return kinds
}
