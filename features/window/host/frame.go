package host

import (
	"pcapmill/features/column"
	"pcapmill/features/window/table"
	"pcapmill/ingest/packet"
)

// frame is what the rows of a window have in common.
type frame struct {
	start   packet.Nanos
	length  packet.Nanos
	capture int32 // number of the input; -1: the inputs are one sequence
	part    int32
}

// frameColumns declare a row's window. what is a row of.
func frameColumns[R any](what string, of func(*R) *frame) []table.Def[R] {
	return shared(
		table.Count("window_start_ns", column.EpochNano, "Begin of the window, a multiple since 1970-01-01 UTC of its length, or of the hop where windows overlap.", func(r *R) int64 { return of(r).start }).As(column.Time),
		table.Timestamp("window_start", "The same for people and SQL.", func(r *R) packet.Nanos { return of(r).start }).As(column.Time),
		table.Count("window_ns", column.Nanos, "Length of the window.", func(r *R) int64 { return of(r).length }).As(column.Identity),
		table.KnownSmall("capture_id", "Number of the input in the manifest, from 0, which alone the row is of.", "the inputs are read as one sequence or merged", func(r *R) (int32, bool) { return of(r).capture, of(r).capture >= 0 }).As(column.Identity),
		table.Small("part_no", "0 for what was known when the window was over, which nearly always is all. Where memory is short, or without an active timeout flows outlast it, a window's "+what+" have rows in several parts, each with a number of its own: sums are over all of them.", func(r *R) int32 { return of(r).part }).As(column.Identity),
	)
}

// shared says that rows which are filled together have one value each: they are of one
// window.
func shared[R any](defs ...table.Def[R]) []table.Def[R] {
	for i := range defs {
		defs[i] = table.Shared(defs[i])
	}
	return defs
}
