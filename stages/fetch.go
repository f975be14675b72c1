package stages

import (
	"pcapmill/features/flow"
	"pcapmill/ingest/packet"
)

// lookAhead is the number of packets whose flows are fetched together.
const lookAhead = 32

// fetch touches what the next packets will need of flows that had none lately.
// With many flows open each of these loads misses the caches; done for several
// packets in a row, the misses overlap instead of adding up.
func (t *flowTable) fetch(b *packet.Block, list []packet.Ref) {
	var cold [lookAhead]packet.Ref
	n := 0
	mask := uint32(len(t.buckets.slots) - 1)
	for _, ref := range list {
		v := &b.Views[ref.View]
		t.touched += uint64(v.Time) + uint64(v.Protocol)
		cold[n] = ref
		if p := t.buckets.noted(ref.Hash); p.hash != ref.Hash || p.id == 0 {
			t.touched += uint64(t.buckets.slots[ref.Hash&mask].id)
			n++
		}
	}
	var ids [lookAhead]uint32
	for j, ref := range cold[:n] {
		ids[j] = t.buckets.first(ref.Hash)
	}
	for j, id := range ids[:n] {
		if id != 0 {
			t.touched += t.arena.row(id - 1).TouchHead()
			*t.buckets.noted(cold[j].Hash) = bucket{cold[j].Hash, id}
		}
	}
	for j, ref := range cold[:n] {
		if ids[j] != 0 {
			r, v := t.arena.row(ids[j]-1), &b.Views[ref.View]
			dir := flow.Fwd
			if r.Key.SrcPort != v.SrcPort || r.Key.Src != v.Src {
				dir = flow.Rev
			}
			t.touched += r.TouchSide(dir)
		}
	}
	if t.recorder == nil {
		return
	}
	for i, ref := range list { // those that were fetched lately too: their conversations are further away than their Rows
		ids[i] = 0
		if p := t.buckets.noted(ref.Hash); p.hash == ref.Hash {
			ids[i] = p.id
		}
	}
	t.recorder.fetch(&t.arena, ids[:len(list)])
}

// fetchDue touches the flows that the wheel is about to come to: see fetch.
func (t *flowTable) fetchDue(due []wheelEntry) {
	mask := uint32(len(t.buckets.slots) - 1)
	var live [lookAhead]bucket
	n := 0
	for _, e := range due {
		m := t.arena.metaOf(e.id)
		live[n] = bucket{m.hash, e.id}
		if m.filedAt(e.tick) {
			n++
		}
	}
	var ids [lookAhead]uint32
	for i, f := range live[:n] {
		r := t.arena.row(f.id)
		t.touched += r.TouchHead() + uint64(r.StartOrdinal) + uint64(r.Epoch) + uint64(t.buckets.slots[f.hash&mask].id)
		ids[i] = f.id + 1
	}
	if t.recorder != nil {
		t.recorder.fetch(&t.arena, ids[:n])
	}
}
