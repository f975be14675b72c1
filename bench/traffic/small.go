package traffic

import (
	"time"

	"pcapmill/ingest/packet"
)

// spawnSmall starts a flow of the small profile: frames of 64 to 100 bytes, 70 %
// TCP and 30 % UDP, 10 % of both over IPv6. The packets of a flow are uniform
// around the mean; it lives 10 s at the median and 60 s at most, so that with the
// defaults some 10,000 flows are open at once.
func spawnSmall(e *engine, c *conversation) {
	six := e.rng.chance(0.1)
	n := e.portion()
	lifetime := time.Duration(min(e.rng.logNormal(10, 0.8), 60) * 1e9)
	c.style = tiny
	if e.rng.chance(0.3) {
		e.endpoints(c, six, 50000)
		startPairs(c, packet.ProtoUDP, n, plainPayload)
	} else {
		e.endpoints(c, six, 8443)
		startExchange(e, c, n)
	}
	c.pace(n, lifetime)
}
