package stages

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"

	"pcapmill/features/column"
	"pcapmill/features/record"
)

// Records have an order of their own, that of the Views they were complete with. Each
// shard hands its records on every sheetBlocks blocks, or earlier where these have many
// Outsiders. Both are the same for all, so that a sheet of each is all there is of these
// blocks.
const (
	sheetBlocks    = 4
	sheetOutsiders = 4096
	sheetsAhead    = 1
	sheetBytes     = 1 << 19 // that records come to, after which a batch is written however few they are
)

// sheet is what a shard has of the records of sheetBlocks blocks.
type sheet struct {
	rows  *record.Rows
	saved *saved // nil: no capture file is wanted
	last  bool   // nothing follows in this Feed
}

// deliver hands the shard's records on where it is time to, or where they are the last.
func (s *shard) deliver(ctx context.Context, last bool) error {
	if rc := s.table.recorder; rc != nil && rc.failed != nil {
		return rc.failed
	}
	n := s.notes
	if n == nil {
		return nil
	}
	if n.blocks++; n.blocks < sheetBlocks && n.outside < sheetOutsiders && !last {
		return nil
	}
	n.blocks, n.outside = 0, 0
	if s.alone && n.empty() && !last {
		return nil // nobody waits for it
	}
	select {
	case s.wires.sheets[s.number] <- sheet{n.rows, n.saved, last}:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case next := <-s.wires.emptied:
		n.rows, n.saved = next.rows, next.saved
	default:
		n.rows = new(record.Rows)
		if n.saved != nil {
			n.saved = new(saved)
		}
	}
	return nil
}

// RecordTable is what became of one kind of record.
type RecordTable struct {
	Schema *column.Schema `snapshot:"-"`
	Rows   int64
	Errors int64 // messages that could not be read to their end; they have rows
}

// recordMerger brings the shards' records into one order and writes them.
type recordMerger struct {
	wires   *wires           `snapshot:"-"` // nil at rest
	fillers []*record.Filler `snapshot:"-"` // per protocol
	costs   []int            // of the records in the filler's batch
	sinks   []Sink           `snapshot:"-"` // nil at rest
	rows    []int64
	saver   *saver

	order   []located `snapshot:"-"` // the records of one table
	batch   [][]byte  `snapshot:"-"` // those of them that are to be added to its batch
	touched uint64    // see record.Touch
}

// located is a record of one shard's sheet.
type located struct {
	view         int64
	sheet, entry int32
}

func newRecordMerger(schemas []*column.Schema) *recordMerger {
	m := &recordMerger{costs: make([]int, len(schemas)), rows: make([]int64, len(schemas))}
	for _, schema := range schemas {
		m.fillers = append(m.fillers, record.NewFiller(schema))
	}
	return m
}

// open opens the tables and files of a Feed.
func (m *recordMerger) open(sinks Sinks) error {
	m.sinks = nil
	for _, f := range m.fillers {
		sink, err := sinks.Open(f.Schema())
		if err != nil {
			return err
		}
		m.sinks = append(m.sinks, sink)
	}
	return m.saver.open(sinks)
}

// rest forgets what belongs to a Feed.
func (m *recordMerger) rest() {
	m.sinks = nil
	m.saver.sinks = [captureFiles]PacketSink{}
}

// mergeRecords gives the shards what to write down on, and returns a merger of it; nil
// where that is nothing. The tables are those of the set and that of the errors.
func mergeRecords(cfg *Config, shards []*shard, set *record.Set) *recordMerger {
	full := new(atomic.Bool)
	for _, s := range shards {
		s.notes = newNotes(cfg, len(set.Tables.Schemas), full)
	}
	if shards[0].notes == nil {
		return nil
	}
	schemas := slices.Clone(set.Tables.Schemas)
	if cfg.Errors {
		schemas = append(schemas, record.ErrorsSchema())
	}
	m := newRecordMerger(schemas)
	m.saver = newSaver(cfg, full)
	return m
}

