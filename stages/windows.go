package stages

import (
	"fmt"
	"slices"
	"time"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/window"
	"pcapmill/ingest/packet"
)

// WindowTable is what became of one table of windows.
type WindowTable struct {
	Schema *column.Schema `snapshot:"-"`
	Rows   int64
	Sums   []packet.Tally // over the rows, of each grid of windows that overlap; those of flows do not know captured bytes
	Hop    time.Duration  // from one grid to the next
	Of     packet.Tally   // what each must be
	What   string         // says of which packets that is
}

// RowsOf names the rows that a sum is over.
func (t *WindowTable) RowsOf(sum int) string {
	if len(t.Sums) == 1 {
		return "rows"
	}
	return fmt.Sprintf("rows of windows at offset %v", time.Duration(sum)*t.Hop)
}

// wantsWindow reports whether a table of windows is written.
func (c *Config) wantsWindow(table string) bool {
	wanted, err := window.Select(c.Windows)
	return err == nil && slices.Contains(wanted, table)
}

// openWindow opens a table of windows and returns what writes its rows.
func openWindow(schema *column.Schema, sinks Sinks) (write func(*batch.Batch) error, err error) {
	sink, err := sinks.Open(schema)
	if err != nil {
		return nil, sinkError(err)
	}
	return func(b *batch.Batch) error {
		if err := sink.Write(b); err != nil {
			return sinkError(err)
		}
		return nil
	}, nil
}

// slots counts packets for the slots table as soon as the header walk has given them their
// outcomes: there they are one after the other, whatever the number of workers. It
// belongs to the feeder, which also writes the table.
type slots struct {
	*window.SlotCounter
	independent bool
	counted     int // Views of the block at hand
}

// newSlots returns nil where nobody wants the table.
func newSlots(cfg *Config) *slots {
	if !cfg.wantsWindow(window.Slots) {
		return nil
	}
	return &slots{SlotCounter: window.NewSlotCounter(cfg.Tick, nil), independent: cfg.Inputs == Independent}
}

// open opens the table of a Feed.
func (s *slots) open(sinks Sinks) error {
	write, err := openWindow(window.SlotsSchema(), sinks)
	if err == nil {
		s.Connect(write)
	}
	return err
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
	return WindowTable{Schema: s.Schema(), Rows: rows, Sums: []packet.Tally{sum}}
}

// of says what a table's sum must be.
func (t *WindowTable) of(a *packet.Accounting) {
	switch t.Schema.Table {
	case window.Slots:
		t.Of, t.What = inWindows(a), "packets neither filtered nor duplicate"
	default:
		t.Of, t.What = a.By[packet.InFlow], "packets in_flow"
		t.Of.CapturedBytes = 0
	}
}

// inWindows are the packets that slots have: all that were read but those
// filtered and those dropped as duplicates.
func inWindows(a *packet.Accounting) packet.Tally {
	t := a.Read
	for _, out := range []packet.Outcome{packet.Filtered, packet.Duplicate} {
		by := a.By[out]
		t.Plus(packet.Tally{Packets: -by.Packets, CapturedBytes: -by.CapturedBytes, WireBytes: -by.WireBytes})
	}
	return t
}
