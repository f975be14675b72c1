package baseline

import (
	"cmp"
	"net/netip"

	"pcapmill/features/sketch"
)

// rank orders hosts by who is kept where there is no room for all: those with private
// addresses (RFC 1918, RFC 4193, link-local) before others, then by the hash of the
// address. It depends on the address alone, so a host among the first of all is among the
// first of any part, and no order or partition shows. Among hosts of a class, it is a
// sample, which senders of forged addresses can fill only with as many tries.
type rank struct {
	class uint8
	hash  uint64
	host  netip.Addr
}

func rankOf(host netip.Addr) rank {
	r := rank{class: 1, hash: sketch.Hash(host.AsSlice()), host: host}
	if host.IsPrivate() || host.IsLinkLocalUnicast() {
		r.class = 0
	}
	return r
}

func (r *rank) compare(o *rank) int {
	return cmp.Or(cmp.Compare(r.class, o.class), cmp.Compare(r.hash, o.hash), r.host.Compare(o.host))
}
