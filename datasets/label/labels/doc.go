// Package labels has the tables that labelling writes, and what becomes of a flow's label
// elsewhere.
//
//	match.Row ─► flow_labels   a row for each flow, in the order of the flows table
//	          ─► label_hits    a row for each thing that is said of a flow
//	          ─► Book ─┬─► record_labels   the label of the flow that a message is part of
//	                   ├─► window_labels   the labels of flows that overlap a host's window
//	                   └─► packet_labels   the label of the flow that a packet is of
//
// A Book keeps 16 bytes a flow of which anything is said, and each label once.
package labels
