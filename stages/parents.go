package stages

import (
	"pcapmill/features/flow"
	"pcapmill/ingest/packet"
)

// Inner flows and the tunnel flows around them may belong to different shards.
// Each shard reports which of its flows carry a layer and on which packet an
// inner flow begins; the sequencer joins the two before the inner flow's row is
// filled. Reports travel with chunks: when a row comes to its turn, every shard
// has handled all packets up to the row's close instant.

// layerReport is what a shard says about one layer of a packet.
type layerReport struct {
	epoch   int32
	clock   packet.Nanos
	ordinal int64    // of the packet that decides: a fragment's is the one that completed its datagram
	start   int64    // of the packet that begins the flow
	depth   uint8    // of the flow that reports
	carries bool     // the flow carries a layer from this packet on; else it begins here
	key     flow.Key // canonical: of the flow that carries
	flow    int64    // flow_id of the piece that carries
}

// before orders reports as the packets were read, outer layers first, and what a
// layer carries ahead of what begins in it.
func (a *layerReport) before(b *layerReport) bool {
	if a.ordinal != b.ordinal {
		return a.ordinal < b.ordinal
	}
	return a.depth < b.depth
}

func (a *layerReport) upTo(epoch int32, clock packet.Nanos) bool {
	return a.epoch < epoch || a.epoch == epoch && a.clock <= clock
}

// parents resolves parent_flow_id. Its memory is bounded by the open flows: an
// entry goes when the row it is about is merged.
type parents struct {
	queues   [][]layerReport // per shard, in order
	carriers map[flow.Key]int64
	found    map[layerStart]int64
}

// layerStart names an inner flow by the packet layer it begins with.
type layerStart struct {
	ordinal int64
	depth   uint8
}

func newParents(shards int) parents {
	return parents{
		queues:   make([][]layerReport, shards),
		carriers: make(map[flow.Key]int64),
		found:    make(map[layerStart]int64),
	}
}

// add takes a shard's reports.
func (p *parents) add(shard int, reports []layerReport) {
	p.queues[shard] = append(p.queues[shard], reports...)
}

// follow handles the reports up to an instant of an epoch.
func (p *parents) follow(epoch int32, clock packet.Nanos) {
	for {
		best := -1
		for i, q := range p.queues {
			if len(q) > 0 && q[0].upTo(epoch, clock) && (best < 0 || q[0].before(&p.queues[best][0])) {
				best = i
			}
		}
		if best < 0 {
			return
		}
		p.handle(&p.queues[best][0])
		p.queues[best] = p.queues[best][1:]
		if len(p.queues[best]) == 0 {
			p.queues[best] = nil
		}
	}
}

func (p *parents) handle(r *layerReport) {
	if r.carries {
		p.carriers[r.key] = r.flow
		return
	}
	if id, ok := p.carriers[r.key]; ok {
		p.found[layerStart{r.start, r.depth}] = id
	}
}

// settle completes a row that is about to be filled.
func (p *parents) settle(r *flow.Row) {
	if r.Key.Depth == 0 && !r.Carries {
		return
	}
	p.follow(r.Epoch, r.Close)
	if r.Key.Depth > 0 {
		at := layerStart{r.StartOrdinal, r.Key.Depth}
		r.Parent, r.HasParent = 0, false
		if id, ok := p.found[at]; ok {
			r.Parent, r.HasParent = id, true
			delete(p.found, at)
		}
	}
	if r.Carries {
		key := r.Key.Canonical()
		if id, ok := p.carriers[key]; ok && id == r.ID() {
			delete(p.carriers, key)
		}
	}
}

// layer files a packet of an inner or carrying flow: what of it concerns others.
func (t *flowTable) layer(b *packet.Block, i, id uint32) {
	r, v := t.arena.row(id), &b.Views[i]
	report := layerReport{epoch: t.epoch, clock: v.Clock, ordinal: v.Ordinal, depth: v.Depth}
	if around := t.around(b, i, r); around != nil {
		report.ordinal, report.start = around.Ordinal, v.Ordinal
		r.Enter(v, conversation(around))
		if r.StartOrdinal == v.Ordinal {
			report.key = t.keyOf(around).Canonical()
			t.reports = append(t.reports, report)
		}
	}
	if v.Link&packet.LinkCarries != 0 && !r.Carries {
		r.Carries = true
		report.carries, report.key, report.flow = true, r.Key.Canonical(), r.ID()
		t.reports = append(t.reports, report)
	}
}

// around returns the View of the layer around that of b.Views[i], which is of the
// flow r; nil where there is none. It is the View before, but for fragments: those
// of a whole datagram lie behind the layer around the last of them, of which it is
// enough to tell the first and the one with the transport header; those that were
// given up lie anywhere.
func (t *flowTable) around(b *packet.Block, i uint32, r *flow.Row) *packet.View {
	v := &b.Views[i]
	switch {
	case v.Depth == 0 || v.Quality&packet.Unresolved != 0:
		return nil
	case v.IsFragment() && v.L4Len == 0 && r.StartOrdinal != v.Ordinal:
		return nil
	}
	for i > 0 {
		if i--; b.Views[i].Depth < v.Depth {
			return &b.Views[i]
		}
	}
	return nil
}

// conversation hashes the endpoints of a packet, the same for both directions and
// in every run.
func conversation(v *packet.View) uint32 {
	fixed := buckets{key: [2]uint64{0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f}}
	return fixed.hash(v, v.TunnelID)
}
