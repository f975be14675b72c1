// Package suppress marks what a drift report says and somebody has accepted, until a day.
//
// A list is YAML, a sequence of entries with the keys match (layer, host, segment, subject,
// key), max-severity, reason, until and forever; docs/drift.md documents them.
//
// Every entry has a reason and an end, or says that it has none. What is suppressed stays
// in the report, and does not count for its verdict. Days are compared with the report's
// own time, that of the newest window, so that a report made again says the same.
package suppress
