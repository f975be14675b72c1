package host

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// sums are what a host's flows of a window come to, those of which it is the initiator
// as out, the responder as in. There are fewer flows than 32 bits count, as each is in
// memory.
type sums struct {
	flows  [2]uint32
	failed [2]uint32
	peers  [2]uint32 // different ones
	ports  [2]uint32 // different ports of responders

	protocols [4]uint64 // bits
	apps      uint64    // bits
}

// add counts the flows of a pair.
func (s *sums) add(p *pair, direction int) {
	s.flows[direction] += uint32(p.flows)
	s.failed[direction] += uint32(p.failed)
	s.protocols[p.protocol/64] |= 1 << (p.protocol % 64)
	s.apps |= p.apps
}

func (s *sums) protocolCount() int64 {
	n := 0
	for _, word := range s.protocols {
		n += bits.OnesCount64(word)
	}
	return int64(n)
}

// settled are the flows of a window that is over. Its memory is that of the window before.
type settled struct {
	*flows
	order []uint32   // hosts in the order of their addresses, by their number in flows.hosts
	keys  []pieceKey // pieces in the order of the pairs table
	ends  []uint32   // by initiator's place in order, where its keys end
	sums  []sums     // by place in order

	starts  startReader
	ranking ranking
	rank    []uint32 // per host, its place in order

	marks  portMarks
	base   uint32    // of marks
	last   [2]uint32 // hosts of the latest pair that counted, from 1
	served []servedPort
	at     []uint32
	ports  []uint16
}

// pieceKey has the order of the pieces of one initiator: by responder, port, protocol, and
// then as they came.
type pieceKey struct {
	order uint64
	piece uint32
}

func (k pieceKey) responder() uint32 { return uint32(k.order >> 24) }
func (k pieceKey) port() uint16      { return uint16(k.order >> 8) }
func (k pieceKey) protocol() uint8   { return uint8(k.order) }

func (k pieceKey) compare(l pieceKey) int {
	if k.order != l.order {
		return cmp.Compare(k.order, l.order)
	}
	return cmp.Compare(k.piece, l.piece)
}

// servedPort is a port of a responder.
type servedPort struct {
	host uint32
	port uint16
}

// portMarks say of each port which host had it last, numbered through all windows, so that
// nothing need be cleared between them.
type portMarks struct {
	by   [1 << 16]uint32
	base uint32 // hosts so far
}

// next gives numbers to so many hosts, and returns the number before the first.
func (m *portMarks) next(hosts int) uint32 {
	if uint64(m.base)+uint64(hosts) > math.MaxUint32 {
		*m = portMarks{}
	}
	base := m.base
	m.base += uint32(hosts)
	return base
}

// fresh reports whether a port is new to the host with that number, and marks it.
func (m *portMarks) fresh(port uint16, number uint32) bool {
	if m.by[port] == number {
		return false
	}
	m.by[port] = number
	return true
}

// settle brings the flows of a window into order.
func (s *settled) settle(f *flows) {
	s.flows = f
	zeros(&s.rank, f.hosts.len())
	s.ranking.expect(f.hosts.len())
	for i := uint32(1); int(i) < f.hosts.len(); i++ {
		h := f.hosts.at(i)
		s.ranking.add(&h.addr, h.version, i)
	}
	s.order = s.ranking.take(room(&s.order, f.hosts.len())[:0])
	for place, number := range s.order {
		s.rank[number] = uint32(place)
	}
	s.sortPieces()
	zeros(&s.sums, len(s.order))
	s.base, s.last = s.marks.next(len(s.order)), [2]uint32{}
	s.served = room(&s.served, f.pieces.len())[:0]
}

// sortPieces brings the pieces into the order of initiator, responder, port, protocol.
func (s *settled) sortPieces() {
	ends := zeros(&s.ends, len(s.order)+1) // at first where they begin
	for i := range s.pieces.lists {
		list := s.pieces.slab(i)
		for j := range list {
			ends[s.rank[list[j].src]+1]++
		}
	}
	for i := 1; i < len(ends); i++ {
		ends[i] += ends[i-1]
	}
	s.ends = ends[:len(s.order)]
	room(&s.keys, s.pieces.len())
	number := uint32(0)
	for i := range s.pieces.lists {
		list := s.pieces.slab(i)
		for j := range list {
			p := &list[j]
			place := &ends[s.rank[p.src]]
			s.keys[*place] = pieceKey{uint64(s.rank[p.dst])<<24 | uint64(p.port)<<8 | uint64(p.protocol), number}
			*place++
			number++
		}
	}
	from := uint32(0)
	for _, to := range s.ends {
		if to-from > 1 {
			slices.SortFunc(s.keys[from:to], pieceKey.compare)
		}
		from = to
	}
}

// sum adds a pair to its hosts. Pairs come in the order of the table: those of an
// initiator one after the other, and of these the ones with one responder.
func (s *settled) sum(p *pair) {
	if p.flows == 0 {
		return // what it has continues flows of earlier windows
	}
	src, dst := &s.sums[p.src], &s.sums[p.dst]
	src.add(p, out)
	dst.add(p, in)
	if both := [2]uint32{p.src + 1, p.dst + 1}; both != s.last {
		s.last = both
		src.peers[out]++
		dst.peers[in]++
	}
	if !hasPorts(p.protocol) {
		return
	}
	if s.marks.fresh(p.port, s.base+p.src+1) {
		src.ports[out]++
	}
	s.served = append(s.served, servedPort{p.dst, p.port})
}

// sumServed counts the different ports of responders, when all pairs were added.
func (s *settled) sumServed() {
	at := zeros(&s.at, len(s.order)+1)
	for _, p := range s.served {
		at[p.host+1]++
	}
	for i := 1; i < len(at); i++ {
		at[i] += at[i-1]
	}
	room(&s.ports, len(s.served))
	for _, p := range s.served {
		s.ports[at[p.host]] = p.port
		at[p.host]++
	}
	base, from := s.marks.next(len(s.order)), uint32(0)
	for place, to := range at[:len(s.order)] {
		for _, port := range s.ports[from:to] {
			if s.marks.fresh(port, base+uint32(place)+1) {
				s.sums[place].ports[in]++
			}
		}
		from = to
	}
}
