// Package report writes what model/drift says in the forms that people and machines read.
//
//	JSON      everything, stable: what other programs build on
//	Text      a terminal: verdict, a table a layer, hosts with what explains them
//	Markdown  job summaries and tickets: at most 60,000 bytes
//	HTML      one page without scripts or anything from elsewhere: at most a few MB
//	JUnit     CI servers: a test case for each item and host, and for each layer without
//
// The same report always gives the same bytes. Strings in it come from packets: whoever
// sent those wrote them. All forms but JSON show them as outputs/text escapes them, with
// what their own syntax needs on top; JSON has them as they are, with escapes of its own
// for whatever does not print.
package report
