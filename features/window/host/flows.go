package host

import (
	"pcapmill/features/flow"
	"pcapmill/features/flow/connstate"
	"pcapmill/features/prefetch"
	"pcapmill/ingest/packet"
)

// flows are the flows of one window: pieces whose first packet is in it. They are filed
// as they come, with the numbers of their hosts, and brought into the order of pairs once
// the window is over: a flow costs no look-up but those of its hosts, and every number of
// different peers, ports and protocols is exact.
type flows struct {
	key       HashKey
	hosts     slabs[end] // from 1 on
	hostTable places
	pieces    slabs[piece]
	said      []said // of hosts, from 1 on
	size      int64  // see memory
}

// end is a host that has flows.
type end struct {
	addr    packet.Addr
	version uint8
	said    uint32 // place in flows.said; 0: none of its flows said anything
}

// piece is what is kept of one.
type piece struct {
	start    packet.Nanos
	lasted   packet.Nanos
	bytes    [2]uint64 // on the wire, by direction
	packets  [2]uint32
	src, dst uint32 // hosts
	port     uint16 // of the responder; 0 where the protocol has none
	protocol uint8
	app      uint8 // flow.Row.App
	first    bool  // of its flow
	failed   bool  // it is, and the flow failed
}

// Memory of one of each, with its share of a table.
const (
	endMemory   = 24 + 3*8
	pieceMemory = 56
	saidMemory  = 160
)

func newFlows(key HashKey) *flows {
	f := &flows{key: key, said: make([]said, 1), size: endMemory + saidMemory}
	f.hosts.add()
	return f
}

// memory returns about how much memory the flows take, in bytes. It depends on the flows
// alone, not on what was allocated.
func (f *flows) memory() int64 { return f.size }

// add counts a piece of depth 0; app is what its messages say, nil where that is nothing.
func (f *flows) add(r *flow.Row, app *flow.App) {
	k := &r.Key
	src, dst := f.hash(k)
	_, p := f.pieces.add()
	f.size += pieceMemory
	p.src, p.dst = f.host(src, &k.Src, k.Version), f.host(dst, &k.Dst, k.Version)
	if p.protocol = k.Protocol; hasPorts(k.Protocol) {
		p.port = k.DstPort
	}
	p.app = r.App
	p.start, p.lasted = r.StartTime, r.LastTime-r.StartTime
	for dir := range p.packets {
		p.packets[dir], p.bytes[dir] = uint32(r.PacketsOf(dir)), r.WireBytesOf(dir)
	}
	if r.PieceNo == 0 {
		p.first, p.failed = true, failed(r.Conn.ConnState())
	}
	if app != nil {
		f.hear(p.src, r, app)
	}
}

// failed reports whether a state is that of a connection that never came about.
func failed(c connstate.Code) bool {
	switch c {
	case connstate.S0, connstate.REJ, connstate.RSTOS0, connstate.RSTRH, connstate.SH, connstate.SHR:
		return true
	}
	return false
}

// hasPorts reports whether a protocol's flows have ports.
func hasPorts(protocol uint8) bool {
	return protocol == packet.ProtoTCP || protocol == packet.ProtoUDP || protocol == packet.ProtoSCTP
}

// hash returns the hashes of a flow's hosts.
func (f *flows) hash(k *flow.Key) (src, dst uint32) {
	return uint32(f.key.hashAddr(&k.Src, k.Version)), uint32(f.key.hashAddr(&k.Dst, k.Version))
}

// LookAhead is how many flows are expected together, at most.
const LookAhead = 32

// expect asks for what adding flows, at most LookAhead, will look at: it is likely not to be
// in a near cache, and asked for in a row the misses overlap instead of adding up.
func (f *flows) expect(rows []*flow.Row) {
	var hashes [LookAhead][2]uint32
	for i, r := range rows {
		src, dst := f.hash(&r.Key)
		hashes[i] = [2]uint32{src, dst}
		prefetch.WriteBoth(f.hostTable.place(src), f.hostTable.place(dst))
	}
	for i := range rows {
		for _, hash := range hashes[i] {
			if h := f.hostTable.place(hash); h.hash == hash {
				prefetch.Write(f.hosts.at(h.number))
			}
		}
	}
}

// host returns a host's number.
func (f *flows) host(hash uint32, addr *packet.Addr, version uint8) uint32 {
	for slot := f.hostTable.at(hash); ; slot = f.hostTable.next(slot) {
		at := f.hostTable.slots[slot]
		if at.number == 0 {
			break
		}
		if h := f.hosts.at(at.number); at.hash == hash && h.addr == *addr && h.version == version {
			return at.number
		}
	}
	number, h := f.hosts.add()
	h.addr, h.version = *addr, version
	f.size += endMemory
	f.hostTable.insert(hash, number)
	return number
}
