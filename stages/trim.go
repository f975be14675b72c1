package stages

import (
	"pcapmill/features/record"
	"pcapmill/ingest/packet"
)

// Trim gives up, between two Feeds, all memory that only what has passed needed: lists
// emptied, and what flows that have ended left to those that begin. What is open is
// kept, so that a Session holds what it would if it had been saved and restored. The
// next Feed allocates again, and no table changes.
//
// Without it a Session that lives for days comes to hold what its greatest bursts took,
// and each of its spares what the largest use of any took.
func (s *Session) Trim() {
	s.pool.trim()
	for _, shard := range s.shards {
		shard.table.trim()
		if n := shard.notes; n != nil && n.empty() {
			n.trim()
		}
	}
	if s.records != nil {
		s.records.trim()
	}
	s.feeder.trim()
	s.seq.names.told, s.seq.names.spare = nil, nil
	if s.hosts != nil {
		s.hosts.Trim()
	}
}

func (p *blockPool) trim() {
	for i := range p.free {
		p.free[i] = new(packet.Block)
	}
	p.views = nil
}

func (t *flowTable) trim() {
	t.home.free(&t.arena)
	t.home.apps, t.home.lists = nil, nil
	t.arena.shrink()
	t.pressure.trim(t)
	t.wheel.spare, t.grouped = nil, nil
	t.pending.keys, t.pending.spare = nil, nil
	if t.recorder != nil {
		t.recorder.trim()
	}
}

func (rc *recorder) trim() {
	rc.talks.tcp, rc.idle = nil, nil
	rc.talks.spares.Trim()
	rc.pool.Trim()
}

func (n *notes) trim() {
	n.rows = new(record.Rows)
	if n.saved != nil {
		n.saved = new(saved)
	}
}

func (m *recordMerger) trim() {
	m.order, m.batch, m.saver.order = nil, nil, nil
	for i, f := range m.fillers {
		if f.Rows() == 0 {
			m.fillers[i] = record.NewFiller(f.Schema())
		}
	}
}

func (f *feeder) trim() {
	f.fragments.table.Trim()
	f.fragments.views, f.outsiders.list = nil, nil
	f.window.free, f.window.judged, f.window.knot = nil, nil, knot{}
}
