package flow

import (
	"fmt"
	"strings"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// SchemaVersion is raised with each change of the flows table that a reader
// could notice.
const SchemaVersion = 1

// Group is a set of columns that is selected together.
type Group struct {
	Name    string
	Doc     string
	OptIn   bool // not written by default
	columns func() []Def
}

// Groups lists the feature groups in column order. core is always written.
func Groups() []Group {
	return []Group{
		{Name: "core", Doc: "identity, endpoints, times, packet and byte counts, state and end", columns: coreColumns},
		{Name: "volume", Doc: "data packets", columns: volumeColumns},
		{Name: "size", Doc: "frame and payload size statistics", columns: sizeColumns},
		{Name: "timing", Doc: "statistics of the gaps between packets", columns: timingColumns},
		{Name: "rates", Doc: "packets and bytes per second, producer–consumer ratio", columns: rateColumns},
		{Name: "flags", Doc: "TCP flag counts", columns: flagColumns},
		{Name: "tcp", Doc: "round trips, retransmissions, disorder, gaps, windows, options", columns: tcpColumns},
		{Name: "activity", Doc: "active and idle periods", columns: activityColumns},
		{Name: "subflows", Doc: "subflows", columns: subflowColumns},
		{Name: "bulk", Doc: "bulk transfers", columns: bulkColumns},
		{Name: "payload", Doc: "entropy and printable share of the first payload", columns: payloadColumns},
		{Name: "ip", Doc: "TTL, DSCP, ECN", columns: ipColumns},
		{Name: "link", Doc: "MAC addresses, MPLS labels, link tags", columns: linkColumns},
		{Name: "quality", Doc: "what was cut, fragmented, late or wrong", columns: markDefs},
		{Name: "histograms", Doc: "size and gap histograms (lists)", OptIn: true, columns: histogramColumns},
		{Name: "first_packets", Doc: "size, direction, gap and flags of the first packets (lists)", OptIn: true, columns: firstPacketColumns},
	}
}

// Table is the flows table for one selection of groups.
type Table struct {
	Schema *column.Schema
	Extras bool // a selected group needs an Extra for each flow
	defs   []Def
}

// NewTable returns the table with the named groups: "all", "default", or group
// names. Unknown names are an error that lists the known ones.
func NewTable(names []string) (*Table, error) {
	selected, err := selectGroups(names)
	if err != nil {
		return nil, err
	}
	t := &Table{Schema: &column.Schema{Table: "flows", Version: SchemaVersion}}
	for _, g := range Groups() {
		if !selected[g.Name] {
			continue
		}
		for _, d := range g.columns() {
			d.Group = g.Name
			t.defs = append(t.defs, d)
			t.Schema.Columns = append(t.Schema.Columns, d.Column)
			t.Extras = t.Extras || d.fillExtra != nil
		}
	}
	return t, t.Schema.Validate()
}

func selectGroups(names []string) (map[string]bool, error) {
	selected := map[string]bool{"core": true}
	groups := Groups()
	for _, name := range names {
		known := false
		for _, g := range groups {
			if name == g.Name || name == "all" || name == "default" && !g.OptIn {
				selected[g.Name] = true
				known = true
			}
		}
		if !known {
			return nil, fmt.Errorf("flow: unknown feature group %q; known are all, default, %s", name, strings.Join(GroupNames(), ", "))
		}
	}
	return selected, nil
}

// GroupNames lists the names of all groups.
func GroupNames() []string {
	var names []string
	for _, g := range Groups() {
		names = append(names, g.Name)
	}
	return names
}

// tile is the number of Rows whose columns are filled together: few enough that
// the Rows stay in the cache while column after column walks over them.
const tile = 128

// Fill appends ended Rows to b, whose schema is the Table's. extras runs parallel
// to rows; it may be nil where Extras is false.
func (t *Table) Fill(b *batch.Batch, rows []*Row, extras []*Extra) {
	for len(rows) > 0 {
		n := min(tile, len(rows))
		for i := range t.defs {
			d := &t.defs[i]
			if d.fillExtra != nil {
				d.fillExtra(&b.Vectors[i], extras[:n])
				continue
			}
			d.fill(&b.Vectors[i], rows[:n])
		}
		b.Rows += n
		rows = rows[n:]
		if extras != nil {
			extras = extras[n:]
		}
	}
}
