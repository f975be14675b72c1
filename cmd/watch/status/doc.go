// Package status is how the processes of live mode say what they do to the one that started
// them, and how that is shown.
//
//	live capture ── a Status as a JSON line, once a second, on descriptor 3 ──┐
//	                                                                          ├─► Board ─► one line on a terminal,
//	live analyse ── the same ─────────────────────────────────────────────────┘          or lines in a log
//
// A process writes what it has counted since it began, so that a line that is lost costs nothing.
// It never waits for the reader: Writer drops what the pipe does not take. The reader believes
// nothing: lines are bounded, and what is no Status is counted and left out.
package status
