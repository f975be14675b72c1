// Package accuracy holds the tests that compare pcapmill's tables with
// independent truth and that hold the design's invariants, and the few helpers
// they share: a Sink that keeps all rows in memory, and inputs made of files or
// of packets at hand.
//
// Each tool counts a little differently. What is compared, and by which rule an
// expected difference is told from an error, is in docs/accuracy.md; each rule is
// a predicate here, so that a new difference fails a test.
package accuracy
