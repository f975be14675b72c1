package stages

import (
	"context"
	"math"

	"pcapmill/features/batch"
	"pcapmill/features/flow"
	"pcapmill/ingest/packet"
)

// sequencer merges the shards' streams of ended flows into the table's order and
// fills batches.
type sequencer struct {
	wires   *wires `snapshot:"-"` // nil at rest
	streams []lane
	table   *flow.Table  `snapshot:"-"`
	batch   *batch.Batch `snapshot:"-"` // nil at rest
	rows    int64
	touched uint64       `snapshot:"-"` // keeps the loads of fetch alive
	inFlow  packet.Tally // of these rows

	tile    []*flow.Row // merged, not yet filled
	places  []order     // of these, where hosts are wanted
	hosts   *hostBook   // nil: nobody wants windows of hosts
	booked  int         // rows of the tile that are in it
	extras  []*flow.Extra
	apps    []*flow.App
	hears   bool // there are apps
	parents parents
	names   names
	spent   []chunk // all rows merged, memory to give back after the next fill
}

// lane is what is known of one shard's ended flows.
type lane struct {
	queue  []chunk // received; the shards are never more than a few blocks apart
	chunk  chunk
	next   int   // index of the first row not merged yet
	head   order // order of that row, or what later rows come at or after
	rested bool  // all chunks of the Feed have been received
	closed bool  // nothing follows in the run
}

// tileRows is the number of merged rows that are filled into columns together.
const tileRows = 512

func newSequencer(shards int, table *flow.Table) *sequencer {
	s := &sequencer{table: table, streams: make([]lane, shards), parents: newParents(shards), names: newNames(shards)}
	for i := range s.streams {
		s.streams[i].head = instant(0, packet.NoTime)
	}
	return s
}

