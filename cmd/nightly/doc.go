// Package nightly works through new captures without anyone watching: what
// `pcapmill nightly CONFIG` does, without flags and terminals.
//
//	captures, live's segments ─► files ─► nights, oldest first
//	                                        │ each:
//	   run ─► the night's own baseline ─► drift against the nights before ─► rules
//	    │          │                         │                                │
//	runs/date=D  nights/D.bl             reports/D/drift.*, alerts.jsonl   reports/D/rules.*
//	                                        ▼
//	   nightly.jsonl (a record) ─► baseline.bl of the good nights ─► retention ─► index.html
//
// # Nights
//
// A night is the files of one day, or hour, by their names or by their first packets. It is
// done once it is over and its files have settled. Files that come later are a night of
// their own beside it: D.2, D.3. A night is done when its record is in nightly.jsonl, and
// not before: whatever a crash left is made again, to the same bytes.
//
// # The past
//
// Each night's tables make a small baseline of that night alone. What a night is judged by
// is the join of those of good nights before it, so that a night never sees itself or what
// came later, whether it is done in time, late or again; so that flagged nights stay out
// however they were found; and so that tables may go while what they taught stays.
//
// # What is told
//
// The exit code and the summary are of all records since the last one of the event end,
// which is written when they were told: an execution that is killed is told by the next.
package nightly
