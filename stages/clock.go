package stages

import "pcapmill/ingest/packet"

// confirmJump is the largest step ahead that one packet may move the clock by
// itself. A packet further ahead moves it only if none of the packets read next is
// more than confirmJump before it; otherwise its time is an outlier, which must
// not end every flow of the capture.
const confirmJump = 3600_000_000_000

// Times outside 1823 to 2116 are taken for none: no difference of two times that
// are left overflows.
const (
	earliest packet.Nanos = -1 << 62
	latest   packet.Nanos = 1<<62 - 1
)

// clock is the running maximum of packet time.
type clock struct {
	now     packet.Nanos
	started bool
}

// steady reports whether t is the usual next time: the clock's or a little later.
func (c *clock) steady(t packet.Nanos) bool {
	return c.started && uint64(t)-uint64(c.now) <= confirmJump
}

// advance moves the clock to t where t is ahead.
func (c *clock) advance(t packet.Nanos) {
	if !c.started || t > c.now {
		c.now, c.started = t, true
	}
}
