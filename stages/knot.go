package stages

import (
	"context"
	"slices"
	"sort"

	"pcapmill/ingest/packet"
)

// knot is a stretch of the order of handling in which packets change places: all
// of the block that arrives, and of the blocks held as many, from the last one
// backwards, as packets of the new block go into. Its memory is kept from block to
// block.
type knot struct {
	strands []strand
	order   []int32 // numbers of strands in the order of handling
	base    int64   // position of order[0]
	loaded  int     // held[loaded:] are in the knot
	arrived int     // packets of the block that arrives
	records []packet.Record
	origins []packet.Origin
	low     int64 // position from which on packets have changed places
	high    int   // packets of the arriving block up to the last one that has
}

// strand is a packet in the knot.
type strand struct {
	place packet.Nanos
	cost  int64
	held  int32 // number of its stretch; that of the arriving block is len(held)
	rec   int32
}

// disentangle goes through the packets of an arriving block of which the first n
// are in order, puts the others in their places and holds what comes of it.
func (w *reorderWindow) disentangle(ctx context.Context, s stretch, n int) error {
	k := &w.knot
	k.strands, k.order, k.base, k.loaded = k.strands[:0], k.order[:0], s.first, len(w.held)
	k.arrived, k.high, k.low = 0, 0, s.first+int64(len(s.b.Records))
	for i := range n {
		k.append(strand{s.b.Records[i].Time, costOf(&s.b.Records[i]), int32(len(w.held)), int32(i)})
	}
	plain := true
	for i := n; i < len(s.b.Records); i++ {
		r, j := &s.b.Records[i], w.judged[i-n]
		w.started, w.now = j.started, j.now
		cost := costOf(r)
		place := w.placeOf(j.what, s.b, i)
		plain = plain && place == r.Time
		w.insert(strand{place, cost, int32(len(w.held)), int32(i)})
		s.cost += cost
		w.total++
		w.waiting += cost
	}
	if k.low < s.first {
		return w.unravel(ctx, s)
	}
	if !plain || k.high > 0 {
		s.places = w.newPlaces()
		for _, id := range k.order {
			s.places = append(s.places, k.strands[id].place)
		}
	}
	if k.high > 0 {
		k.permute(s.b)
	}
	s.last = w.knotEnd()
	return w.hold(ctx, s)
}

// knotEnd returns the place of the last packet.
func (w *reorderWindow) knotEnd() packet.Nanos {
	k := &w.knot
	return k.strands[k.order[len(k.order)-1]].place
}

// placeOf returns the place of packet i of the arriving block and books what its
// time says.
func (w *reorderWindow) placeOf(what sight, b *packet.Block, i int) packet.Nanos {
	in := w.f.input(int(b.OriginOf(i).Input))
	switch what {
	case outlier:
		b.SetOrigins()
		b.Origins[i].Outlier = true
	case stepped:
		in.Backward++
		in.ClockSteps++
		w.settle()
	case behind:
		in.Backward++
		if w.width > 0 {
			return max(b.Records[i].Time, w.now-w.width, w.leftAt())
		}
	}
	if !w.started {
		return packet.NoTime
	}
	return w.now
}

// leftAt returns the place of the last packet that has left the window for lack
// of room.
func (w *reorderWindow) leftAt() packet.Nanos {
	k := &w.knot
	for w.waiting > windowBytes {
		if w.edge >= k.base {
			st := &k.strands[k.order[w.edge-k.base]]
			w.push(1, st.cost, st.place)
			continue
		}
		at := 0 // it is in one of the first
		for w.held[at].end() <= w.edge {
			at++
		}
		s := &w.held[at]
		i := int(w.edge - s.first)
		if i == 0 && w.waiting-s.cost >= windowBytes {
			w.push(int64(len(s.b.Records)), s.cost, s.last)
		} else {
			w.push(1, costOf(&s.b.Records[i]), s.place(i))
		}
	}
	return w.pushed
}

func (w *reorderWindow) push(n, cost int64, place packet.Nanos) {
	w.edge += n
	w.waiting -= cost
	w.pushed = place
}

func (k *knot) append(s strand) {
	k.order = append(k.order, int32(len(k.strands)))
	k.strands = append(k.strands, s)
	k.arrived++
}

