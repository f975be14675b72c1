// Package event has the records of SEG/ledger.jsonl, which capture writes; those of OUT/ledger.jsonl,
// which analysis writes, are in package outputs/livefolder. Package outputs/ledger says what a
// ledger is; docs/live-capture.md says it for people.
//
// In the order in which capture writes:
//
//	session   a capture began                      Session
//	gap       packets of a stretch of time are missing, or a clock stepped   Gap
//	segment   a segment is whole under its name    Segment
//	lost      a segment's number has no packets    Lost
//	delete    a segment's file was removed         Delete
//	end       a capture ended as it should         End
//
// The gaps of a segment's time come before its segment record. Numbers of segments rise by
// one over all sessions of a folder: each is a segment or lost, once.
//
// All times are ns since 1970 UTC. A member that is unknown is null or left out, never 0.
package event
