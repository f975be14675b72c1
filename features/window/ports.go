package window

import (
	"math"
	"math/bits"
)

// portSet is a set of ports.
type portSet [1 << 16 / 64]uint64

func (s *portSet) add(port uint16) { s[port>>6] |= 1 << (port & 63) }

func (s *portSet) count() int64 {
	n := 0
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return int64(n)
}

// countBoth returns how many ports are in one of two sets.
func countBoth(a, b *portSet) int64 {
	n := 0
	for i := range a {
		n += bits.OnesCount64(a[i] | b[i])
	}
	return int64(n)
}

// portCounts counts packets by port.
type portCounts [1 << 16]int64

// entropy returns −Σ p ln p over the ports' shares p of the packets, in nats; there is
// none without packets. Ports are taken in ascending order. It forgets what it counted;
// a and b together are the ports that it knows.
func (c *portCounts) entropy(a, b *portSet, packets int64) (nats float64, known bool) {
	if packets == 0 {
		return 0, false
	}
	total := float64(packets)
	for i := range a {
		for word := a[i] | b[i]; word != 0; word &= word - 1 {
			n := &c[i<<6+bits.TrailingZeros64(word)]
			share := float64(*n)
			nats += float64(share / total * math.Log(total/share)) // rounded on every processor
			*n = 0
		}
	}
	return nats, true
}
