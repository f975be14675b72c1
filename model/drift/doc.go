// Package drift says what changed between a baseline and what is current, how much that
// is, and what to do about it. docs/drift.md explains it to users.
//
//	EachHost of a baseline ─┐                      ┌► totals      amounts and ratios of the network
//	                        ├► judge, by address ──┼► population  hosts that are new or gone
//	Windows, read and sorted┘         │            ├► values      keys that are new, gone, of other shares
//	                                  │            └► scorer      drift index of the host
//	                                step           of each feature of a host on both sides
//	                                  ├► tally     of each segment ─► finding ─► decide ─► Item
//	                                  └► ownStep   of a single host ────────────────────► Item
//
// A baseline's hosts are met once, in the order of their addresses, and current windows
// wait sorted in memory; what is kept of a host is sums. No result depends on the order of
// rows. Package stat holds the tests.
package drift
