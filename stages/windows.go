package stages

import (
	"slices"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/window"
	"pcapmill/ingest/packet"
)

// WindowTable is what became of one table of windows.
type WindowTable struct {
	Schema *column.Schema
	Rows   int64
	Sum    packet.Tally // over the rows
}

// slots counts packets for the slots table as soon as the header walk has given them their
// outcomes: there they are one after the other, whatever the number of workers. It
// belongs to the feeder, which also writes the table.
type slots struct {
	*window.SlotCounter
	independent bool
	counted     int // Views of the block at hand
}

// openSlots opens the table; nil where nobody wants it.
func openSlots(cfg *Config, sinks Sinks) (*slots, error) {
	wanted, err := window.Select(cfg.Windows)
	if err != nil || !slices.Contains(wanted, window.Slots) {
		return nil, err
	}
	sink, err := sinks.Open(window.SlotsSchema())
	if err != nil {
		return nil, sinkError(err)
	}
	counter := window.NewSlotCounter(cfg.Tick, func(b *batch.Batch) error {
		if err := sink.Write(b); err != nil {
			return sinkError(err)
		}
		return nil
	})
	return &slots{SlotCounter: counter, independent: cfg.Inputs == Independent}, nil
}

// begin takes notice of a block that is about to be walked.
func (s *slots) begin(b *packet.Block) {
	s.counted = 0
	if s.independent {
		s.Capture(b.Input)
	}
}

// flow counts the packets of a block's Views so far. They are counted together where
// that can be: what counts them then stays in the nearest cache.
func (s *slots) flow(views []packet.View) {
	s.Packets(views[s.counted:])
	s.counted = len(views)
}

// other counts a packet that is in no flow, behind those of the block's Views so far. v
// is what the walk left of it, and the marks are what it had before.
func (s *slots) other(views []packet.View, rec *packet.Record, v *packet.View, marks packet.Quality, out packet.Outcome) {
	s.flow(views)
	if out == packet.MalformedL4 {
		s.Cut(v, marks)
		return
	}
	s.Other(v.Clock, marks, rec.CapLen, rec.WireLen, out == packet.NonIP && v.IsARP())
}

// table returns what was written.
func (s *slots) table() WindowTable {
	rows, sum := s.Written()
	return WindowTable{Schema: s.Schema(), Rows: rows, Sum: sum}
}

// InWindows are the packets that tables of windows have: all that were read but those
// filtered and those dropped as duplicates.
func InWindows(a *packet.Accounting) packet.Tally {
	t := a.Read
	for _, out := range []packet.Outcome{packet.Filtered, packet.Duplicate} {
		by := a.By[out]
		t.Plus(packet.Tally{Packets: -by.Packets, CapturedBytes: -by.CapturedBytes, WireBytes: -by.WireBytes})
	}
	return t
}
