// Package report writes what tables, labels and comparisons come to in the forms that people read.
//
//	Page ─┬─► Text      a terminal, or a file
//	      ├─► Markdown  job summaries and tickets: at most 60,000 bytes
//	      └─► HTML      one page without scripts or anything from elsewhere
//
// Strings on a Page are as they came, from packets, rules and alerts, and so may have been
// written by an attacker: each form shows them as outputs/text escapes them, with what its own
// syntax needs on top. The same Page always gives the same bytes.
package report
