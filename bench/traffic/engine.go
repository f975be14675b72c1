package traffic

import (
	"math"

	"pcapmill/bench/traffic/payload"
	"pcapmill/ingest/packet"
)

// poolSize is the length of the pseudo-random bytes that payloads are cut from;
// a power of two.
const poolSize = 1 << 20

// maxPayload is the longest payload of one packet.
const maxPayload = 1 << 16

// engine runs one Generate call.
type engine struct {
	w     PacketWriter
	opt   Options
	rng   random
	truth Truth
	spawn func(*engine, *conversation)

	spawned     int64
	nextArrival packet.Nanos
	planned     int64 // packets given to conversations so far
	budget      int64 // packets of the whole capture
	mix         mix
	ports       []uint16

	open heap
	free []*conversation

	maker   *payload.Maker
	lookups [2]lookupRing // by family of the address
	leases  uint32

	pool      []byte // payload bytes; its end repeats its beginning
	text      []byte // the message that a segment is cut from
	sentences []byte
	out       Packet
	options   []byte
	body      []byte
	frame     []byte
}

// meanPacket is the mean frame of the mixed profile in bytes.
const meanPacket = 450

// clientHosts is the number of initiating hosts; a power of two.
const clientHosts = 1 << 14

func newEngine(w PacketWriter, o Options, spawn func(*engine, *conversation)) *engine {
	e := &engine{w: w, opt: o, spawn: spawn, truth: newTruth(), nextArrival: o.Start, maker: payload.NewMaker()}
	e.rng.state = payload.Mix(o.Seed ^ 0x70636170)
	e.pool = make([]byte, poolSize+maxPayload)
	e.rng.fill(e.pool[:poolSize])
	copy(e.pool[poolSize:], e.pool)
	e.ports = make([]uint16, clientHosts)
	e.budget = o.Packets
	if e.budget == 0 {
		e.budget = max(o.Bytes/meanPacket, o.Flows)
	}
	return e
}

// run writes the capture: at each turn either a flow arrives or the open
// conversation with the earliest packet writes it.
func (e *engine) run() error {
	for {
		arrives := e.spawned < e.opt.Flows
		if !arrives && len(e.open) == 0 {
			return nil
		}
		if arrives && (len(e.open) == 0 || e.nextArrival <= e.open[0].at) {
			e.arrive()
			continue
		}
		if err := e.advance(); err != nil {
			return err
		}
	}
}

// arrive starts a conversation and draws the time of the next arrival.
func (e *engine) arrive() {
	c := e.reuse()
	c.clock = e.nextArrival
	e.spawned++
	e.spawn(e, c)
	e.planned += int64(c.left)
	e.mix.planned[c.style] += int64(c.left)
	c.plan(e, c)
	e.open.push(entry{at: c.queue[0].at, order: e.spawned, c: c})
	e.truth.MaxOpen = max(e.truth.MaxOpen, len(e.open))
	mean := float64(e.opt.Duration) / float64(e.opt.Flows)
	e.nextArrival += packet.Nanos(e.rng.exp(mean))
}

// reuse returns an empty conversation.
func (e *engine) reuse() *conversation {
	if n := len(e.free); n > 0 {
		c := e.free[n-1]
		e.free = e.free[:n-1]
		*c = conversation{queue: c.queue[:0]}
		return c
	}
	return &conversation{}
}

// advance writes the next packet of the earliest conversation.
func (e *engine) advance() error {
	c := e.open[0].c
	if err := e.emit(c, &c.queue[c.head]); err != nil {
		return err
	}
	c.head++
	if c.head == len(c.queue) {
		c.queue, c.head = c.queue[:0], 0
		if c.left > 0 {
			c.plan(e, c)
		}
	}
	if len(c.queue) > 0 {
		e.open.moved(c.queue[c.head].at)
		return nil
	}
	e.open.pop()
	e.free = append(e.free, c)
	return e.finished(&c.flow)
}

func (e *engine) finished(f *FlowTruth) error {
	e.truth.close(f)
	if e.opt.OnFlow == nil {
		return nil
	}
	return e.opt.OnFlow(f)
}

// portion draws the packets of the next flow between 1 and about twice the mean
// that the budget leaves, so that the capture has exactly its budget.
func (e *engine) portion() int {
	behind := e.opt.Flows - e.spawned // flows after this one
	most := e.budget - e.planned - behind
	if behind == 0 {
		return int(most)
	}
	n := e.rng.within(1, max(1, int(2*e.share()+e.rng.float())-1))
	return int(min(int64(n), most))
}

// share returns the mean number of packets that the flows still to come must
// have so that the capture ends with its budget.
func (e *engine) share() float64 {
	flows := e.opt.Flows - e.spawned + 1
	return math.Max(1, float64(e.budget-e.planned)/float64(flows))
}
