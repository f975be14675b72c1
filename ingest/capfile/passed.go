package capfile

// at is the offset in the stream of a position in the window.
func (r *Reader) at(pos int) int64 { return r.streamOffset(r.base + int64(pos)) }

// streamOffset turns an offset in what the Reader sees into one in the stream.
func (r *Reader) streamOffset(clean int64) int64 {
	if r.salvager == nil {
		return clean
	}
	offset := clean + r.salvager.passed.Bytes
	for i := range r.salvager.pending {
		g := &r.salvager.pending[i]
		if g.clean > clean {
			break
		}
		offset += g.lost.Length
	}
	return offset
}

// pass books the damage up to an offset that the Reader has come to.
func (r *Reader) pass(clean int64) {
	s := r.salvager
	if s == nil {
		return
	}
	for len(s.pending) > 0 && s.pending[0].clean <= clean {
		g := &s.pending[0]
		s.passed.Ranges++
		s.passed.Bytes += g.lost.Length
		if len(s.passed.Lost) < maxLostRanges {
			s.passed.Lost = append(s.passed.Lost, g.lost)
		}
		if !g.harmless {
			s.serious++
			s.last = g.clean
		}
		s.pending = s.pending[1:]
	}
}

// lossesBefore counts the places of damage before a position in the window that
// may have held interface descriptions or section headers.
func (r *Reader) lossesBefore(pos int) int64 {
	if r.salvager == nil {
		return 0
	}
	r.pass(r.base + int64(pos))
	return r.salvager.serious
}

// unnumbered reports whether an interface description stands behind damage, in
// its section, that may have held another. Its number is unknown then, so it is
// left out, and with it the packets that name it: to guess would be to invent.
// Right behind the damage, not even the section is known: a new one may have
// begun, so the numbers known so far are given up.
func (r *Reader) unnumbered(block []byte, pos int) bool {
	if r.lossesBefore(pos) == r.ng.losses {
		return false
	}
	r.info.Odd[Unnumbered]++
	r.stepped(blockInterface, len(block))
	if r.salvager.last == r.base+int64(pos) {
		r.ng.sources = r.ng.sources[:0]
	}
	return true
}