// run merges what the shards send in a Feed, as far as nothing later can precede it: all of
// them have come as far as the least of them has.
func (s *sequencer) run(ctx context.Context) error {
	if s.wires.filled != nil {
		defer close(s.wires.filled)
	}
	for i := range s.streams {
		s.streams[i].rested = false
	}
	for {
		i := s.least()
		if i < 0 {
			break
		}
		st := &s.streams[i]
		if !st.waits() {
			if err := s.add(ctx, st); err != nil {
				return err
			}
			continue
		}
		if st.chunk.rows != nil {
			s.spent = append(s.spent, st.chunk)
			st.chunk, st.next = chunk{}, 0
		}
		if more, err := s.receive(ctx, st); err != nil {
			return err
		} else if !more && !s.wires.ending {
			return s.rest(ctx)
		}
		if err := s.turn(ctx); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := s.flush(ctx, true); err != nil || s.hosts == nil {
		return err
	}
	if err := s.hosts.await(ctx, s, instant(math.MaxInt32, packet.NoTime)); err != nil {
		return err
	}
	return s.hosts.Close()
}

// turn does what is due among the hosts' windows before all rows to come.
func (s *sequencer) turn(ctx context.Context) error {
	i := s.least()
	if i < 0 || s.hosts == nil || !s.hosts.due(s.streams[i].head) {
		return nil
	}
	return s.book(ctx, s.streams[i].head)
}

// rest takes in what comes of the Feed and has to wait for the next one, and writes what
// is there.
func (s *sequencer) rest(ctx context.Context) error {
	for i := range s.streams {
		if err := s.await(ctx, &s.streams[i], true); err != nil {
			return err
		}
	}
	if s.hosts != nil {
		if err := s.hosts.rest(ctx, s.wires); err != nil {
			return err
		}
		if err := s.turn(ctx); err != nil {
			return err
		}
	}
	if err := s.flush(ctx, true); err != nil || s.hosts == nil {
		return err
	}
	return s.hosts.Flush()
}

// least returns the lane whose next row or lower bound comes first; -1 when
// all have ended. Where a bound ties with a row, the bound's lane is asked
// first, because a row before the other's may still come from it.
func (s *sequencer) least() int {
	best := -1
	for i := range s.streams {
		st := &s.streams[i]
		if st.closed {
			continue
		}
		if best < 0 || st.head.less(s.streams[best].head) || !s.streams[best].head.less(st.head) && st.waits() {
			best = i
		}
	}
	return best
}

func (st *lane) waits() bool { return st.next == len(st.chunk.rows) }

// receive takes a lane's next chunk; false where there is none in this Feed.
func (s *sequencer) receive(ctx context.Context, st *lane) (more bool, err error) {
	if err := s.await(ctx, st, false); err != nil {
		return false, err
	}
	if len(st.queue) == 0 {
		st.closed = s.wires.ending
		return false, nil
	}
	c := st.queue[0]
	st.queue[0] = chunk{}
	if st.queue = st.queue[1:]; len(st.queue) == 0 {
		st.queue = nil
	}
	s.parents.add(c.shard, c.reports)
	s.names.add(c.shard, c.names)
	c.reports, c.names = nil, nil
	st.chunk, st.next = c, 0
	st.setHead()
	s.names.relieve(s.streams[s.least()].head)
	return true, nil
}

// await waits until a lane has a chunk, or all of a Feed where all is to be there, or there
// are no more. Until then those of the other lanes are taken in as well: a shard that waits
// for room here would hold up the one that is waited for, as shards meet to divide the
// memory.
func (s *sequencer) await(ctx context.Context, st *lane, all bool) error {
	for !st.rested && (all || len(st.queue) == 0) {
		select {
		case c := <-s.wires.chunks:
			s.queue(c)
		case stretch := <-s.wires.stretches:
			s.hosts.Arrive(stretch)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// queue files a chunk under its lane.
func (s *sequencer) queue(c chunk) {
	from := &s.streams[c.shard]
	if c.last {
		from.rested = true
		return
	}
	from.queue = append(from.queue, c)
}

// book counts the rows of the tile that were not yet, and does what comes before a place
// behind them.
func (s *sequencer) book(ctx context.Context, at order) error {
	if err := s.bookTile(ctx); err != nil {
		return err
	}
	return s.hosts.advance(ctx, s, at)
}

func (s *sequencer) bookTile(ctx context.Context) error {
	var apps []*flow.App
	if s.hears {
		apps = s.apps[s.booked:]
	}
	err := s.hosts.add(ctx, s, s.tile[s.booked:], apps, s.places[s.booked:])
	s.booked = len(s.tile)
	return err
}

func (st *lane) setHead() {
	if st.waits() {
		st.head = st.chunk.upTo
		return
	}
	st.head = st.chunk.rows[st.next].at
}

// add takes the lane's next row. Rows are copied by reference: their chunk
// stays alive until the tile is filled.
func (s *sequencer) add(ctx context.Context, st *lane) error {
	e := &st.chunk.rows[st.next]
	if st.next%lookAhead == 0 {
		s.fetch(st.chunk.rows[st.next:min(st.next+lookAhead, len(st.chunk.rows))])
	}
	s.parents.settle(e.row)
	s.tile = append(s.tile, e.row)
	if s.hosts != nil {
		s.places = append(s.places, e.at)
	}
	if s.table.Extras {
		s.extras = append(s.extras, e.extra)
	}
	if s.hears {
		s.apps = append(s.apps, s.names.settle(e.row, e.at, e.app))
	}
	st.next++
	st.setHead()
	s.rows++
	if len(s.tile) < tileRows {
		return nil
	}
	return s.flush(ctx, false)
}

// fetch touches what add looks at of the next rows: their flows have had no packet for a
// while, and are far away.
func (s *sequencer) fetch(rows []endedRow) {
	touched := uint64(0)
	for i := range rows {
		touched += uint64(rows[i].row.Key.Depth) + uint64(rows[i].row.ICMPCode)
	}
	s.touched += touched
	if s.hears {
		s.names.fetch(rows)
	}
}

// giveBack returns the memory of chunks whose rows are all filled.
func (s *sequencer) giveBack() {
	for _, c := range s.spent {
		c.home.give(c.rows)
	}
	clear(s.spent)
	s.spent = s.spent[:0]
}

// count adds the tile's packets up.
func (s *sequencer) count() {
	for _, r := range s.tile {
		addPackets(&s.inFlow, r)
	}
}

// addPackets adds a row's packets to a sum. What is inside a tunnel was counted with what
// is around it.
func addPackets(sum *packet.Tally, r *flow.Row) {
	if r.Key.Depth == 0 {
		sum.Packets += int64(r.Packets())
		sum.WireBytes += int64(r.WireBytes())
		sum.CapturedBytes += int64(r.CapturedBytes())
	}
}

// unwritten adds the packets of rows that wait for those before them.
func (s *sequencer) unwritten(sum *packet.Tally) {
	add := func(rows []endedRow) {
		for i := range rows {
			addPackets(sum, rows[i].row)
		}
	}
	for i := range s.streams {
		st := &s.streams[i]
		add(st.chunk.rows[st.next:])
		for _, c := range st.queue {
			add(c.rows)
		}
	}
}

// flush fills the tile into the batch and hands on full batches.
func (s *sequencer) flush(ctx context.Context, last bool) error {
	if s.batch == nil {
		select {
		case s.batch = <-s.wires.empty:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if n := s.batch.Rows; n == tileRows { // more than a handful: a whole batch is likely
		s.batch.Reserve(batchRows + tileRows - n)
	}
	s.table.Fill(s.batch, s.tile, s.extras, s.apps)
	s.count()
	if s.hosts != nil { // now that the rows are in the caches
		if err := s.bookTile(ctx); err != nil {
			return err
		}
		s.places, s.booked = s.places[:0], 0
	}
	clear(s.tile)
	clear(s.extras)
	clear(s.apps)
	s.tile, s.extras, s.apps = s.tile[:0], s.extras[:0], s.apps[:0]
	s.names.returned()
	s.giveBack()
	if s.batch.Rows < batchRows && !last || s.batch.Rows == 0 {
		return nil
	}
	if s.wires.filled == nil {
		return s.wires.writer.write(s.batch)
	}
	select {
	case s.wires.filled <- s.batch:
		s.batch = nil
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
