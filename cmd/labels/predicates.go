package labels

import (
	"errors"

	"pcapmill/datasets/label"
	"pcapmill/datasets/label/match"
	"pcapmill/features/column"
	"pcapmill/outputs/tables"
)

// errSeen ends the reading of a table of which the columns are enough.
var errSeen = errors.New("columns were seen")

// predicates returns the columns of flows that labels were made of, which datasets leave out.
func predicates(view *tables.View, flows string, set *label.Set) (names []string, err error) {
	plan := func(s *column.Schema) (err error) {
		names, err = match.Predicates(s, set)
		return err
	}
	err = view.EachPart(flows, plan, func(*tables.Part) error { return errSeen })
	if errors.Is(err, errSeen) {
		err = nil
	}
	return names, err
}
