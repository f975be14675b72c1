package build

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"pcapmill/features/column"
	"pcapmill/features/window"
	"pcapmill/outputs/text"
	"pcapmill/outputs/usage"
	"pcapmill/outputs/where"
)

// Column is a column of a dataset, as its report has it.
type Column struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Unit  string `json:"unit"`
	Role  string `json:"role"`
	Group string `json:"group"`
	From  string `json:"from"` // the table that it was in
	Sees  string `json:"sees"` // one of SeesRow, …
}

// What a column's values are made of. Nothing here looks ahead of the row's own end, so a
// model that waits for that end can be given the same values on a wire.
const (
	SeesRow    = "row"    // the row's own packets
	SeesBefore = "before" // those, and what was seen before its first packet
	SeesWindow = "window" // all packets of the host in the row's window, to the window's end
	SeesLabels = "labels" // what sources say
)

// Excluded is a column that a dataset does not have.
type Excluded struct {
	Name   string `json:"name"`
	Role   string `json:"role"`
	Reason string `json:"reason"`
}

// Why a column is not in a dataset.
const (
	isRole      = "its role is not kept"
	isList      = "lists are not kept"
	isPredicate = "rules ask for it: labels are made of it"
	isDropped   = "dropped by name"
	isUnnamed   = "others were named"
)

// choice is which columns of a table are in data.
type choice struct {
	at    []int // positions in the table
	out   []Excluded
	notes []string
}

// choose picks columns. A column that is named in full is there whatever its role.
func (c *Config) choose(s *column.Schema, predicates map[string]bool) (*choice, error) {
	if err := c.known(s); err != nil {
		return nil, err
	}
	picked := &choice{}
	for i := range s.Columns {
		col := &s.Columns[i]
		asked := slices.Contains(c.Columns, col.Name)
		why := c.reason(col, predicates)
		switch {
		case matches(c.Drop, col.Name):
			why, asked = isDropped, false
		case len(c.Columns) > 0 && !matches(c.Columns, col.Name):
			why = isUnnamed
		}
		if why != "" && !asked {
			picked.out = append(picked.out, Excluded{col.Name, col.Role.String(), why})
			continue
		}
		if reserved(col.Name) {
			return nil, usage.Errorf("column %s of %s has the name of a label: drop it", col.Name, text.Escape(s.Table))
		}
		picked.at = append(picked.at, i)
		if note := c.doubt(col, predicates); note != "" {
			picked.notes = append(picked.notes, note)
		}
	}
	if len(picked.at) == 0 {
		return nil, usage.Errorf("no column of %s is left", text.Escape(s.Table))
	}
	return picked, nil
}

// known returns an error for a name or pattern that no column has.
func (c *Config) known(s *column.Schema) error {
	names := make([]string, len(s.Columns))
	for i := range s.Columns {
		names[i] = s.Columns[i].Name
	}
	for _, pattern := range slices.Concat(c.Columns, c.Drop) {
		if !slices.ContainsFunc(names, func(n string) bool { return matches([]string{pattern}, n) }) {
			return usage.Errorf("%s has no column %s%s", text.Escape(s.Table), text.Escape(pattern), text.Suggest(pattern, names))
		}
	}
	return nil
}

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		fits, err := path.Match(p, name)
		return err == nil && fits
	})
}

// reason says why a column is not there by default, "" where it is.
func (c *Config) reason(col *column.Column, predicates map[string]bool) string {
	leak := col.Role == column.LeakProne && c.LeakProne != LeakDrop
	switch {
	case col.Role != column.Feature && !leak && !slices.Contains(c.KeepRoles, col.Role):
		return isRole
	case predicates[col.Name]:
		return isPredicate
	case where.IsList(col.Type) && !c.Lists:
		return isList
	}
	return ""
}

// doubt is the note on a column that is there although it can tell a model too much.
func (c *Config) doubt(col *column.Column, predicates map[string]bool) string {
	name := text.Escape(col.Name)
	switch {
	case predicates[col.Name]:
		return fmt.Sprintf("column %s is in data, and rules ask for it: a model can read the label off it", name)
	case col.Role == column.LeakProne && c.LeakProne != LeakKeep:
		return fmt.Sprintf("column %s is in data, and tells the testbed rather than the behaviour (leak_prone)", name)
	case col.Role == column.Identity, col.Role == column.Time:
		return fmt.Sprintf("column %s is in data, and its role is %s", name, col.Role)
	}
	return ""
}

// dataSchema returns the columns of data.
func (c *Config) dataSchema(s *column.Schema, picked *choice) *column.Schema {
	data := &column.Schema{Table: Data, Version: s.Version}
	for _, i := range picked.at {
		data.Columns = append(data.Columns, s.Columns[i])
	}
	data.Columns = append(data.Columns, labelColumns(c.Table == flowsTable, c.sampled())...)
	return data
}

// columnsOf describes the columns of data for the report.
func (c *Config) columnsOf(data *column.Schema, chosen int) []Column {
	all := make([]Column, len(data.Columns))
	for i := range data.Columns {
		col := &data.Columns[i]
		all[i] = Column{col.Name, col.Type.String(), string(col.Unit), col.Role.String(), col.Group, c.Table, c.sees(col.Name)}
		if i >= chosen {
			all[i].From, all[i].Sees = "labels", SeesLabels
		}
	}
	return all
}

// sees says what a column's values are made of. A name for an address comes from DNS answers
// before the flow; all else in a flow or message comes from its own packets.
func (c *Config) sees(name string) string {
	switch {
	case slices.Contains(window.Names(), c.Table):
		return SeesWindow
	case strings.HasPrefix(name, "dns_name"):
		return SeesBefore
	}
	return SeesRow
}
