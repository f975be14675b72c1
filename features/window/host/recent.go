package host

import (
	"encoding/binary"

	"pcapmill/ingest/packet"
)

// recentPairs is how many address pairs are found at once, a power of two. A flow's packets
// come in quick succession, and their hosts are found without looking up either.
const recentPairs = 1 << 13

// recent remembers the hosts of address pairs, by the pair's hash.
type recent [recentPairs]recentPair

// recentPair is a pair of IPv4 addresses, the lower one first, and their hosts in that
// order; or two hosts with IPv6 addresses.
type recentPair struct {
	addresses uint64
	hosts     [2]uint32 // 0: there is none
}

// ofIPv6 is what recentPair has for IPv6. No two IPv4 addresses are in that order.
const ofIPv6 = 0xffffffff << 32

func (r *recent) clear() { *r = recent{} }

// addressesOf returns a View's IPv4 addresses as recentPair has them, and the place of the
// source among them.
func addressesOf(v *packet.View) (addresses uint64, source int) {
	src, dst := binary.BigEndian.Uint32(v.Src[12:]), binary.BigEndian.Uint32(v.Dst[12:])
	if src > dst {
		source = 1
	}
	return uint64(min(src, dst))<<32 | uint64(max(src, dst)), source
}

// find returns a View's hosts, source and destination, where they are remembered; else 0.
func (r *recent) find(p *Packets, v *packet.View) (pair [2]uint32) {
	at := &r[v.Hash%recentPairs]
	if v.Version != 4 {
		return at.ipv6(p, v)
	}
	addresses, source := addressesOf(v)
	if at.addresses != addresses {
		return pair
	}
	return [2]uint32{at.hosts[source], at.hosts[1-source]}
}

// ipv6 is find for IPv6.
func (at *recentPair) ipv6(p *Packets, v *packet.View) (pair [2]uint32) {
	a, b := at.hosts[0], at.hosts[1]
	switch {
	case at.addresses != ofIPv6:
	case p.is(a, &v.Src, 6) && p.is(b, &v.Dst, 6):
		return [2]uint32{a, b}
	case p.is(a, &v.Dst, 6) && p.is(b, &v.Src, 6):
		return [2]uint32{b, a}
	}
	return pair
}

// put remembers a View's hosts.
func (r *recent) put(v *packet.View, pair [2]uint32) {
	addresses, source := uint64(ofIPv6), 0
	if v.Version == 4 {
		addresses, source = addressesOf(v)
	}
	at := &r[v.Hash%recentPairs]
	at.addresses = addresses
	at.hosts[source], at.hosts[1-source] = pair[out], pair[in]
}
