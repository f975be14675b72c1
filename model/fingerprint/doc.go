// Package fingerprint says how a host behaves: a versioned vector of named features made
// of the host's rows of the hosts table, classes by rules, comparison of two vectors, and
// a view of one. docs/fingerprint.md explains it to users.
//
//	rows of hosts ─► Builder ─► Fingerprint ─► Write, Read   stable JSON
//	                    │            ├─► Append, Stored      rows of a table
//	                    │            ├─► Classify            rules, with their reasons
//	                    │            ├─► Compare             metrics on scaled features, deltas
//	                    └─ Timeline ─┴─► Inspect, Render     bars, and a feature over time
//
// What a feature is, is said once, in Features. A value that is not known is never 0: it
// stays unknown in JSON (null), meets no condition of a class, and is in no metric.
// Builders add integers and fixed-point numbers, so the order and partition of rows
// change no bit of a result.
package fingerprint
