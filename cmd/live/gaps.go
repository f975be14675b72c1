package live

import (
	"pcapmill/cmd/capture/event"
	"pcapmill/features/column"
	"pcapmill/features/window/table"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/text"
)

// GapsTable is the name of the table of what a live capture missed.
const GapsTable = "capture_gaps"

// GapsDoc says what it holds.
const GapsDoc = "a stretch of time of which packets are missing, or in which a clock was set, a row; live captures alone have the table"

// gapsVersion is raised with each change of the table that a reader could notice.
const gapsVersion = 1

// Reasons besides those of package event.
const (
	whyDrops    = "kernel_drops"     // lost in the kernel, as the segment's counters say
	whyFace     = "interface_drops"  // lost by the interface, before the kernel counted them
	whyLost     = "segment_lost"     // capture could not keep the segment
	whyMissing  = "segment_missing"  // its file was not there
	whyDamaged  = "segment_damaged"  // its file is not what capture recorded
	whyUnread   = "segment_unread"   // its file could not be read to its end
	whyBrokeOff = "analysis_restart" // flows that were open are missing, as the state was lost
)

// gap is one row.
type gap struct {
	segment    int64
	start, end packet.Nanos
	ends       bool // end is known
	drops      int64
	counted    bool // drops is known
	why        string
	detail     string
}

// GapsSchema returns the table's columns.
func GapsSchema() *column.Schema { return table.Schema(GapsTable, gapsVersion, gapColumns()) }

func gapColumns() []table.Def[gap] {
	return table.Grouped(GapsTable,
		table.Count("segment", column.None, "Number of the segment with which the row was written: the first that was analysed after the gap was known, or the one that it is about.", func(g *gap) int64 { return g.segment }).As(column.Identity),
		table.Count("start_ns", column.EpochNano, "When it began, by the clock of the machine that captured; of a segment's counters when the segment was opened.", func(g *gap) int64 { return g.start }).As(column.Time),
		table.Timestamp("start_time", "start_ns for people and SQL, rounded down to microseconds.", func(g *gap) packet.Nanos { return g.start }).As(column.Time),
		table.Known("end_ns", column.EpochNano, "When it ended.", "nobody knows, as where a capture was killed", func(g *gap) (int64, bool) { return g.end, g.ends }).As(column.Time),
		table.Known("drops", column.Packets, "Packets that are missing, as the kernel or capture counted them.", "nobody counted them", func(g *gap) (int64, bool) { return g.drops, g.counted }),
		table.Word("why", "What happened, in a word: see docs/live.md.", "", func(g *gap) string { return g.why }),
		table.Word("detail", "What else is known of it, for people.", "nothing is", func(g *gap) string { return g.detail }),
	)
}

// gapOf is the row of a gap that capture, or an earlier analysis, recorded.
func gapOf(e *event.Gap) gap {
	g := gap{start: e.StartNs, why: short(string(e.Why)), detail: short(e.Detail)}
	g.end, g.ends = known(e.EndNs)
	g.drops, g.counted = known(e.Drops)
	if g.drops < 0 { // nothing that counts says so
		g.drops, g.counted = 0, false
	}
	return g
}

// shortBytes is what is kept of a text of the segments' ledger: lines, rows and records that say it
// have limits of their own.
const shortBytes = 1024

// short escapes a text of the segments' ledger and cuts it where it is too long to be one of capture.
func short(s string) string {
	if len(s) > shortBytes {
		return text.Escape(s[:shortBytes]) + "…"
	}
	return text.Escape(s)
}

// known returns what a pointer is to, and whether it is to anything.
func known(n *int64) (int64, bool) {
	if n == nil {
		return 0, false
	}
	return *n, true
}

// gapsOf are the rows of a segment's own counters. before are the gaps recorded since the segment
// before, whose drops are among the counters'.
func gapsOf(s *event.Segment, before []gap) []gap {
	explained := int64(0)
	for i := range before {
		why := event.Why(before[i].why)
		if before[i].counted && (why == event.RingFull || why == event.DiskTrouble) { // the ring was full, too, for lack of a disk
			explained += before[i].drops
		}
	}
	var rows []gap
	row := gap{start: s.OpenedNs, end: s.ClosedNs, ends: true, counted: true}
	if n, is := known(s.KernelDrops); is && n > explained {
		row.drops, row.why = n-explained, whyDrops
		rows = append(rows, row)
	}
	if n, is := known(s.InterfaceDrops); is && n > 0 {
		row.drops, row.why = n, whyFace
		rows = append(rows, row)
	}
	return rows
}

// missing is the row of a segment that could not be used.
func missing(s *event.Segment, why, detail string) gap {
	return gap{
		segment: s.Number, start: s.OpenedNs, end: s.ClosedNs, ends: true,
		drops: max(0, s.Packets), counted: true, why: why, detail: detail,
	}
}
