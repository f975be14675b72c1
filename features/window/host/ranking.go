package host

import (
	"cmp"
	"encoding/binary"
	"slices"

	"pcapmill/ingest/packet"
)

// rank is an address in the form in which addresses are put in order: by their bytes,
// then by version, as IPv6 has addresses that look like those of IPv4.
type rank struct {
	high, low uint64
	version   uint8
}

func rankOf(a *packet.Addr, version uint8) rank {
	return rank{binary.BigEndian.Uint64(a[:]), binary.BigEndian.Uint64(a[8:]), version}
}

func (r rank) compare(s rank) int {
	switch {
	case r.high != s.high:
		return cmp.Compare(r.high, s.high)
	case r.low != s.low:
		return cmp.Compare(r.low, s.low)
	}
	return cmp.Compare(r.version, s.version)
}

// ranking brings numbers of hosts into the order of their addresses. It has memory for
// that. Those of IPv4 are sorted as integers.
type ranking struct {
	ipv4 []uint64 // address, number
	ipv6 []ranked
}

type ranked struct {
	rank
	number uint32
}

// expect prepares for hosts to be added, nearly all of which have IPv4 addresses.
func (k *ranking) expect(hosts int) { k.ipv4 = room(&k.ipv4, hosts)[:0] }

// add takes the number of a host.
func (k *ranking) add(a *packet.Addr, version uint8, number uint32) {
	if version == 4 {
		k.ipv4 = append(k.ipv4, uint64(binary.BigEndian.Uint32(a[12:]))<<32|uint64(number))
		return
	}
	k.ipv6 = append(k.ipv6, ranked{rankOf(a, version), number})
}

// mapped is the lower half of IPv4 addresses, but for the address.
const mapped = 0xffff << 32

// take appends the numbers in their order, and forgets them.
func (k *ranking) take(order []uint32) []uint32 {
	slices.Sort(k.ipv4)
	slices.SortFunc(k.ipv6, func(a, b ranked) int { return a.compare(b.rank) })
	order = slices.Grow(order, len(k.ipv4)+len(k.ipv6))
	six := k.ipv6
	for _, four := range k.ipv4 {
		own := rank{0, mapped | four>>32, 4}
		for len(six) > 0 && six[0].compare(own) < 0 {
			order, six = append(order, six[0].number), six[1:]
		}
		order = append(order, uint32(four))
	}
	for i := range six {
		order = append(order, six[i].number)
	}
	k.ipv4, k.ipv6 = k.ipv4[:0], k.ipv6[:0]
	return order
}
