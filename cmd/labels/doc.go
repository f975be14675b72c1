// Package labels labels flows, compares labellings and reads sources of labels, for commands.
//
//	TABLES, rules ─► Label ─► folder: flow_labels, label_hits, record_labels, window_labels,
//	                          packet_labels, coverage.json, coverage.html, unmatched.jsonl
//	two labellings ─► Compare
//	rules ─► Check
//
// A folder appears whole, or what is there stays as it was.
package labels
