package buildtest

import "pcapmill/features/column"

// Flow is a row of the flows table and of its labels.
type Flow struct {
	ID, Conn        int64
	Capture         int32
	Src, Dst        string
	SrcPort         int32
	DstPort         int32 // 0: none
	Start, End      int64
	Packets         int64
	Mean            float64
	State           string // empty: null
	Outcome         string // empty: labelled
	Label, Campaign string
	Attempt         int32 // 0: none; category 4 of others
}

func doc(name string, t column.Type, role column.Role, null string) column.Column {
	return column.Column{Name: name, Type: t, Role: role, Doc: name + ".", Null: null, Group: "core"}
}

// FlowsSchema is the flows table of tests: the columns that joining needs, and a few features.
func FlowsSchema() *column.Schema {
	return &column.Schema{Table: "flows", Version: 1, Columns: []column.Column{
		doc("flow_id", column.Int64, column.Identity, ""), doc("conn_id", column.Int64, column.Identity, ""),
		doc("capture_id", column.Int32, column.Identity, ""), doc("src_ip", column.String, column.LeakProne, ""), doc("src_port", column.Int32, column.LeakProne, "without ports"),
		doc("dst_ip", column.String, column.LeakProne, ""), doc("dst_port", column.Int32, column.LeakProne, "without ports"), doc("protocol", column.Int32, column.Feature, ""),
		doc("start_ns", column.Int64, column.Time, ""), doc("end_ns", column.Int64, column.Time, ""),
		doc("fwd_packets", column.Int64, column.Feature, ""), doc("fwd_mean", column.Double, column.Feature, "no packets"), doc("state", column.String, column.Feature, "unknown"),
	}}
}

// FlowLabelsSchema is the table of their labels.
func FlowLabelsSchema() *column.Schema {
	text := func(name string) column.Column { return doc(name, column.String, column.Label, "not labelled") }
	return &column.Schema{Table: "flow_labels", Version: 1, Columns: []column.Column{
		doc("flow_id", column.Int64, column.Identity, ""), doc("capture_id", column.Int32, column.Identity, ""), doc("outcome", column.String, column.Label, ""),
		text("label"), text("category"), text("mitre"), doc("attempt", column.Int32, column.Label, "no attempt"), text("campaign"), text("rule_id"),
		doc("confidence", column.Double, column.Label, "none"), doc("overlap", column.Double, column.Label, "not labelled"),
	}}
}

// Flows returns the flows table.
func Flows(flows []Flow) *Table {
	t := &Table{Schema: FlowsSchema()}
	for _, f := range flows {
		state, mean, sport, dport := any(f.State), any(f.Mean), any(f.SrcPort), any(f.DstPort)
		if f.State == "" {
			state = nil
		}
		if f.Packets == 0 {
			mean = nil
		}
		if f.DstPort == 0 {
			sport, dport = nil, nil
		}
		t.Rows = append(t.Rows, []any{f.ID, f.conn(), f.Capture, f.Src, sport, f.Dst, dport, int32(6), f.Start, f.End, f.Packets, mean, state})
	}
	return t
}

func (f *Flow) conn() int64 {
	if f.Conn == 0 {
		return f.ID
	}
	return f.Conn
}

// FlowLabels returns their labels.
func FlowLabels(flows []Flow) *Table {
	t := &Table{Schema: FlowLabelsSchema()}
	for _, f := range flows {
		if f.Outcome == "" {
			f.Outcome = "labelled"
		}
		row := []any{f.ID, f.Capture, f.Outcome, nil, nil, nil, nil, nil, nil, nil, nil}
		if f.Outcome == "labelled" {
			row[3], row[4], row[10] = f.Label, "kind of "+f.Label, 1.0
			if f.Campaign != "" {
				row[7], row[8] = f.Campaign, "rule "+f.Campaign
			}
		}
		if f.Attempt > 0 {
			row[6] = f.Attempt
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
