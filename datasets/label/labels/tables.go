package labels

import "pcapmill/features/column"

// Table is one table of labels.
type Table struct {
	Schema *column.Schema
	Doc    string // what a row is
}

// Tables returns all tables of labels.
func Tables() []Table {
	return []Table{
		{FlowSchema(), "a row for each flow, in the order of the flows table: what became of it, and what it is called"},
		{HitSchema(), "a row for each thing that is said of a flow, those of one flow together, what counts first"},
		{RecordSchema(), "a row for each row of the tables of messages, one table after the other in their order: the label of the flow that it is part of"},
		{WindowSchema(), "a row for each host and window of the hosts table: the labels of its flows of tunnel depth 0 that overlap the window"},
		{PacketSchema(), "a row for each packet that is in a flow: the flow's label"},
	}
}

// TableNames lists the names of all tables of labels.
func TableNames() []string {
	var names []string
	for _, t := range Tables() {
		names = append(names, t.Schema.Table)
	}
	return names
}
