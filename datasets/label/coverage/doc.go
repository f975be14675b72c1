// Package coverage says how well labels cover flows: what was labelled, what never matched and
// why, and what people should look at.
//
//	rows of flows, hits ─► Tally ─► Report ─┬─► JSON   everything
//	what match counted ─────────────────────┘─► Page   text, Markdown, HTML
//
// A Report depends on the rows alone, not on their order, except for which host pairs are
// counted where there are more of them than MaxPairs.
package coverage
