package connstate

import (
	"math"
	"time"

	"pcapmill/ingest/packet"
)

// Timers are the waiting times after which a connection has ended. Zero switches
// a timer off.
//
//	timer         runs from                          ends the connection if
//	Attempt       the originator's first SYN         the responder stayed silent, whatever
//	                                                 else the originator sent
//	Close         the packet that closed it          always; further packets still belong to it
//	Poll          each PollEvery after FirstPoll     idle for Linger and: one side has closed
//	              from the first packet              and the other has too, is unseen, or a RST
//	                                                 was seen; or no packet was usable
//	Handshake     the last packet                    no side got beyond SYN
//	TCP           the last packet                    otherwise
//	Login         the last packet                    instead of TCP, where the handshake was seen
//	                                                 and the port is 21, 22, 23 or 513
//	UDP ICMP Other the last packet                   always
//	DNS           each DNS from the first packet     UDP to port 53, 137, 5353 or 5355 and idle
//	                                                 for DNS less a second
//
// A connection counts as closed when a RST came, both sides sent FIN, or a FIN
// came and nothing is known of the other side; and, with Zeek, only when all
// bytes before the close were seen or acknowledged. Packets after that do not
// prolong it.
type Timers struct {
	Attempt   time.Duration
	Close     time.Duration
	Linger    time.Duration
	FirstPoll time.Duration
	PollEvery time.Duration
	Handshake time.Duration
	TCP       time.Duration
	Login     time.Duration
	UDP       time.Duration
	DNS       time.Duration
	ICMP      time.Duration
	Other     time.Duration
}

// ZeekTimers returns Zeek's timers with its default scripts. Its reset and
// partial close delays are not among them: Zeek arms those only where a script
// handles connection_reset or connection_partial_close, and the base connection
// scripts handle neither.
func ZeekTimers() Timers {
	return Timers{
		Attempt:   5 * time.Second,
		Close:     5 * time.Second,
		Linger:    5 * time.Second,
		FirstPoll: 5 * time.Second,
		PollEvery: 6 * time.Second,
		Handshake: time.Minute,
		TCP:       5 * time.Minute,
		Login:     time.Hour,
		UDP:       time.Minute,
		DNS:       10 * time.Second,
		ICMP:      time.Minute,
		Other:     time.Minute,
	}
}

// End says which timer ends a connection.
type End uint8

// The timers.
const (
	EndNever    End = iota // all timers that apply are off
	EndAttempt             // the attempt was not answered
	EndClosed              // closed by FIN
	EndReset               // closed by RST
	EndLinger              // half closed and idle
	EndInactive            // idle
)

var endNames = [...]string{"never", "attempt", "closed", "reset", "linger", "inactive"}

// String returns the timer's name.
func (e End) String() string {
	if int(e) < len(endNames) {
		return endNames[e]
	}
	return "invalid_end"
}

// Never is the deadline of a connection that no timer ends.
const Never packet.Nanos = math.MaxInt64

// Deadline returns when the connection ends if no packet comes before, and by
// which timer. start is the clock at its first packet. The connection has ended
// iff the packet clock has reached the deadline: Zeek runs timers up to and
// including a packet's time before it looks at the packet.
func (s *State) Deadline(t *Timers, start packet.Nanos) (packet.Nanos, End) {
	if s.has(flagComplete) && t.Close > 0 {
		return later(s.mark, t.Close), s.closeKind()
	}
	at, end := Never, EndNever
	if idle := s.idle(t); idle > 0 {
		at, end = later(s.last, idle), EndInactive
	}
	if s.kind != kindTCP {
		if s.has(flagDNS) && t.DNS > 0 {
			// the tick below makes "idle for at least DNS-1s" of gridAfter's "after"
			at = min(at, gridAfter(later(start, t.DNS), later(s.last, t.DNS-time.Second)-1, t.DNS))
		}
		return at, end
	}
	return s.deadlineTCP(t, start, at, end)
}

// deadlineTCP brings the deadline forward to that of an unanswered attempt or of
// the session poll.
func (s *State) deadlineTCP(t *Timers, start, at packet.Nanos, end End) (packet.Nanos, End) {
	orig, resp := s.ends[Orig].state, s.ends[Resp].state
	if s.has(flagAttempt) && t.Attempt > 0 && resp == inactive && (orig == synSent || orig == synAckSent) {
		if a := later(s.mark, t.Attempt); a <= at {
			at, end = a, EndAttempt
		}
	}
	if t.PollEvery > 0 && s.polled() {
		if a := s.nextPoll(t, start); a <= at {
			at, end = a, EndLinger
		}
	}
	return at, end
}

// idle returns the inactivity timeout that applies.
func (s *State) idle(t *Timers) time.Duration {
	switch s.kind {
	case kindTCP:
		switch {
		case s.has(flagLogin):
			return t.Login
		case s.has(flagHandshaken):
			return t.TCP
		}
		return t.Handshake
	case kindUDP:
		return t.UDP
	case kindICMP:
		return t.ICMP
	}
	return t.Other
}

// polled reports whether the session poll would end the connection once idle.
func (s *State) polled() bool {
	orig, resp := &s.ends[Orig], &s.ends[Resp]
	if orig.state == inactive && resp.state == inactive {
		return true
	}
	if !orig.has(endClosed) && !resp.has(endClosed) {
		return false
	}
	return orig.has(endClosed) && resp.has(endClosed) || orig.state == reset || resp.state == reset ||
		orig.state == inactive || resp.state == inactive
}

// nextPoll returns the first poll at which the connection is idle. Polls start
// with the connection and, once more, with its half close.
func (s *State) nextPoll(t *Timers, start packet.Nanos) packet.Nanos {
	idle := later(s.last, t.Linger)
	at := gridAfter(later(start, t.FirstPoll), idle, t.PollEvery)
	if s.isClosed(Orig) || s.isClosed(Resp) {
		at = min(at, gridAfter(later(s.mark, t.PollEvery), idle, t.PollEvery))
	}
	return at
}

// gridAfter returns the first of first, first+every, … that lies after t.
func gridAfter(first, t packet.Nanos, every time.Duration) packet.Nanos {
	if first > t {
		return first
	}
	steps := uint64(t-first)/uint64(every) + 1
	if steps > uint64(Never-first)/uint64(every) {
		return Never
	}
	return first + packet.Nanos(steps*uint64(every))
}

func (s *State) closeKind() End {
	if s.ends[Orig].state == reset || s.ends[Resp].state == reset {
		return EndReset
	}
	return EndClosed
}

// Complete reports whether the connection has closed and, if so, the clock at
// which it did.
func (s *State) Complete() (packet.Nanos, bool) { return s.mark, s.has(flagComplete) }

// later returns t+d, or Never where that overflows.
func later(t packet.Nanos, d time.Duration) packet.Nanos {
	if t > Never-packet.Nanos(d) {
		return Never
	}
	return t + packet.Nanos(d)
}
