package flow

import (
	"fmt"
	"slices"
	"strings"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// SchemaVersion is raised with each change of the flows table that a reader
// could notice.
const SchemaVersion = 4

// Group is a set of columns that is selected together.
type Group struct {
	Name    string
	Doc     string
	OptIn   bool // not written by default
	extras  bool // needs Extras
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
		{Name: "tunnel", Doc: "how inner flows are carried", columns: tunnelColumns},
		{Name: "link", Doc: "MAC addresses, MPLS labels, link tags", columns: linkColumns},
		{Name: "quality", Doc: "what was cut, fragmented, late or wrong", columns: markDefs},
		{Name: "application", Doc: "protocol and names of what is spoken, fingerprints, from the records", columns: applicationColumns},
		{Name: "streams", Doc: "gaps, overlaps and disorder of the TCP streams that records are read from", columns: streamColumns},
		{Name: "histograms", Doc: "size and gap histograms (lists)", OptIn: true, extras: true, columns: histogramColumns},
		{Name: "first_packets", Doc: "size, direction, gap and flags of the first packets (lists)", OptIn: true, extras: true, columns: firstPacketColumns},
	}
}

// Table is the flows table for one selection of groups.
type Table struct {
	Schema     *column.Schema
	Extras     bool     // a selected group needs an Extra for each flow
	Names      []string // of the protocols that Row.App numbers
	defs       []Def
	conditions []*condition // distinct ones
	leaders    []int        // per condition, the first column it rules: that one's Valid is filled
	rules      []int        // per column, index into conditions, or -1 where it is never null
	tile       tile
	warmed     uint64 // keeps the loads of warm alive
}

// NewTable returns the table with the named groups: "all", "default", or group
// names. Unknown names are an error that lists the known ones.
func NewTable(names []string, addr AddrFormat) (*Table, error) {
	selected, err := selectGroups(names)
	if err == nil {
		err = addr.Validate()
	}
	if err != nil {
		return nil, err
	}
	t := &Table{Schema: &column.Schema{Table: "flows", Version: SchemaVersion}}
	for _, g := range Groups() {
		if !selected[g.Name] {
			continue
		}
		for _, d := range g.columns() {
			if addr.writes(&d) {
				t.add(g, d)
			}
		}
	}
	return t, t.Schema.Validate()
}

// add appends the columns of a Def.
func (t *Table) add(g Group, d Def) {
	for _, c := range d.Columns {
		c.Group = g.Name
		t.Schema.Columns = append(t.Schema.Columns, c)
	}
	t.defs = append(t.defs, d)
	t.Extras = t.Extras || g.extras
	for i := range d.Columns {
		t.rules = append(t.rules, t.rule(d.ruleOf(i)))
	}
}

// ruleOf returns the null rule of a column, nil where there is none.
func (d *Def) ruleOf(column int) *condition {
	if len(d.when) == 0 {
		return nil
	}
	return d.when[column]
}

// rule returns the index of a condition, whose first column is the next of rules
// if it is new; -1 for nil.
func (t *Table) rule(c *condition) int {
	if c == nil {
		return -1
	}
	i := slices.Index(t.conditions, c)
	if i < 0 {
		i = len(t.conditions)
		t.conditions = append(t.conditions, c)
		t.leaders = append(t.leaders, len(t.rules))
	}
	return i
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
			return nil, fmt.Errorf("unknown feature group %q; known are all, default, %s", name, strings.Join(GroupNames(), ", "))
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

// Fill appends ended Rows to b, whose schema is the Table's. extras and apps run
// parallel to rows; extras may be nil where Extras is false, apps where nobody reads
// what the flows say. One goroutine at a time may fill.
// Columns with the same null rule share one Valid.
func (t *Table) Fill(b *batch.Batch, rows []*Row, extras []*Extra, apps []*App) {
	if t.tile.words == nil {
		t.tile.setWords(t.Names)
	}
	for len(rows) > 0 {
		n := min(tileRows, len(rows))
		t.tile.rows = rows[:n]
		if extras != nil {
			t.tile.extras, extras = extras[:n], extras[n:]
		}
		t.tile.apps = nil
		if apps != nil {
			t.tile.apps, apps = apps[:n], apps[n:]
		}
		t.fillTile(b)
		b.Rows += n
		rows = rows[n:]
	}
	for i, rule := range t.rules {
		if rule >= 0 {
			b.Vectors[i].Valid = b.Vectors[t.leaders[rule]].Valid
		}
	}
}

func (t *Table) fillTile(b *batch.Batch) {
	n := len(t.tile.rows)
	for _, r := range t.tile.rows {
		t.warmed += r.warm()
	}
	for _, a := range t.tile.apps {
		t.warmed += a.warm()
	}
	for i, c := range t.conditions {
		c.mark(more(&b.Vectors[t.leaders[i]].Valid, n), t.tile.rows)
	}
	at := 0
	for i := range t.defs {
		d := &t.defs[i]
		d.fill(b.Vectors[at:at+len(d.Columns)], &t.tile)
		at += len(d.Columns)
	}
}
