// Package rules applies rules that people write to the rows of tables, and says where they
// hold. docs/rules.md explains the language.
//
//	file (YAML) ─► Rule ─┐
//	a table's columns ───┴─► condition, keys ─► rows that meet it ─► baseline: is it unusual?
//	                                                 │
//	                              each is an event ──┴── or windows and groups of them, whose
//	                                                 │   aggregate passes a threshold
//	                              events of one key within a period ─► Alert
//
// # Order
//
// Alerts are a function of the rows and never of their order, as long as what waits fits
// Config.Memory: groups of open windows, and events that are not yet alerts. Beyond it, windows
// that lie Config.Late behind the latest row are over, and rows that come for them later are
// left out and counted. Sums are exact (big.Float of fixed precision, rounded once), so that order
// does not show in them either.
package rules
