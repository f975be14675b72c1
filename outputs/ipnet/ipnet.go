// Package ipnet has one form for addresses of IPv4, however people write them.
package ipnet

import "net/netip"

// mappedBits stand before the IPv4 address in one of IPv6 (RFC 4291 §2.5.5.2).
const mappedBits = 96

// Unmap returns an IPv4 network that is written as IPv6, such as ::ffff:10.0.0.0/104, as
// one of IPv4, and others as they are. Bits behind its length stay.
func Unmap(p netip.Prefix) netip.Prefix {
	if a := p.Addr(); a.Is4In6() && p.Bits() >= mappedBits {
		return netip.PrefixFrom(a.Unmap(), p.Bits()-mappedBits)
	}
	return p
}
