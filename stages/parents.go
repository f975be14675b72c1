package stages

import (
	"math"

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
	epoch    int32
	clock    packet.Nanos
	position int64 // run-wide, of the packet layer
	start    layerStart
	carries  bool     // the flow carries a layer from this packet on; else it begins here
	key      flow.Key // canonical: of the flow that carries
	flow     int64    // flow_id of the piece that carries
}

// layerStart names an inner flow by the packet layer it begins with.
type layerStart struct {
	ordinal int64
	depth   uint8
}

// parents resolves parent_flow_id. Its memory is bounded by the open flows: an
// entry goes when the row it is about is merged.
type parents struct {
	queues   [][]layerReport // per shard, in order
	carriers map[flow.Key]int64
	found    map[layerStart]parent
	doomed   []carrier // carriers whose rows are merged, by close instant
}

type parent struct {
	flow  int64
	known bool
}

type carrier struct {
	epoch int32
	close packet.Nanos
	key   flow.Key
	flow  int64
}

func newParents(shards int) parents {
	return parents{
		queues:   make([][]layerReport, shards),
		carriers: make(map[flow.Key]int64),
		found:    make(map[layerStart]parent),
	}
}

// add takes a shard's reports.
func (p *parents) add(shard int, reports []layerReport) {
	p.queues[shard] = append(p.queues[shard], reports...)
}

// next returns the queue with the next report, -1 if there is none up to an
// instant of an epoch.
func (p *parents) next(epoch int32, clock packet.Nanos) int {
	best := -1
	for i, q := range p.queues {
		if len(q) == 0 || q[0].epoch > epoch || q[0].epoch == epoch && q[0].clock > clock {
			continue
		}
		if best < 0 || q[0].position < p.queues[best][0].position {
			best = i
		}
	}
	return best
}

// handle takes the next report from a queue.
func (p *parents) handle(queue int) {
	r := &p.queues[queue][0]
	if r.carries {
		p.carriers[r.key] = r.flow
	} else {
		id, ok := p.carriers[r.key]
		p.found[r.start] = parent{id, ok}
	}
	p.queues[queue] = p.queues[queue][1:]
	if len(p.queues[queue]) == 0 {
		p.queues[queue] = nil
	}
}

// settle completes a row that is about to be filled.
func (p *parents) settle(r *flow.Row) {
	if r.Key.Depth == 0 && !r.Carries {
		return
	}
	p.bury(r.Epoch, r.Close)
	if r.Key.Depth > 0 {
		p.adopt(r)
	}
	if r.Carries {
		p.doomed = append(p.doomed, carrier{r.Epoch, r.Close, r.Key.Canonical(), r.ID()})
	}
}

// adopt finds the parent of a row. Reports up to the row's first packet are all
// there; they are handled in the order of the packets until it is its turn.
func (p *parents) adopt(r *flow.Row) {
	start := layerStart{r.StartOrdinal, r.Key.Depth}
	for {
		if found, ok := p.found[start]; ok {
			r.Parent, r.HasParent = found.flow, found.known
			delete(p.found, start)
			return
		}
		queue := p.next(r.Epoch, r.StartClock)
		if queue < 0 {
			return
		}
		p.handle(queue)
	}
}

// bury forgets carriers that closed before an instant: what they carried has
// reported by then.
func (p *parents) bury(epoch int32, clock packet.Nanos) {
	for len(p.doomed) > 0 {
		d := &p.doomed[0]
		if d.epoch == epoch && d.close >= clock {
			return
		}
		for queue := p.next(d.epoch, d.close); queue >= 0; queue = p.next(d.epoch, d.close) {
			p.handle(queue)
		}
		if p.carriers[d.key] == d.flow {
			delete(p.carriers, d.key)
		}
		p.doomed = p.doomed[1:]
	}
}

// layer files a packet of an inner or carrying flow: what of it concerns others.
func (t *flowTable) layer(b *packet.Block, i, id uint32) {
	r, v := t.arena.row(id), &b.Views[i]
	report := layerReport{epoch: t.epoch, clock: v.Clock, position: b.FirstView + int64(i), start: layerStart{v.Ordinal, v.Depth}}
	if around := t.around(b, i, r); around != nil {
		r.Enter(conversation(around))
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
	fixed := keyHasher{key: [2]uint64{0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f}, tunnels: math.MaxUint32}
	return fixed.hash(v)
}
