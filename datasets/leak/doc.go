// Package leak finds what lets a model look good for the wrong reason: ways in which the rows
// that it is tested on are known from those it was trained on, and columns that say who was
// measured, where and when, and not what it did.
//
//	labels ─► class and split of every row            3 bytes a row
//	keys   ─► groups over splits, times, which rows are sampled
//	data   ─► counts and moments of columns, shapes of rows (exact and quantised), sampled values
//	           └─► columns: looks, relations to keys, relations to the label, scaling ─► Findings
//
// # What is counted and what is sampled
//
// Groups are counted exactly, in as many passes over one column as their number needs. Nulls,
// constants, extremes and moments are of all rows. Relations of a column to the label and to keys
// are of a sample: of each class in each split so many rows whose hash is least, a hash of the
// row's keys and of the seed, so that neither the order of rows nor that of files matters; a
// dataset without keys has only positions to hash. Shapes of rows beyond the limit are sampled by
// their own hash, which keeps all rows of a shape or none.
//
// # What is chance
//
// Short flows are alike, so twins in training and test rows prove nothing. Two things tell copies from
// them. Individual rows, with three values and more that are rare in their class, are looked at by themselves.
// And training itself is the measure: the share of its individual rows with a twin among its other rows
// is what alikeness explains. What rows outside training have beyond that is tested by Fisher's exact
// test in each class, and by Mantel and Haenszel's over all, corrected for the
// number of classes (Bonferroni). A column's accuracy is that of a rule fitted on training rows and
// measured on the others.
//
// # Severities
//
// An error makes results wrong, a warning may, a note is what a reader of results should know. A
// feature that separates classes well is a note: that is what features are for. It becomes a
// warning where the column also names hosts, captures or times, or where not one row is wrong.
package leak
