// Package flow turns packets of one flow into the columns of the flows table.
//
// A Row is the whole state of one flow piece: plain memory without pointers, one
// struct per feature family, those of a direction side by side. A family lives
// in one file: its state, how a packet changes it, and its columns. Adding one
// is that file, a field in Row or side, and a line in families.
//
//	packet.View ──► Row.Observe ──► family.observe …        per packet, no allocation
//	ended Rows  ──► Fill        ──► one batch.Vector a column
//
// Unless a column's doc says otherwise its packet population is all packets of
// the flow, retransmissions included. Times are packet times in nanoseconds.
// Gaps between packets ignore packets that came late (their time is before that
// of an earlier packet): such packets are counted in late_packets instead.
package flow
