package capfile

import (
	"fmt"
	"io"
)

// Salvage is what reading with Config.Salvage gave up.
type Salvage struct {
	Ranges int64 // stretches of damage passed over
	Bytes  int64 // in them
	Lost   []LostRange
}

// LostRange is one stretch of the (decompressed) stream that could not be read.
type LostRange struct {
	Offset int64
	Length int64
	Reason Reason // what was wrong at its start
}

// maxLostRanges bounds Salvage.Lost; more are counted only.
const maxLostRanges = 1000

// salvager is a source that hands on whole sound records or blocks of the
// source behind it and leaves out damage, so that its Reader meets none. All
// positions are offsets of the damaged stream.
//
//	out ≤ ok ≤ suspect ≤ odd ≤ at
//
// Bytes up to ok are known to be in order: a sound header stands behind them.
// When at turns out to be damaged, the header at suspect is the last sound one,
// and its length may be the lie that led here.
type salvager struct {
	src    io.Reader
	frames frames

	buf  []byte
	base int64 // of buf[0]
	end  bool  // the source has ended; err says how
	err  error

	out     int64 // next byte to hand on
	ok      int64
	suspect int64
	odd     int64 // end of the unit at suspect: odd ones may follow
	odds    int
	at      int64 // next unit to look at
	resume  int64 // where to go on behind ok; -1: right there
	search  *gap  // the damage whose end is being looked for
	longest int64 // unit handed on so far

	exits []exit // scratch of leadsOut

	// Damage that the Reader has not come to yet, in its offsets, and what it has
	// passed.
	cut     int64 // bytes left out so far
	ranges  int64
	first   LostRange
	pending []gap
	passed  Salvage
	serious int64 // passed gaps that may hide interface descriptions
	last    int64 // Reader's offset of the last of those; -1 before any
}

// gap is one place where bytes are left out.
type gap struct {
	lost     LostRange
	clean    int64 // its place in what the Reader sees
	head     []byte
	cut      int64 // place of a unit that runs past the end; odd ones may stand before it
	harmless bool  // it is exactly one block, which numbers nothing
}

// salvage puts a salvager between the source and the Reader; already are bytes
// of the source that have been read.
func (r *Reader) salvage(f frames, already []byte) {
	start := r.base
	r.salvager = &salvager{
		src: r.src, frames: f, base: start, buf: append([]byte(nil), already...),
		out: start, ok: start, suspect: start, odd: start, at: start, resume: -1, last: -1,
	}
	r.src = r.salvager
}

// Read hands on sound bytes.
func (s *salvager) Read(p []byte) (int, error) {
	for {
		switch {
		case s.out < s.ok:
			n := copy(p, s.window(s.out)[:s.ok-s.out])
			s.out += int64(n)
			return n, nil
		case s.search != nil:
			s.forward()
		case s.resume >= 0:
			s.jump()
		case s.end && s.at == s.limit() && s.ok == s.at:
			return 0, s.err
		default:
			s.advance()
		}
	}
}

// window returns the buffered bytes from a position on.
func (s *salvager) window(from int64) []byte { return s.buf[from-s.base:] }

// limit is the position behind the last buffered byte.
func (s *salvager) limit() int64 { return s.base + int64(len(s.buf)) }

// advance looks at units until there is something to hand on or damage.
func (s *salvager) advance() {
	for {
		u := s.frames.look(s.window(s.at), false)
		switch {
		case u.verdict == broken:
			if s.out == s.ok {
				s.damaged(u.reason)
			}
			return
		case u.verdict == sound && s.ok != s.at:
			s.confirm()
		}
		if !u.whole {
			if s.out == s.ok {
				s.more(u)
			}
			return
		}
		s.pass(u)
	}
}

// confirm takes everything before at for good: a sound header follows it.
func (s *salvager) confirm() {
	if s.odd > s.suspect {
		s.longest = max(s.longest, leastLongest, min(s.odd-s.suspect, mostLongest))
	}
	s.ok, s.suspect, s.odd, s.odds = s.at, s.at, s.at, 0
}

// maxOdd is how many odd units may follow one another before they are taken for
// a peculiarity of the file.
const maxOdd = 3

// pass steps over a whole unit.
func (s *salvager) pass(u unit) {
	s.at += int64(u.length)
	if u.verdict == odd {
		if s.odds++; s.odds <= maxOdd {
			return
		}
	}
	s.frames.accept(s.window(s.at - int64(u.length)))
	if u.verdict == odd {
		s.confirm()
	}
	s.odd = s.at
}

// more gets the rest of the unit at at, or ends with what there is.
func (s *salvager) more(u unit) {
	if s.fill(s.at + int64(u.length)) {
		return
	}
	if s.at == s.limit() {
		s.ok = s.at
		return
	}
	reason := ReasonTruncated
	if s.err != io.EOF {
		reason = ReasonReadFailed
	}
	s.damaged(reason)
}

// jump leaves out the bytes from ok to resume.
func (s *salvager) jump() {
	s.out, s.at = s.resume, s.resume
	s.suspect, s.odd = s.at, s.at
	s.confirm()
	s.resume = -1
}

// salvageBuffer is the size that the buffer starts with.
const salvageBuffer = 16 << 10

// fill reads until the buffer reaches a position and returns false where the
// stream ends before. Bytes before out go. The buffer at most doubles, so never
// grows ahead of the bytes that have arrived.
func (s *salvager) fill(to int64) bool {
	for s.limit() < to && !s.end {
		if len(s.buf) == cap(s.buf) {
			s.makeRoom()
		}
		s.read()
	}
	return s.limit() >= to
}

func (s *salvager) makeRoom() {
	rest := s.window(s.out)
	to := s.buf[:0]
	if 2*len(rest) > cap(s.buf) || cap(s.buf) == 0 {
		to = make([]byte, 0, max(2*cap(s.buf), salvageBuffer))
	}
	s.buf = append(to, rest...)
	s.base = s.out
}

func (s *salvager) read() {
	room := s.buf[len(s.buf):cap(s.buf)]
	for range maxEmptyReads {
		n, err := s.src.Read(room)
		if n < 0 || n > len(room) {
			n, err = 0, errBadRead
		}
		s.buf = s.buf[:len(s.buf)+n]
		s.end, s.err = err != nil, err
		if n > 0 || err != nil {
			return
		}
	}
	s.end, s.err = true, io.ErrNoProgress
}

// damage is the error that a salvaged stream ends with.
func (s *salvager) damage() error {
	return &DamageError{
		Reason: s.first.Reason, Offset: s.first.Offset,
		Detail: fmt.Sprintf("salvaged: %d bytes lost in %d places", s.cut, s.ranges),
	}
}
