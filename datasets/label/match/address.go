package match

import (
	"cmp"
	"encoding/binary"
	"net/netip"
)

// address is an IP address, of IPv4 in IPv4-mapped form.
type address struct{ hi, lo uint64 }

// mapped is what stands before an IPv4 address in the low word.
const mapped = 0xffff << 32

// addressOf returns the address without zone; an invalid one is no address.
func addressOf(a netip.Addr) address {
	b := a.As16()
	return address{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

// addressOfBytes returns the address of 4 or 16 bytes.
func addressOfBytes(b []byte) (address, bool) {
	switch len(b) {
	case 4:
		return address{0, mapped | uint64(binary.BigEndian.Uint32(b))}, true
	case 16:
		return address{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}, true
	}
	return address{}, false
}

func (a address) v4() bool { return a.hi == 0 && a.lo>>32 == 0xffff }

func (a address) compare(b address) int {
	return cmp.Or(cmp.Compare(a.hi, b.hi), cmp.Compare(a.lo, b.lo))
}

// next returns the address behind a; false: there is none.
func (a address) next() (address, bool) {
	if a.lo++; a.lo == 0 {
		a.hi++
	}
	return a, a != address{}
}

// stretch is the addresses from first to last, all of one family.
type stretch struct {
	first, last address
	v4          bool
}

// stretchOf returns the addresses of a network.
func stretchOf(p netip.Prefix) stretch {
	a, bits := addressOf(p.Addr()), p.Bits()
	s := stretch{v4: p.Addr().Is4() || a.v4()}
	if p.Addr().Is4() {
		bits += 96
	}
	hi, lo := masks(bits)
	s.first = address{a.hi & hi, a.lo & lo}
	s.last = address{a.hi | ^hi, a.lo | ^lo}
	s.v4 = s.first.v4() // a network of IPv6 that has all mapped addresses, and more, is one of IPv6
	return s
}

// masks returns the words of a netmask of so many bits.
func masks(bits int) (hi, lo uint64) {
	if bits <= 64 {
		return ^uint64(0) << (64 - bits), 0
	}
	return ^uint64(0), ^uint64(0) << (128 - bits)
}
