package defrag

import (
	"bytes"
	"slices"
	"sort"

	"pcapmill/ingest/packet"
)

// Piece is one fragment of a Datagram.
type Piece struct {
	View   packet.View   // as the header walk left it
	Origin packet.Origin // of its packet
	Frame  []byte        // its captured bytes up to the end of its data; all of them with KeepFrames

	place packet.Fragment
	owned bool // Frame is ours, not the reader's
}

// Kept reports whether the fragment came in an earlier Block.
func (p *Piece) Kept() bool { return p.owned }

// data returns the captured data.
func (p *Piece) data() []byte {
	start, size := min(int(p.place.Data), len(p.Frame)), int(p.place.To-p.place.From)
	return p.Frame[start:min(start+size, len(p.Frame))]
}

// Datagram is what came of a datagram so far.
type Datagram struct {
	Pieces   []*Piece     // in ingest order
	Deadline packet.Nanos // its time is up when the clock is past this instant

	key      key
	head     *Piece    // the first to hold the datagram's first byte
	segments []segment // who holds which bytes, in order
	extent   uint32    // end of the last byte
	end      uint32    // length of the whole, where ended
	covered  uint32    // bytes in segments
	ended    bool
	void     bool // never becomes whole
	number   uint64
	bytes    int64 // charged
	prev     *Datagram
	next     *Datagram
}

// segment is a stretch of the datagram that one fragment holds.
type segment struct {
	from, to uint32
	piece    *Piece
}

// Head returns the fragment that begins the datagram, nil where it has not come.
// Its View has ports.
func (d *Datagram) Head() *Piece { return d.head }

// Void reports whether an overlap made it impossible that the datagram becomes whole.
func (d *Datagram) Void() bool { return d.void }

// whole reports whether nothing is missing.
func (d *Datagram) whole() bool { return d.ended && !d.void && d.covered == d.end }

// add gives the datagram a fragment.
func (d *Datagram) add(p *Piece, count *Stats) {
	d.Pieces = append(d.Pieces, p)
	place := &p.place
	if place.From == 0 && d.head == nil {
		d.head = p
	}
	if d.void {
		return
	}
	first := sort.Search(len(d.segments), func(i int) bool { return d.segments[i].to > place.From })
	overlaps := first < len(d.segments) && d.segments[first].from < place.To
	conflicts := d.contradicts(place)
	switch {
	case overlaps && d.repeats(p, first):
		count.Duplicates++
		return
	case overlaps:
		count.Overlaps++
	case conflicts:
		count.Conflicts++
	}
	if (overlaps || conflicts) && p.View.Version == 6 {
		d.void = true
		d.segments = nil
		count.Discarded++
		return
	}
	if conflicts {
		return
	}
	if !place.More {
		d.end, d.ended = place.To, true
	}
	d.extent = max(d.extent, place.To)
	d.cover(p, first)
}

// contradicts reports whether a fragment cannot be where the datagram ends.
func (d *Datagram) contradicts(place *packet.Fragment) bool {
	if d.ended && (place.To > d.end || !place.More && place.To != d.end) {
		return true
	}
	return !place.More && d.extent > place.To
}

// repeats reports whether a fragment, which overlaps the segment at i, has come
// before.
func (d *Datagram) repeats(p *Piece, i int) bool {
	was := d.segments[i].piece
	if was.place.From != p.place.From || was.place.To != p.place.To || was.place.More != p.place.More {
		return false
	}
	a, b := was.data(), p.data()
	n := min(len(a), len(b))
	return bytes.Equal(a[:n], b[:n])
}

// cover gives p the bytes of its place that no other fragment holds. first is the
// first segment that ends behind the beginning of that place.
func (d *Datagram) cover(p *Piece, first int) {
	from, to := p.place.From, p.place.To
	last, missing := first, to-from // behind the last segment that p touches; of p's place
	for ; last < len(d.segments) && d.segments[last].from < to; last++ {
		s := &d.segments[last]
		missing -= min(to, s.to) - max(from, s.from)
	}
	d.covered += missing
	switch {
	case missing == 0: // thousands of small fragments are not copied for each large one
		return
	case last == first:
		d.segments = slices.Insert(d.segments, first, segment{from, to, p})
		return
	}
	var merged []segment
	for _, s := range d.segments[first:last] {
		if from < s.from {
			merged = append(merged, segment{from, s.from, p})
		}
		merged = append(merged, s)
		from = s.to
	}
	if from < to {
		merged = append(merged, segment{from, to, p})
	}
	d.segments = slices.Replace(d.segments, first, last, merged...)
}

// AppendFrame appends the whole datagram to dst as one frame, under the link
// header and IP headers of its first fragment: its data as far as they were
// captured without a break. wire is the frame's length without that cut. It
// reports false where the datagram is longer than an IP datagram can be.
func (d *Datagram) AppendFrame(dst []byte) (frame []byte, wire uint32, ok bool) {
	start := len(dst)
	dst, ok = d.head.place.AppendHeaders(dst, d.head.Frame, &d.head.View, d.end)
	if !ok {
		return dst, 0, false
	}
	wire = uint32(len(dst)-start) + d.end
	for i := range d.segments {
		s := &d.segments[i]
		data := s.piece.data()
		skip := min(int(s.from-s.piece.place.From), len(data))
		data = data[skip:min(int(s.to-s.piece.place.From), len(data))]
		dst = append(dst, data...)
		if uint32(len(data)) < s.to-s.from {
			break
		}
	}
	return dst, wire, true
}