// insert puts a packet behind those whose place is not after its own.
func (w *reorderWindow) insert(s strand) {
	k := &w.knot
	if n := len(k.order); n > 0 && k.strands[k.order[n-1]].place <= s.place || w.total == w.barrier {
		k.append(s)
		return
	}
	for k.loaded > 0 {
		h := &w.held[k.loaded-1]
		if h.end() <= w.barrier || h.last <= s.place {
			break
		}
		w.load()
	}
	from := int(max(w.barrier-k.base, 0))
	at := from + sort.Search(len(k.order)-from, func(i int) bool { return k.strands[k.order[from+i]].place > s.place })
	if at == len(k.order) {
		k.append(s)
		return
	}
	k.append(s)
	id := k.order[len(k.order)-1]
	copy(k.order[at+1:], k.order[at:])
	k.order[at] = id
	k.low, k.high = min(k.low, k.base+int64(at)), k.arrived
	w.f.input(int(w.arriving.OriginOf(int(s.rec)).Input)).Reordered++
}

// load takes the last stretch that is not yet in the knot into it.
func (w *reorderWindow) load() {
	k := &w.knot
	k.loaded--
	h := &w.held[k.loaded]
	ids := make([]int32, len(h.b.Records))
	for i := range h.b.Records {
		ids[i] = int32(len(k.strands))
		k.strands = append(k.strands, strand{h.place(i), costOf(&h.b.Records[i]), int32(k.loaded), int32(i)})
	}
	k.order = slices.Insert(k.order, 0, ids...)
	k.base = h.first
}

// permute brings the block's Records into the order of the knot.
func (k *knot) permute(b *packet.Block) {
	b.SetOrigins()
	k.records, k.origins = append(k.records[:0], b.Records...), append(k.origins[:0], b.Origins...)
	for at, id := range k.order {
		i := k.strands[id].rec
		b.Records[at], b.Origins[at] = k.records[i], k.origins[i]
	}
}

// unravel replaces the stretches held whose packets have changed places: what
// comes before the first change stays, what comes after the last one too, and what
// lies between is copied into blocks of its own.
func (w *reorderWindow) unravel(ctx context.Context, s stretch) error {
	k := &w.knot
	if len(w.held) >= manyHeld { // few blocks are to hold what waits
		for k.loaded > 0 {
			w.load()
		}
		k.low = k.base
	}
	old := slices.Clone(w.held[k.loaded:])
	blockOf := func(st *strand) *packet.Block {
		if at := int(st.held) - k.loaded; at < len(old) {
			return old[at].b
		}
		return s.b
	}
	from := int(k.low - k.base)
	to := len(k.order) - (len(s.b.Records) - k.high)
	rest := w.rest(&s, to)
	kept, n := w.cutHeld()
	w.open, w.pack.b = false, nil
	for at, id := range k.order[from:to] {
		st := &k.strands[id]
		if err := w.copyPacket(ctx, blockOf(st), int(st.rec), st.place, k.low+int64(at)); err != nil {
			return err
		}
	}
	for i := range old {
		if old[i].first >= k.low {
			w.drop(&old[i])
		}
	}
	if n > 0 {
		w.held[kept].keep(n)
	}
	if rest == nil {
		w.drop(&s)
		return nil
	}
	trim(s.b, k.high)
	return w.hold(ctx, *rest)
}

// rest returns the stretch of the arriving packets behind order[to], nil if none.
func (w *reorderWindow) rest(s *stretch, to int) *stretch {
	k := &w.knot
	if to == len(k.order) {
		return nil
	}
	r := stretch{b: s.b, first: k.base + int64(to), last: w.knotEnd(), places: w.newPlaces()}
	for _, id := range k.order[to:] {
		st := &k.strands[id]
		r.places = append(r.places, st.place)
		r.cost += st.cost
	}
	return &r
}

// cutHeld takes off what is held from the first change on. The blocks stay with
// the caller, and so do the packets of the last stretch left behind the first n of
// it, where n is not 0.
func (w *reorderWindow) cutHeld() (last, n int) {
	k := &w.knot
	low := k.low
	for len(w.held) > k.loaded {
		h := &w.held[len(w.held)-1]
		if h.first >= low {
			w.cost -= h.cost
			w.held = w.held[:len(w.held)-1]
			continue
		}
		n = int(low - h.first)
		for i := n; i < len(h.b.Records); i++ {
			cost := costOf(&h.b.Records[i])
			h.cost -= cost
			w.cost -= cost
		}
		h.last = h.place(n - 1)
		return len(w.held) - 1, n
	}
	return 0, 0
}

// keep leaves the first n packets.
func (s *stretch) keep(n int) {
	s.b.Records = s.b.Records[:n]
	if s.b.Origins != nil {
		s.b.Origins = s.b.Origins[:n]
	}
	if s.places != nil {
		s.places = s.places[:n]
	}
}

// trim takes the first n Records out of a block.
func trim(b *packet.Block, n int) {
	if b.Origins != nil {
		b.Origins = b.Origins[:copy(b.Origins, b.Origins[n:])]
	}
	b.Records = b.Records[:copy(b.Records, b.Records[n:])]
	b.FirstOrdinal += int64(n)
	b.FirstIndex += int64(n)
}
