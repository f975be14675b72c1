// Package drift says what changed between a baseline and what is current, how much that
// is, and what to do about it. docs/drift.md explains it to users.
//
//	Index    how far one host's window lies from the host's own baseline: the weighted
//	         mean of the absolute z of named features (NetDNA's drift index)
//	Compare  what windows of one feature say in one segment: effect, distances, p-value
//	Decide   which of many findings count, at a bounded rate of false ones
//
// All are functions of numbers. Package stat holds the tests.
package drift
