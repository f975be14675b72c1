package traffic

import (
	"net/netip"
	"time"

	"pcapmill/bench/traffic/payload"
)

// spawnFlood starts an attempt of a SYN flood: a forged source asks one victim,
// which answers four in ten with a SYN-ACK that nobody acknowledges.
func spawnFlood(e *engine, c *conversation) {
	c.flow.Src, c.flow.SrcPort = forged(uint32(e.spawned))
	c.flow.Dst, c.flow.DstPort = host(serverNet, false, 1), 80
	e.path(c)
	startTCP(e, c, 1, endNoAnswer)
	c.stamped = false
	if e.rng.chance(0.4) {
		c.left, c.ending = 2, endOpen
		c.flow.State = "" // what Zeek says of SYN and SYN-ACK alone depends on its timers
	}
}

// forged returns source number n of 2^32 different ones: a host of 11.0.0.0/8 and
// a port.
func forged(n uint32) (netip.Addr, uint16) {
	low := (n * 0x9e3779b1) & 0xffffff // an odd factor permutes 24 bits
	port := 1024 + (payload.Mix(uint64(low))+uint64(n>>24))%64512
	return netip.AddrFrom4([4]byte{11, byte(low >> 16), byte(low >> 8), byte(low)}), uint16(port)
}

// spawnScattered starts a flow of one or two packets: UDP, attempts, refusals.
func spawnScattered(e *engine, c *conversation) {
	six := e.rng.chance(0.1)
	n := 1 + e.rng.below(2)
	switch kind := e.rng.float(); {
	case kind < 0.6:
		e.resolve(c, six, n)
	case kind < 0.8 || n == 1:
		e.endpoints(c, six, 23)
		startTCP(e, c, n, endNoAnswer)
	default:
		e.endpoints(c, six, 22)
		startTCP(e, c, n, endRefused)
	}
}

// spawnLong starts a conversation that lasts for hours with pauses of some
// seconds, below every idle timeout and across active ones.
func spawnLong(e *engine, c *conversation) {
	six := e.rng.chance(0.2)
	n := max(e.portion(), 20)
	c.style = interact
	e.endpoints(c, six, 443)
	if n >= 2000 && e.rng.chance(0.3) { // with fewer packets it would end too early
		startDatagrams(e, c, n)
	} else {
		e.speakTLS(c, n)
		startTCP(e, c, n, endFIN)
	}
	c.pace(n, 5*time.Hour)
}
