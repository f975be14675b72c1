package match

import (
	"slices"

	"pcapmill/datasets/label"
	"pcapmill/features/column"
)

// Predicates returns the columns that conditions of rules and attempts ask for, by name: a model
// that has them finds the rule, not the attack. Of attempts, which are asked of either side, it is
// both sides' columns. The error is ErrConfig, or ErrTable of a table that is not of flows.
func Predicates(flows *column.Schema, set *label.Set) ([]string, error) {
	if _, err := newColumns(flows, srcPortColumn, dstPortColumn, icmpTypeColumn, icmpCodeColumn, packetColumn, vlanColumn, communityColumn); err != nil {
		return nil, err
	}
	cols := &columns{schema: flows}
	c := newConditions(cols)
	for i := range set.Rules {
		r := &set.Rules[i]
		exprs := []string{r.Where}
		for _, a := range r.Attempts {
			exprs = append(exprs, a.Where, swapSides(a.Where))
		}
		for _, expr := range exprs {
			if _, err := c.add(expr); err != nil {
				return nil, err
			}
		}
	}
	return slices.Sorted(slices.Values(cols.names)), nil
}
