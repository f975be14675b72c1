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

// slots counts packets for the slots table, each as soon as the header walk has given it
// its outcome: that is where packets are one after the other, whatever the number of
// workers. It belongs to the feeder, which also writes the table.
type slots struct {
	*window.SlotCounter
	independent bool
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
	return &slots{counter, cfg.Inputs == Independent}, nil
}

// begin takes notice of a block that is about to be walked.
func (s *slots) begin(b *packet.Block) {
	if s.independent {
		s.Capture(b.Input)
	}
}

// count counts a packet of which v is the outermost layer, or what the walk left of it.
func (s *slots) count(rec *packet.Record, v *packet.View, out packet.Outcome, c *clock) {
	if s.Past(v.Clock) && c.started {
		s.Advance(v.Clock)
	}
	switch out {
	case packet.InFlow:
		s.Packet(v, true)
	case packet.MalformedL4:
		s.Packet(v, false)
	default:
		s.Other(rec.CapLen, rec.WireLen, out == packet.NonIP && v.IsARP())
	}
}

// table returns what was written.
func (s *slots) table() WindowTable {
	rows, sum := s.Written()
	return WindowTable{Schema: s.Schema(), Rows: rows, Sum: sum}
}

// counted are the packets that tables of windows have: all that were read but those
// filtered and those dropped as duplicates.
func counted(a *packet.Accounting) packet.Tally {
	t := a.Read
	for _, out := range []packet.Outcome{packet.Filtered, packet.Duplicate} {
		by := a.By[out]
		t.Plus(packet.Tally{Packets: -by.Packets, CapturedBytes: -by.CapturedBytes, WireBytes: -by.WireBytes})
	}
	return t
}
