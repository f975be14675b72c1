package build

import (
	"slices"

	"pcapmill/features/column"
	"pcapmill/features/window/host"
	"pcapmill/outputs/text"
)

// shape is how rows of a kind of table are joined with labels, and where what keys has of
// them is.
type shape struct {
	labels string // their table
	ids    []want // of rows, the key first
	saysID []want // the same of labels
	mayID  want   // behind the key of ids, where labels have it too
	key    int    // how many of ids are the key
	lookup bool   // the order is never the same
	froms  map[string]string
}

// want is a column that must be there.
type want struct {
	name string
	typ  column.Type
	null bool // whether it may be null
}

const (
	flowID  = "flow_id"
	connID  = "conn_id"
	capture = "capture_id"
)

// shapeOf returns the shape of one of Tables.
func shapeOf(table string) shape {
	id, at := want{flowID, column.Int64, false}, want{capture, column.Int32, false}
	switch table {
	case flowsTable:
		return shape{
			labels: "flow_labels", ids: []want{id, at, {connID, column.Int64, false}, {"start_ns", column.Int64, false}, {"end_ns", column.Int64, false}},
			saysID: []want{id}, key: 1,
			froms: map[string]string{"conn_id": connID, "start_ns": "start_ns", "end_ns": "end_ns", "flow_id": flowID},
		}
	case host.HostsTable:
		start, span, name, of := want{"window_start_ns", column.Int64, false}, want{"window_ns", column.Int64, false}, want{"host", column.String, false}, want{capture, column.Int32, true}
		return shape{
			labels: "window_labels", ids: []want{start, span, name, of},
			saysID: []want{start, span, name}, mayID: of, key: 3, lookup: true,
			froms: map[string]string{"start_ns": "window_start_ns", "src_ip": "host"},
		}
	}
	packet := want{"packet_index", column.Int64, false}
	return shape{
		labels: "record_labels", ids: []want{id, packet, at, {"time_ns", column.Int64, false}},
		saysID: []want{id, packet}, key: 2,
		froms: map[string]string{"flow_id": flowID, "packet_index": "packet_index", "start_ns": "time_ns", "end_ns": "time_ns"},
	}
}

// saidColumns are the columns of labels, beside their keys; those that a table of labels does
// not have are unknown.
var saidColumns = []want{
	{"outcome", column.String, false}, {"label", column.String, true}, {"category", column.String, true}, {"mitre", column.String, true},
	{"attempt", column.Int32, true}, {"campaign", column.String, true}, {"rule_id", column.String, true},
	{"confidence", column.Double, true}, {"overlap", column.Double, true},
}

// picks are the columns that are read of a table, by their place in its batches.
type picks struct {
	schema *column.Schema
	names  []string
}

// use returns the place of a column, which is read from now on.
func (p *picks) use(col int) int {
	name := p.schema.Columns[col].Name
	if at := slices.Index(p.names, name); at >= 0 {
		return at
	}
	p.names = append(p.names, name)
	return len(p.names) - 1
}

// find returns the place of a column, -1 where the table does not have it. A column of
// another type is an error.
func (p *picks) find(w want) (int, error) {
	i := p.schema.Index(w.name)
	if i < 0 {
		return -1, nil
	}
	switch c := &p.schema.Columns[i]; {
	case c.Type != w.typ:
		return 0, unfit("%s of %s is %s and not %s", w.name, text.Escape(p.schema.Table), c.Type, w.typ)
	case c.Optional() && !w.null:
		return 0, unfit("%s of %s can be null", w.name, text.Escape(p.schema.Table))
	}
	return p.use(i), nil
}

// need is find for columns that must be there.
func (p *picks) need(ws []want) ([]int, error) {
	at := make([]int, len(ws))
	for i, w := range ws {
		var err error
		if at[i], err = p.find(w); err != nil {
			return nil, err
		}
		if at[i] < 0 {
			return nil, unfit("%s has no column %s", text.Escape(p.schema.Table), w.name)
		}
	}
	return at, nil
}
