package window

import (
	"fmt"
	"slices"
	"strings"

	"pcapmill/features/column"
	"pcapmill/features/window/host"
	"pcapmill/features/window/table"
)

// Slots is the name of the table of ticks.
const Slots = "slots"

// Words that stand for several tables, or for none.
const (
	All  = "all"
	None = "none"
)

// Table is one table of windows.
type Table struct {
	Name   string
	Doc    string // what a row is
	Schema *column.Schema
	Groups []table.Group
}

// Tables lists the tables that there are.
func Tables() []Table {
	return []Table{
		{Slots, "one aligned tick of the whole capture a row, empty ticks too", SlotsSchema(), slotGroups()},
		{host.HostsTable, "one host in one aligned window a row, with what its packets, flows and messages come to", host.HostsSchema(), host.HostGroups()},
		{host.PairsTable, "one initiator, responder, port and protocol in one aligned window a row", host.PairsSchema(), host.PairGroups()},
	}
}

// Names lists the tables' names.
func Names() []string { return []string{Slots, host.HostsTable, host.PairsTable} }

// Select returns the names of the tables asked for, in the order of Tables; "all", which
// is what no name comes to, for all and "none" for none.
func Select(names []string) ([]string, error) {
	known := Names()
	if len(names) == 0 || slices.Equal(names, []string{All}) {
		return known, nil
	}
	if slices.Equal(names, []string{None}) {
		return nil, nil
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("unknown window table %q; known are %s, or all or none alone", name, strings.Join(known, ", "))
		}
	}
	return slices.DeleteFunc(known, func(name string) bool { return !slices.Contains(names, name) }), nil
}
