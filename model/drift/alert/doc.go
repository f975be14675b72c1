// Package alert appends what a drift report says to a file that a SIEM follows: one JSON
// object a line, with names of the Elastic Common Schema.
//
//	report ─► Of: an Alert for each item and host that fails
//	           │
//	           ▼  known: the file has one of the same subject, at least as severe,
//	        Append   less than a period away by the data's time
//	           │
//	           ▼
//	        alerts.jsonl    only ever longer; mode 0600 where it is new
//
// Nothing in a line is of the clock, so appending the same report again adds nothing. The
// file is its own memory: what is rotated away is told again.
package alert
