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

// portCounts counts packets by port. Counts of 16 bits stay in a near cache; whenever one
// has come to its end, carries has it.
type portCounts struct {
	low     [1 << 16]uint16
	carries map[uint16]int64 // of 65,536 packets each
}

func (c *portCounts) add(port uint16) {
	if c.low[port]++; c.low[port] == 0 {
		c.carry(port)
	}
}

func (c *portCounts) carry(port uint16) {
	if c.carries == nil {
		c.carries = map[uint16]int64{}
	}
	c.carries[port]++
}

// take returns a port's packets and forgets them.
func (c *portCounts) take(port uint16) int64 {
	n := int64(c.low[port])
	c.low[port] = 0
	if len(c.carries) > 0 {
		n += c.carries[port] << 16
		delete(c.carries, port)
	}
	return n
}

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
			share := float64(c.take(uint16(i<<6 + bits.TrailingZeros64(word))))
			nats += float64(share / total * math.Log(total/share)) // rounded on every processor
		}
	}
	return nats, true
}