// newRecords gives the shards what makes their records, and returns a merger of them;
// nil where nothing is written down.
func newRecords(cfg *Config, shards []*shard) (*recordMerger, error) {
	sets := make([]*record.Set, len(shards))
	for i := range sets {
		var err error
		if sets[i], err = record.Open(cfg.RecordOptions()); err != nil {
			return nil, err
		}
	}
	m := mergeRecords(cfg, shards, sets[0])
	for i, s := range shards {
		s.table.recorder = newRecorder(sets[i], cfg, s.notes)
		if rc := s.table.recorder; rc != nil {
			s.table.arena.hears, s.table.arena.said = true, &rc.talks.spares.Apps
		}
		if cfg.Unknown {
			s.table.unknown = s.notes
		}
	}
	return m, nil
}

func (m *recordMerger) run(ctx context.Context) error {
	for last := false; !last; {
		var round []sheet
		for _, from := range m.wires.sheets {
			select {
			case s := <-from:
				round, last = append(round, s), s.last
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err := m.merge(ctx, round); err != nil {
			return err
		}
	}
	for i := range m.fillers {
		if err := m.write(i); err != nil {
			return err
		}
	}
	return nil
}

// merge gathers the records of a round of sheets.
func (m *recordMerger) merge(ctx context.Context, round []sheet) error {
	for table := range m.fillers {
		if err := m.gather(table, round); err != nil {
			return err
		}
	}
	if err := m.saver.merge(ctx, round); err != nil {
		return err
	}
	for _, s := range round {
		s.rows.Reset()
		if s.saved != nil {
			s.saved.reset()
		}
		select {
		case m.wires.emptied <- s:
		default:
		}
	}
	return nil
}

// gather adds the records of a table to its batch in the order of their Views. Those of
// one shard can lie out of order, as the packets of a flow are handled together.
func (m *recordMerger) gather(table int, round []sheet) error {
	m.sort(table, round)
	f := m.fillers[table]
	m.rows[table] += int64(len(m.order))
	m.batch = m.batch[:0]
	for _, l := range m.order {
		rows := round[l.sheet].rows
		entry := &rows.Of(table)[l.entry]
		m.batch = append(m.batch, rows.Row(entry))
		m.costs[table] += entry.Cost
		if f.Rows()+len(m.batch) < batchRows && m.costs[table] < sheetBytes {
			continue
		}
		f.Add(m.batch)
		m.batch = m.batch[:0]
		if err := m.write(table); err != nil {
			return err
		}
	}
	f.Add(m.batch)
	return nil
}

// sort lists the records of a table in their order.
func (m *recordMerger) sort(table int, round []sheet) {
	m.order = m.order[:0]
	for i, from := range round {
		entries := from.rows.Of(table)
		for at := range entries {
			e := &entries[at]
			m.touched += record.Touch(from.rows.Row(e))
			m.order = append(m.order, located{e.View, int32(i), int32(at)})
		}
	}
	slices.SortFunc(m.order, func(a, b located) int {
		if a.view != b.view {
			return cmp.Compare(a.view, b.view)
		}
		return cmp.Or(cmp.Compare(a.sheet, b.sheet), cmp.Compare(a.entry, b.entry))
	})
}

// write hands a batch that has rows to the sink.
func (m *recordMerger) write(protocol int) error {
	f := m.fillers[protocol]
	if f.Rows() == 0 {
		return nil
	}
	if err := m.sinks[protocol].Write(f.Batch()); err != nil {
		return sinkError(err)
	}
	f.Reset()
	m.costs[protocol] = 0
	return nil
}

// tables reports what was written.
func (m *recordMerger) tables(shards []*shard) []RecordTable {
	list := make([]RecordTable, len(m.fillers))
	for i, f := range m.fillers {
		list[i] = RecordTable{Schema: f.Schema(), Rows: m.rows[i]}
		for _, s := range shards {
			if rc := s.table.recorder; rc != nil {
				list[i].Errors += rc.errorsOf(i)
			}
		}
	}
	return list
}
