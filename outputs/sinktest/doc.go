// Package sinktest is the suite that every table output passes: an empty table,
// nulls, every type, hostile strings, the same bytes however the rows were cut
// into batches, no hold on or change of a batch, and no write error swallowed.
//
// A test of an output calls Run with a Sink that says how to write and read it:
//
//	sinktest.Run(t, sinktest.Sink{New: …, Read: …})
package sinktest
