package host

import (
	"math"

	"pcapmill/features/flow"
	"pcapmill/features/flow/connstate"
	"pcapmill/ingest/packet"
)

// flows are the flows of one window: pieces whose first packet is in it. They are filed
// by pair, and what hosts have is summed over pairs once the window is over: a flow
// costs one look-up, and every number of different peers, ports and protocols is exact.
type flows struct {
	key       HashKey
	hosts     []end // from 1 on
	hostTable places
	pairs     []pair // from 1 on
	pairTable places
	starts    []start
	said      []said // of hosts, from 1 on
	texts     int64  // bytes of memory of said
}

// end is a host that has flows.
type end struct {
	addr    packet.Addr
	version uint8
	said    uint32 // place in flows.said; 0: none of its flows said anything
}

// pair is what the flows of an initiator with a responder's port come to.
type pair struct {
	src, dst uint32 // hosts
	port     uint16 // 0 where the protocol has none
	protocol uint8
	version  uint8
	apps     uint64 // bits of flow.Row.App
	flows    int64  // first pieces
	failed   int64  // of these
	pieces   int64
	packets  [2]uint64 // by direction
	bytes    [2]uint64
	duration packet.Nanos // of the pieces, together
	longest  packet.Nanos
}

// start is where a flow of a pair begins.
type start struct {
	time packet.Nanos
	sent uint64 // wire bytes from the initiator, of the first piece
	pair uint32
}

// Memory of one of each, with its share of a table.
const (
	endMemory   = 24 + 3*8
	pairMemory  = 112 + 3*8
	startMemory = 24
	saidMemory  = 160
)

func newFlows(key HashKey) *flows {
	f := &flows{key: key, hosts: make([]end, 1), pairs: make([]pair, 1), said: make([]said, 1)}
	return f
}

// memory returns about how much memory the flows take, in bytes. It depends on the flows
// alone, not on what was allocated.
func (f *flows) memory() int64 {
	return int64(len(f.hosts))*endMemory + int64(len(f.pairs))*pairMemory + int64(len(f.starts))*startMemory + int64(len(f.said))*saidMemory + f.texts
}

// add counts a piece of depth 0; app is what its messages say, nil where that is nothing.
func (f *flows) add(r *flow.Row, app *flow.App) {
	number := f.pair(&r.Key)
	p := &f.pairs[number]
	p.pieces++
	for dir := range p.packets {
		p.packets[dir] += r.PacketsOf(dir)
		p.bytes[dir] += r.WireBytesOf(dir)
	}
	lasted := r.LastTime - r.StartTime
	p.duration += min(lasted, math.MaxInt64-p.duration) // absurd times are times too
	p.longest = max(p.longest, lasted)
	if r.App > 0 {
		p.apps |= 1 << (r.App - 1)
	}
	if r.PieceNo == 0 {
		p.flows++
		if failed(r.Conn.ConnState()) {
			p.failed++
		}
		f.starts = append(f.starts, start{r.StartTime, r.WireBytesOf(flow.Fwd), number})
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

// pair returns the number of a flow's pair.
func (f *flows) pair(k *flow.Key) uint32 {
	port := k.DstPort
	if !hasPorts(k.Protocol) {
		port = 0
	}
	src, dst := f.key.hashAddr(&k.Src, k.Version), f.key.hashAddr(&k.Dst, k.Version)
	hash := uint32(fold(src^f.key[1], dst^uint64(port)<<8^uint64(k.Protocol)))
	for slot := f.pairTable.at(hash); ; slot = f.pairTable.next(slot) {
		at := f.pairTable.slots[slot]
		if at.number == 0 {
			break
		}
		if p := &f.pairs[at.number]; at.hash == hash && p.port == port && p.protocol == k.Protocol && p.version == k.Version &&
			f.hosts[p.src].addr == k.Src && f.hosts[p.dst].addr == k.Dst {
			return at.number
		}
	}
	number := uint32(len(f.pairs))
	f.pairs = append(f.pairs, pair{src: f.host(uint32(src), &k.Src, k.Version), dst: f.host(uint32(dst), &k.Dst, k.Version), port: port, protocol: k.Protocol, version: k.Version})
	f.pairTable.insert(hash, number)
	return number
}

// host returns a host's number.
func (f *flows) host(hash uint32, addr *packet.Addr, version uint8) uint32 {
	for slot := f.hostTable.at(hash); ; slot = f.hostTable.next(slot) {
		at := f.hostTable.slots[slot]
		if at.number == 0 {
			break
		}
		if h := &f.hosts[at.number]; at.hash == hash && h.addr == *addr && h.version == version {
			return at.number
		}
	}
	number := uint32(len(f.hosts))
	f.hosts = append(f.hosts, end{addr: *addr, version: version})
	f.hostTable.insert(hash, number)
	return number
}
