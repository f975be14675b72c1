package windows

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"pcapmill/features/batch"
	"pcapmill/model/baseline"
)

// mostFlows is how often a key counts in a window at most.
const mostFlows = baseline.MaxPerWindow

// A service is a protocol and a port, or portless where it has none.
const (
	portBits = 17
	portless = 1 << 16
)

// serviceAt reads that of row i of pairs.
func serviceAt(b *batch.Batch, i int) (uint32, error) {
	protocol, port := &b.Vectors[protocolColumn], &b.Vectors[portColumn]
	if protocol.Null(i) || protocol.Int32[i] < 0 || protocol.Int32[i] > 255 {
		return 0, fmt.Errorf("%w: no protocol number", ErrTable)
	}
	service := uint32(protocol.Int32[i]) << portBits
	if port.Null(i) {
		return service | portless, nil
	}
	if n := port.Int32[i]; n < 0 || n > 65535 {
		return 0, fmt.Errorf("%w: dst_port is %d", ErrTable, n)
	}
	return service | uint32(port.Int32[i]), nil
}

// protocolName returns the usual name of an IP protocol.
func protocolName(number uint32) string {
	switch number {
	case 1:
		return "icmp"
	case 2:
		return "igmp"
	case 6:
		return "tcp"
	case 17:
		return "udp"
	case 47:
		return "gre"
	case 50:
		return "esp"
	case 51:
		return "ah"
	case 58:
		return "icmp6"
	case 89:
		return "ospf"
	case 132:
		return "sctp"
	}
	return "ip-" + strconv.Itoa(int(number))
}

// word returns a service as tcp/443, or icmp.
func (p *pairs) word(service uint32) string {
	if known, ok := p.words[service]; ok {
		return known
	}
	name := protocolName(service >> portBits)
	if service&portless == 0 {
		name += "/" + strconv.Itoa(int(service&(portless-1)))
	}
	p.words[service] = name
	return name
}

// endpoint returns 203.0.113.200:443/tcp, or 203.0.113.200/icmp.
func endpoint(a netip.Addr, service uint32) string {
	a, name := a.Unmap(), protocolName(service>>portBits)
	if service&portless != 0 {
		return a.String() + "/" + name
	}
	return netip.AddrPortFrom(a, uint16(service)).String() + "/" + name
}

// side has the pairs of each address on one side of them.
type side struct {
	begin []uint32 // of an address by its place, in order; one more at the end
	order []uint32 // places of pairs
}

// The sides.
const (
	initiator = iota
	responder
)

// sort finds the pairs of each address.
func (p *pairs) sort() {
	p.sides[initiator].sort(p.all, len(p.addresses), func(x *pair) uint32 { return x.src })
	p.sides[responder].sort(p.all, len(p.addresses), func(x *pair) uint32 { return x.dst })
}

func (s *side) sort(all []pair, addresses int, of func(*pair) uint32) {
	s.begin = append(s.begin[:0], make([]uint32, addresses+1)...)
	s.order = append(s.order[:0], make([]uint32, len(all))...)
	for i := range all {
		s.begin[of(&all[i])]++
	}
	sum := uint32(0)
	for i := range s.begin {
		sum += s.begin[i]
		s.begin[i] = sum
	}
	for i := len(all) - 1; i >= 0; i-- {
		at := &s.begin[of(&all[i])]
		*at--
		s.order[*at] = uint32(i)
	}
}

func (s *side) of(address uint32) []uint32 { return s.order[s.begin[address]:s.begin[address+1]] }

// entry is a key, as a number, and how often it came.
type entry struct{ key, n uint64 }

// describe adds counts and protocols of a host to its row, and returns how many keys it has
// no room for.
func (p *pairs) describe(host netip.Addr, row *baseline.Row) (lost uint64) {
	at, ok := p.of[host]
	if !ok {
		return 0
	}
	for i, name := range p.options.Categories {
		switch name {
		case Endpoint:
			lost += p.count(row, i, initiator, at, endpointKey, p.endpointText)
		case Peer:
			lost += p.count(row, i, initiator, at, func(x *pair) uint64 { return uint64(x.dst) }, p.peerText)
		case Served:
			lost += p.count(row, i, responder, at, serviceKey, p.serviceText)
		case Service:
			lost += p.count(row, i, initiator, at, serviceKey, p.serviceText)
		}
	}
	if p.options.Protocols {
		p.tag(row, at)
	}
	return lost
}

// A place has at most 29 bits, a service 25.
func endpointKey(x *pair) uint64 { return uint64(x.dst)<<32 | uint64(x.service) }
func serviceKey(x *pair) uint64  { return uint64(x.service) }

func (p *pairs) endpointText(key uint64) string {
	return endpoint(p.addresses[key>>32], uint32(key))
}
func (p *pairs) peerText(key uint64) string    { return p.addresses[key].Unmap().String() }
func (p *pairs) serviceText(key uint64) string { return p.word(uint32(key)) }

// mostKeys is how many keys of a category a row can have.
const mostKeys = baseline.MaxKeysPerWindow / 4

// count adds the counts of one category. Of too many keys the most frequent stay.
func (p *pairs) count(row *baseline.Row, category, from int, address uint32, key func(*pair) uint64, words func(uint64) string) (lost uint64) {
	p.entries = p.entries[:0]
	for _, i := range p.sides[from].of(address) {
		x := &p.all[i]
		p.entries = append(p.entries, entry{key(x), uint64(x.flows)})
	}
	all := summed(p.entries)
	if len(all) > mostKeys {
		lost = uint64(len(all) - mostKeys)
		slices.SortFunc(all, func(a, b entry) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.key, b.key)) })
		all = all[:mostKeys]
	}
	for _, e := range all {
		row.Counts = append(row.Counts, baseline.Count{Category: category, Key: words(e.key), N: min(e.n, mostFlows)})
	}
	return lost
}

// summed sorts entries and makes one of those with the same key.
func summed(all []entry) []entry {
	slices.SortFunc(all, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	apart := all[:0]
	for _, e := range all {
		if n := len(apart); n > 0 && apart[n-1].key == e.key {
			apart[n-1].n += e.n
			continue
		}
		apart = append(apart, e)
	}
	return apart
}

// mostProtocols leaves room for a label among the tags of a row.
const mostProtocols = baseline.MaxTags - 1

// tag adds the protocols of a host's pairs, the lowest numbers where there are too many.
func (p *pairs) tag(row *baseline.Row, address uint32) {
	p.entries = p.entries[:0]
	for from := range p.sides {
		for _, i := range p.sides[from].of(address) {
			p.entries = append(p.entries, entry{uint64(p.all[i].service >> portBits), 1})
		}
	}
	all := summed(p.entries)
	for _, e := range all[:min(len(all), mostProtocols)] {
		row.Tags = append(row.Tags, baseline.ProtocolKey(protocolName(uint32(e.key))))
	}
}
