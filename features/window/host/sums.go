package host

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// sums are what a host's flows of a window come to, those of which it is the initiator
// as out, the responder as in.
type sums struct {
	flows  [2]int64
	failed [2]int64
	peers  [2]int64 // different ones
	ports  [2]int64 // different ports of responders

	protocols [4]uint64 // bits
	apps      uint64    // bits
}

// add counts the flows of a pair.
func (s *sums) add(p *pair, direction int) {
	s.flows[direction] += p.flows
	s.failed[direction] += p.failed
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

// settled are the flows of a window that is over.
type settled struct {
	*flows
	order []uint32 // hosts in the order of their addresses, by their number in flows.hosts
	rank  []uint32 // per host, its place in order
	pairs []uint32 // pairs in the order of the table
	sums  []sums   // by place in order

	ranking   ranking
	ports     portMarks
	keys      []pairKey // memory
	at        []uint32
	responder []uint32
	peers     []uint32
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

// settle sums the flows of a window up by host. It uses the memory of the window before.
func (s *settled) settle(f *flows) {
	s.flows = f
	zeros(&s.rank, f.hosts.len())
	for i := uint32(1); int(i) < f.hosts.len(); i++ {
		h := f.hosts.at(i)
		s.ranking.add(&h.addr, h.version, i)
	}
	s.order = s.ranking.take(s.order[:0])
	for place, number := range s.order {
		s.rank[number] = uint32(place)
	}
	zeros(&s.sums, len(s.order))
	s.sortPairs()
	s.sum(out, s.pairs)
	s.sum(in, s.byResponder())
}

// sortPairs brings the pairs into the order of initiator, responder, port, protocol.
func (s *settled) sortPairs() {
	at := zeros(&s.at, len(s.order)+1) // per initiator, where its pairs begin, then end
	for i := uint32(1); int(i) < s.flows.pairs.len(); i++ {
		at[s.rank[s.flows.pairs.at(i).src]+1]++
	}
	for i := 1; i < len(at); i++ {
		at[i] += at[i-1]
	}
	keys := zeros(&s.keys, s.flows.pairs.len()-1)
	for i := uint32(1); int(i) < s.flows.pairs.len(); i++ {
		p := s.flows.pairs.at(i)
		place := &at[s.rank[p.src]]
		keys[*place] = pairKey{uint64(s.rank[p.dst])<<24 | uint64(p.port)<<8 | uint64(p.protocol), i}
		*place++
	}
	from := uint32(0)
	for _, to := range at[:len(s.order)] {
		if to-from > 1 {
			slices.SortFunc(keys[from:to], pairKey.compare)
		}
		from = to
	}
	zeros(&s.pairs, len(keys))
	for i := range keys {
		s.pairs[i] = keys[i].pair
	}
}

// pairKey has the order of the pairs of one initiator: by responder, port, protocol.
type pairKey struct {
	order uint64
	pair  uint32
}

func (k pairKey) compare(l pairKey) int { return cmp.Compare(k.order, l.order) }

// byResponder returns the pairs in the order of responder, then initiator.
func (s *settled) byResponder() []uint32 {
	at := zeros(&s.at, len(s.order)+1)
	for _, i := range s.pairs {
		at[s.rank[s.flows.pairs.at(i).dst]+1]++
	}
	for i := 1; i < len(at); i++ {
		at[i] += at[i-1]
	}
	sorted := zeros(&s.responder, len(s.pairs))
	for _, i := range s.pairs {
		place := &at[s.rank[s.flows.pairs.at(i).dst]]
		sorted[*place] = i
		*place++
	}
	return sorted
}

// sum adds the pairs to the hosts at one end of them. The pairs of a host lie together,
// and of these the ones with one peer.
func (s *settled) sum(direction int, pairs []uint32) {
	ports := &s.ports
	base := ports.next(len(s.order))
	peers := zeros(&s.peers, len(s.order)) // per peer, the host that had it last, from 1
	for _, i := range pairs {
		p := s.flows.pairs.at(uint32(i))
		own, peer := s.rank[p.src], s.rank[p.dst]
		if direction == in {
			own, peer = peer, own
		}
		if p.flows == 0 {
			continue // what it has continues flows of earlier windows
		}
		h := &s.sums[own]
		h.add(p, direction)
		if peers[peer] != own+1 {
			peers[peer] = own + 1
			h.peers[direction]++
		}
		if number := base + own + 1; hasPorts(p.protocol) && ports.by[p.port] != number {
			ports.by[p.port] = number
			h.ports[direction]++
		}
	}
}
