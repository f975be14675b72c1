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
	hosts     slabs[end] // from 1 on
	hostTable places
	pairs     slabs[pair] // from 1 on
	pairTable places
	starts    slabs[start]
	said      []said // of hosts, from 1 on
	texts     int64  // bytes of memory of said
	touched   uint64 // keeps the loads of expect
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
	f := &flows{key: key, said: make([]said, 1)}
	f.hosts.add()
	f.pairs.add()
	return f
}

// memory returns about how much memory the flows take, in bytes. It depends on the flows
// alone, not on what was allocated.
func (f *flows) memory() int64 {
	return int64(f.hosts.len())*endMemory + int64(f.pairs.len())*pairMemory + int64(f.starts.len())*startMemory + int64(len(f.said))*saidMemory + f.texts
}

// add counts a piece of depth 0; app is what its messages say, nil where that is nothing.
func (f *flows) add(r *flow.Row, app *flow.App) {
	number := f.pair(&r.Key)
	p := f.pairs.at(number)
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
		_, s := f.starts.add()
		*s = start{r.StartTime, r.WireBytesOf(flow.Fwd), number}
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

// hash returns the hashes of a flow's hosts and of its pair, and the pair's port.
func (f *flows) hash(k *flow.Key) (src, dst uint32, port uint16, pair uint32) {
	if hasPorts(k.Protocol) {
		port = k.DstPort
	}
	a, b := f.key.hashAddr(&k.Src, k.Version), f.key.hashAddr(&k.Dst, k.Version)
	return uint32(a), uint32(b), port, uint32(packet.Fold(a^f.key[1], b^uint64(port)<<8^uint64(k.Protocol)))
}

// LookAhead is how many flows are expected together, at most.
const LookAhead = 32

// expect loads what adding flows, at most LookAhead, will look at: each load is likely to
// miss the caches, and done for several flows in a row the misses overlap instead of
// adding up.
func (f *flows) expect(rows []*flow.Row) {
	var hashes [3][LookAhead]uint32
	for i, r := range rows {
		src, dst, _, pair := f.hash(&r.Key)
		hashes[0][i], hashes[1][i], hashes[2][i] = src, dst, pair
		f.touched += uint64(f.pairTable.first(pair).number + f.hostTable.first(src).number + f.hostTable.first(dst).number)
	}
	for i := range rows {
		if p := f.pairTable.first(hashes[2][i]); p.hash == hashes[2][i] {
			f.touched += uint64(f.pairs.at(p.number).src)
		}
		for _, hash := range [2]uint32{hashes[0][i], hashes[1][i]} {
			if h := f.hostTable.first(hash); h.hash == hash {
				f.touched += uint64(f.hosts.at(h.number).version)
			}
		}
	}
}

// pair returns the number of a flow's pair.
func (f *flows) pair(k *flow.Key) uint32 {
	src, dst, port, hash := f.hash(k)
	for slot := f.pairTable.at(hash); ; slot = f.pairTable.next(slot) {
		at := f.pairTable.slots[slot]
		if at.number == 0 {
			break
		}
		if p := f.pairs.at(at.number); at.hash == hash && p.port == port && p.protocol == k.Protocol && p.version == k.Version &&
			f.hosts.at(p.src).addr == k.Src && f.hosts.at(p.dst).addr == k.Dst {
			return at.number
		}
	}
	number, p := f.pairs.add()
	*p = pair{src: f.host(src, &k.Src, k.Version), dst: f.host(dst, &k.Dst, k.Version), port: port, protocol: k.Protocol, version: k.Version}
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
		if h := f.hosts.at(at.number); at.hash == hash && h.addr == *addr && h.version == version {
			return at.number
		}
	}
	number, h := f.hosts.add()
	h.addr, h.version = *addr, version
	f.hostTable.insert(hash, number)
	return number
}
