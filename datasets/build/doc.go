// Package build joins tables with their labels into a dataset.
//
//	TABLES/flows ──────────┐ the same rows in the same order, or found by their keys
//	LABELS/flow_labels ────┴─► filter ─► sample ─┬─► data       features, then labels
//	                                             ├─► keys       what each row of data is about
//	                                             ├─► captures   the files behind it
//	                                             └─► dataset.json   columns, classes, what was left out
//
// Rows are read twice: at first only what decides which of them stay is read and counted.
// Whether a row stays hangs on the row, the options and these counts alone, never on its place.
//
// # Which columns
//
// Of the table's columns those stay whose role is feature. Addresses, ports and the like
// (leak_prone), times and identities tell a model which testbed it sees; columns that rules ask for
// (predicate_columns of the labels' manifest) tell it what the label was made of; lists are
// no numbers. All of them can be asked for, and then a note says so.
//
// # Samples
//
// A sample takes the connections with the lowest hashes of (seed, conn_id), so that pieces of one
// stay together and the same connection is in each sample that is as large. Weights are the
// inverse of the share that was taken.
package build
