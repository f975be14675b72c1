package capfile

// What is found inside a damaged packet may be its content, a capture sent over
// the network for example. So a chain of records only counts if it leads out of
// the space that the longest packet so far would take; the space is bounded,
// because no IP packet is longer than 64 KiB.
const (
	unknownLongest = 2 << 10 // before any packet
	leastLongest   = 256
	mostLongest    = 66 << 10
)

// span is the space that the longest packet so far would take.
func (s *salvager) span() int64 {
	if s.longest == 0 {
		return unknownLongest
	}
	return s.longest
}

// damaged finds where to go on from damage at at. Everything up to ok has been
// handed on. Odd units before the damage are part of it: they led there.
//
// Each byte is looked at a bounded number of times: a chain that leads out of
// the space has sound links only, so that the next damage is behind the space;
// and where there is none, the search goes on behind the space.
func (s *salvager) damaged(reason Reason) {
	s.fill(s.at + s.span() + s.frames.ahead())
	space := min(s.odd+s.span(), s.limit())
	g := gap{lost: LostRange{Offset: s.odd, Reason: reason}}
	g.head = append(g.head, s.window(s.odd)[:min(s.limit()-s.odd, minBlock)]...)
	to, from := s.lied(), s.suspect+1
	if s.odd > s.suspect+s.span() {
		from = s.odd // lied has looked at all before, which can be the longest block
	}
	if to < 0 {
		to = s.leadsOut(from, space)
	}
	if to >= 0 && to < s.odd { // the length at suspect was the lie
		g.lost.Offset, g.head = s.suspect, nil
	}
	s.ok = g.lost.Offset
	if to >= 0 {
		s.leave(&g, to)
		return
	}
	if reason == ReasonTruncated {
		g.cut = s.at
	}
	s.search, s.at = &g, space
}

// lied looks into the unit at suspect where that is longer than any before: so
// is the one whose length has a bit too many. It returns where the capture goes
// on inside of it, -1 where it does not.
func (s *salvager) lied() int64 {
	space := s.suspect + s.span()
	if s.odd <= space {
		return -1
	}
	if to := s.leadsOut(s.suspect+1, space); to >= 0 {
		return to
	}
	for p := space; p < s.odd; p++ {
		if s.starts(p) {
			return p
		}
	}
	return -1
}

// starts reports whether two sound units, or the last one, start at p.
func (s *salvager) starts(p int64) bool {
	u := s.frames.look(s.window(p), true)
	return u.verdict == sound && u.whole && s.believes(u, s.exit(p+int64(u.length), u))
}

// believes reports whether a chain that begins with u and ends so is one.
func (s *salvager) believes(u unit, e exit) bool {
	return e.exists && (!e.alone || s.frames.last(u))
}

// leadsOut returns the first position from from to before space at which a
// chain of sound units starts that leads out of the space, -1 where there is
// none. It goes backwards, so that each position needs one look.
func (s *salvager) leadsOut(from, space int64) int64 {
	n := max(space-from, 0)
	if int64(cap(s.exits)) < n {
		s.exits = make([]exit, n)
	}
	s.exits = s.exits[:n]
	first := int64(-1)
	for p := space - 1; p >= from; p-- {
		u := s.frames.look(s.window(p), true)
		var out exit
		if next := p + int64(u.length); u.verdict == sound && u.whole && next < space && !u.restarts {
			out = s.exits[next-from]
			out.alone = false
		} else if u.verdict == sound && u.whole {
			out = s.exit(next, u)
		}
		if s.exits[p-from] = out; s.believes(u, out) && s.frames.fits(u, out.seconds) {
			first = p
		}
	}
	return first
}

// exit is where a chain leads out of the space.
type exit struct {
	exists  bool
	alone   bool   // one unit is the whole chain, and ends the stream
	seconds uint32 // of the record there
}

// exit reports whether the stream goes on soundly, or ends, at next, which is
// behind u.
func (s *salvager) exit(next int64, u unit) exit {
	if next == s.limit() {
		return exit{exists: s.end, alone: true, seconds: u.seconds}
	}
	v := s.frames.lookBehind(s.window(next), u)
	return exit{exists: v.verdict == sound, seconds: v.seconds}
}

// forward searches from at on, dropping the bytes it has looked at.
func (s *salvager) forward() {
	s.out, s.ok = s.at, s.at // nothing before is wanted any more
	whole := s.fill(s.at + s.frames.ahead())
	end := s.limit()
	if whole {
		end -= s.frames.ahead() - 1
	}
	for ; s.at < end; s.at++ {
		if s.starts(s.at) {
			s.out, s.ok = s.at, s.at
			s.found()
			return
		}
	}
	if whole {
		return
	}
	s.out, s.ok = s.at, s.at
	if g := s.search; g.cut > 0 { // nothing follows, so it was just cut off
		s.out, s.ok = g.lost.Offset, g.cut
		g.lost.Offset = g.cut
	}
	s.found()
}

// found ends the search at at.
func (s *salvager) found() {
	g := s.search
	s.search = nil
	s.leave(g, s.at)
}

// leave leaves out the bytes of g up to a position.
func (s *salvager) leave(g *gap, to int64) {
	g.lost.Length = to - g.lost.Offset
	g.clean = g.lost.Offset - s.cut
	var tail []byte
	if to-4 >= s.base {
		tail = s.window(to - 4)[:4]
	}
	g.harmless = s.frames.harmless(g.head, tail, g.lost.Length)
	g.head = nil
	if s.ranges++; s.ranges == 1 {
		s.first = g.lost
	}
	s.cut += g.lost.Length
	s.pending = append(s.pending, *g)
	s.resume = to
}
