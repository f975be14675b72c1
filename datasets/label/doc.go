// Package label has the words of labelling: what sources of labels say of traffic, before it
// is known which rows it is true of.
//
//	eve.json, fast.log, notice.log ─┐
//	CSV, binetflow, conn.log        ├─ label/source ─► Set ─ label/match ─► an outcome for every flow
//	YAML rules, pcapng comments     │                   ▲
//	scores, names of captures ──────┘             rows of a flows table
//
// A source says two things. A Rule is about all flows that fit it: hosts, ports, a stretch of
// time. An Event is about one flow, at an instant: an alert, a row of a labelled table. A Score is
// an Event whose flow is known by its key.
//
// Every flow has exactly one Outcome. Of what is said of it the highest priority counts;
// where that says two things, or where an event fits several flows, the outcome is Ambiguous,
// never a choice in silence.
package label
