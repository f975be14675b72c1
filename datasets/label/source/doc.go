// Package source reads what others say of traffic into a label.Set: alerts of Suricata,
// notices of Zeek, rules, tables that have labels, comments on packets, scores, the names of
// captures.
//
//	path ─► SHA-256 of the stored bytes ─► decompress ─► formats: who knows the first bytes?
//	                                                        │ read
//	                     label.Set ◄─ event, rule, score ◄──┘──► refused, skipped: counted
//
// The content says what a file is, never its name. A format is one file of this package and one
// line of the list in formats.go.
//
// Files come from strangers. Lines, texts and the number of things kept have bounds. A line that
// is not understood is refused, counted and reported with the reason, and reading goes on; a time
// without a zone ends the reading unless Options name one, since a guess would label other
// traffic. Docs: docs/label-sources.md.
package source
