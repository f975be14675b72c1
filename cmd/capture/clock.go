package capture

import "time"

// Clock tells the time. Tests have one of their own.
type Clock interface{ Now() Instant }

// Instant is one moment by both clocks, in ns.
type Instant struct {
	Wall int64 // since 1970 UTC; may be set at any time
	Mono int64 // since some moment; never set
}

// systemClock is the time of this machine.
type systemClock struct{ start time.Time }

// SystemClock returns the clock of this machine.
func SystemClock() Clock { return systemClock{time.Now()} }

func (c systemClock) Now() Instant {
	now := time.Now()
	return Instant{Wall: now.UnixNano(), Mono: int64(now.Sub(c.start))}
}

// schedule says when the segment at hand ends by time.
type schedule struct {
	every    int64 // ns; 0: never
	deadline int64 // by the monotonic clock
	boundary int64 // by the wall clock: frames from then on belong to the next segment
	offset   int64 // wall − monotonic, when it was last seen
}

// step is by how much the wall clock must be set for it to be worth a record.
const step = int64(500 * time.Millisecond)

// start looks at the clocks for the first time.
func (s *schedule) start(now Instant) { s.offset = now.Wall - now.Mono }

// open begins a segment. One that begins as the one before has reached its end lasts a
// whole period, even where the wall clock says that this end is still a little away.
func (s *schedule) open(now Instant, onTime bool) {
	if s.every == 0 {
		return
	}
	left := s.every - now.Wall%s.every
	if onTime && left < s.every/8 {
		left += s.every
	}
	s.deadline, s.boundary = now.Mono+left, now.Wall+left
}

// stepped returns by how many ns the wall clock was set since it was last seen, 0 where it was
// not, and aims at a multiple of the new time. Clocks that are slewed move too little
// between two looks.
func (s *schedule) stepped(now Instant) int64 {
	offset := now.Wall - now.Mono
	by := offset - s.offset
	s.offset = offset
	if by < step && by > -step {
		return 0
	}
	s.open(now, false)
	return by
}

// due reports whether the segment has reached its end.
func (s *schedule) due(now Instant) bool { return s.every != 0 && now.Mono >= s.deadline }
