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
	sheetBytes     = 1 << 19 // encoded, after which a batch is written however few rows it has
)

// sheet is what a shard has of the records of sheetBlocks blocks.
type sheet struct {
	rows  *record.Rows
	saved *saved // nil: no capture file is wanted
	last  bool   // nothing follows
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
	case s.sheets <- sheet{n.rows, n.saved, last}:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case next := <-s.emptied:
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
	Schema *column.Schema
	Rows   int64
	Errors int64 // messages that could not be read to their end; they have rows
}

// recordMerger brings the shards' records into one order and writes them.
type recordMerger struct {
	sheets  []chan sheet // per shard
	emptied chan sheet
	fillers []*record.Filler // per protocol
	bytes   []int            // encoded, in the filler's batch
	sinks   []Sink
	rows    []int64
	order   []located
	saver   *saver
}

// located is an entry of one shard's sheet.
type located struct {
	entry *record.Entry
	rows  *record.Rows
}

func newRecordMerger(shards int, schemas []*column.Schema, open func(*column.Schema) (Sink, error)) (*recordMerger, error) {
	m := &recordMerger{sheets: make([]chan sheet, shards), emptied: make(chan sheet, shards*(sheetsAhead+2))}
	for i := range m.sheets {
		m.sheets[i] = make(chan sheet, sheetsAhead)
	}
	for _, schema := range schemas {
		sink, err := open(schema)
		if err != nil {
			return nil, err
		}
		m.fillers = append(m.fillers, record.NewFiller(schema))
		m.sinks = append(m.sinks, sink)
	}
	m.bytes, m.rows = make([]int, len(schemas)), make([]int64, len(schemas))
	return m, nil
}

// mergeRecords connects the shards to a merger of what they write down; nil where that
// is nothing. The tables are those of the set and that of the errors.
func mergeRecords(cfg *Config, shards []*shard, set *record.Set, sinks Sinks) (*recordMerger, error) {
	full := new(atomic.Bool)
	for _, s := range shards {
		s.notes = newNotes(cfg, len(set.Tables.Schemas), full)
	}
	if shards[0].notes == nil {
		return nil, nil
	}
	schemas := slices.Clone(set.Tables.Schemas)
	if cfg.Errors {
		schemas = append(schemas, record.ErrorsSchema())
	}
	m, err := newRecordMerger(len(shards), schemas, sinks.Open)
	if err == nil {
		m.saver, err = newSaver(cfg, sinks, full)
	}
	if err != nil {
		return nil, err
	}
	for i, s := range shards {
		s.sheets, s.emptied = m.sheets[i], m.emptied
	}
	return m, nil
}

// openRecords gives the shards what makes their records, and a merger of them; nil
// where nothing is written down.
func openRecords(cfg *Config, shards []*shard, sinks Sinks) (*recordMerger, error) {
	sets := make([]*record.Set, len(shards))
	for i := range sets {
		var err error
		if sets[i], err = record.Open(cfg.RecordOptions()); err != nil {
			return nil, err
		}
	}
	m, err := mergeRecords(cfg, shards, sets[0], sinks)
	if err != nil {
		return nil, sinkError(err)
	}
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
		for _, from := range m.sheets {
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

// merge decodes a round of sheets in the order of their Views. The packets of one
// shard can lie out of order, as those of a flow are handled together.
func (m *recordMerger) merge(ctx context.Context, round []sheet) error {
	m.order = m.order[:0]
	for _, from := range round {
		for i := range from.rows.Entries {
			m.order = append(m.order, located{&from.rows.Entries[i], from.rows})
		}
	}
	slices.SortStableFunc(m.order, func(a, b located) int { return cmp.Compare(a.entry.View, b.entry.View) })
	for _, l := range m.order {
		if err := m.add(l.entry.Table, l.rows.Row(l.entry)); err != nil {
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
		case m.emptied <- s:
		default:
		}
	}
	return nil
}

func (m *recordMerger) add(protocol int, row []byte) error {
	f := m.fillers[protocol]
	f.Add(row)
	m.rows[protocol]++
	if m.bytes[protocol] += len(row); f.Batch.Rows < batchRows && m.bytes[protocol] < sheetBytes {
		return nil
	}
	return m.write(protocol)
}

// write hands a batch that has rows to the sink.
func (m *recordMerger) write(protocol int) error {
	f := m.fillers[protocol]
	if f.Batch.Rows == 0 {
		return nil
	}
	if err := m.sinks[protocol].Write(f.Batch); err != nil {
		return sinkError(err)
	}
	f.Reset()
	m.bytes[protocol] = 0
	return nil
}

// tables reports what was written.
func (m *recordMerger) tables(shards []*shard) []RecordTable {
	list := make([]RecordTable, len(m.fillers))
	for i, f := range m.fillers {
		list[i] = RecordTable{Schema: f.Batch.Schema, Rows: m.rows[i]}
		for _, s := range shards {
			if rc := s.table.recorder; rc != nil {
				list[i].Errors += rc.errorsOf(i)
			}
		}
	}
	return list
}
