package stream

import "pcapmill/ingest/packet"

// Opening is what the segments of a connection say before there is data: enough for
// its Stream, which need not be there until then, to begin as if it had seen them. The
// zero value is ready.
type Opening struct {
	starts [2]uint32 // sequence numbers of the first bytes
	known  uint8     // bits of the directions that have one
	ended  uint8     // bits of those that a FIN has ended
}

// Note takes a segment and reports whether the Stream must begin with it: data has come,
// or a FIN behind data that has not.
func (o *Opening) Note(dir Dir, seg *Segment) bool {
	if seg.has(packet.RST) {
		if !o.knows(dir) || seg.Seq-o.starts[dir] <= rstSlack {
			*o = Opening{} // with data behind it, its receiver did not take it, or this is mid-stream
		}
		return false
	}
	if o.ended == 1<<Forward|1<<Backward && o.Another(dir, seg) {
		*o = Opening{}
	}
	if seg.has(packet.SYN) {
		o.syn(dir, seg)
	}
	if seg.has(packet.FIN) && seg.Wire == 0 && o.knows(dir) {
		if seg.first() != o.starts[dir] {
			return true
		}
		o.ended |= 1 << dir
	}
	return seg.Wire > 0
}

// Another reports whether a segment answers the SYN of another connection than the one noted,
// which is over.
func (o *Opening) Another(dir Dir, seg *Segment) bool {
	return seg.has(packet.SYN) && seg.has(packet.ACK) && !seg.has(packet.RST) && !(o.knows(dir) && o.starts[dir] == seg.Seq+1)
}

// syn notes a SYN, and the other direction's that it acknowledges. The first ones count.
func (o *Opening) syn(dir Dir, seg *Segment) {
	if seg.has(packet.ACK) {
		if o.knows(dir^1) && o.starts[dir^1] != seg.Ack {
			return // an answer to something else
		}
		o.start(dir^1, seg.Ack)
	}
	o.start(dir, seg.Seq+1)
}

func (o *Opening) start(dir Dir, seq uint32) {
	if !o.knows(dir) {
		o.starts[dir], o.known = seq, o.known|1<<dir
	}
}

func (o *Opening) knows(dir Dir) bool { return o.known>>dir&1 != 0 }

// fits reports whether a direction may begin where its SYN says, given the first segment
// with data. One that the other side has not answered may be forged, or of another
// connection: then data is far from it.
func (o *Opening) fits(dir, from Dir, seg *Segment) bool {
	at := seg.first()
	if dir != from {
		at = seg.Ack
	}
	answered := o.known == 1<<Forward|1<<Backward
	return answered || dir != from && !seg.has(packet.ACK) || at-o.starts[dir]+1 <= rstSlack+1
}

// Open begins a Stream to which nothing was added: seg, of a direction, is the next
// segment.
func (s *Stream) Open(p *Pool, o *Opening, from Dir, seg *Segment) {
	for dir := range Backward + 1 {
		h := &s.halves[dir]
		if o.knows(dir) && o.fits(dir, from, seg) {
			h.begin(o.starts[dir], &p.cfg)
		}
		if o.ended>>dir&1 != 0 {
			h.ended, h.state = true, done
		}
	}
}
