package quic

import (
	"bytes"

	"pcapmill/features/record/room"
)

// Reader reads datagrams, of any number of connections one after another.
type Reader struct {
	Events []Event // of the last datagram

	opener opener
	bodies []byte
	rooms  room.Pool
	header Header
	// What was tried in this datagram: to derive keys costs as much as to open packets.
	triedVersion, triedNew bool
}

// Read reads a datagram that was sent forward or back; cut: its end was not captured.
// An error, a *Error, does not keep it from telling the rest. Datagrams without a long
// header cost nothing.
func (r *Reader) Read(c *Conn, b []byte, forward, cut bool) error {
	r.Events = r.Events[:0]
	if len(b) == 0 || b[0]&longForm == 0 {
		r.early(c, b)
		return nil
	}
	r.bodies, r.triedVersion, r.triedNew = r.bodies[:0], false, false
	c.datagrams++
	var failed error
	var first []byte
	drop := false
	h := &r.header
	for at := 0; at < len(b) && b[at]&longForm != 0; at += h.end {
		reason, ok := h.parse(b[at:])
		if at == 0 {
			first = h.DCID
		} else if !bytes.Equal(first, h.DCID) {
			break // of another connection, to be ignored (RFC 9000 §12.2), or no packet
		}
		if ok {
			reason, ok = r.packet(c, b[at:], forward)
		} else if cut {
			r.unread(c)
			break
		}
		if !ok && failed == nil {
			failed = &Error{reason, at}
		}
		drop = drop || ok && h.Type == Handshake && forward == c.client
	}
	if drop {
		c.dropKeys()
	}
	return failed
}

// packet reads the packet whose header was parsed.
func (r *Reader) packet(c *Conn, packet []byte, forward bool) (Reason, bool) {
	h := &r.header
	switch h.Type {
	case VersionNegotiation:
		r.tell(Event{Kind: Negotiated, Number: -1, Body: h.Versions()})
		if c.known && c.clientID.is(h.DCID) && c.dcid.is(h.SCID) {
			c.known = false // the client begins anew
		}
	case Retry:
		return r.retry(c, packet)
	case Unknown:
		r.unread(c)
	case Initial:
		return r.initial(c, packet, forward)
	}
	return 0, true
}

// tell adds an event of the packet.
func (r *Reader) tell(e Event) {
	h := &r.header
	e.Version, e.DCID, e.SCID, e.Token = h.Version, h.DCID, h.SCID, h.Token
	r.Events = append(r.Events, e)
}

// unread tells, once, that a connection cannot be read.
func (r *Reader) unread(c *Conn) {
	if !c.told && !c.known {
		c.told = true
		r.tell(Event{Kind: Unread, Number: -1})
	}
}

// early tells of a connection in one of Google's first versions.
func (r *Reader) early(c *Conn, b []byte) {
	if c.known || c.told {
		return
	}
	if v, dcid, ok := earlyHeader(b); ok {
		r.header = Header{Version: v, Type: Unknown, DCID: dcid}
		r.unread(c)
	}
}

// retry takes up the connection ID that a server asks for, if it is the server.
func (r *Reader) retry(c *Conn, packet []byte) (Reason, bool) {
	h := &r.header
	switch p := h.Version.crypto(); {
	case c.known && c.retried && p.answers(packet, c.before.bytes[:c.before.length]):
		return 0, true // it comes again, and the client takes one
	case c.known && !p.answers(packet, c.dcid.bytes[:c.dcid.length]):
		return Tag, false
	}
	r.tell(Event{Kind: Retried, Number: -1})
	if c.known {
		c.again(h.SCID)
	}
	return 0, true
}

// initial opens an Initial packet and reads its frames.
func (r *Reader) initial(c *Conn, packet []byte, forward bool) (Reason, bool) {
	payload, number, ok := r.openKnown(c, packet, forward)
	if !ok {
		payload, number, ok = r.openNew(c, packet, forward)
	}
	if !ok {
		r.unread(c) // or of somebody who does not know the keys
		return 0, true
	}
	s := &c.sides[sideOf(c, forward)]
	s.largest = max(s.largest, number)
	p := opened{number: number, hello: HelloOfServer}
	if forward == c.client {
		p.hello = HelloOfClient
	}
	return r.frames(c, s, payload, p)
}

// openKnown opens a packet of the connection. Its server may have answered in another
// version that the client offered (RFC 9368 §2.3), whose keys derive from the same
// connection ID.
func (r *Reader) openKnown(c *Conn, packet []byte, forward bool) (payload []byte, number int64, ok bool) {
	h := &r.header
	s := &c.sides[sideOf(c, forward)]
	switch {
	case !c.known:
		return nil, 0, false
	case h.Version == c.version && s.keys.known:
		return r.opener.open(&s.keys, h, packet, s.largest)
	case h.Version != c.version && r.triedVersion:
		return nil, 0, false
	}
	r.triedVersion = r.triedVersion || h.Version != c.version
	both, ok := derive(h.Version, c.dcid.bytes[:c.dcid.length])
	if !ok {
		return nil, 0, false
	}
	payload, number, ok = r.opener.open(&both[sideOf(c, forward)], h, packet, s.largest)
	if ok || h.Version == c.version {
		c.version, c.sides[0].keys, c.sides[1].keys = h.Version, both[0], both[1]
	}
	return payload, number, ok
}

// openNew opens the first packet of a connection, which is the client's.
func (r *Reader) openNew(c *Conn, packet []byte, forward bool) (payload []byte, number int64, ok bool) {
	h := &r.header
	if r.triedNew || c.retried && forward == c.client && h.Version == c.version && c.before.is(h.DCID) {
		return nil, 0, false // in the second case it was on its way when the Retry came
	}
	r.triedNew = true
	both, ok := derive(h.Version, h.DCID)
	if !ok {
		return nil, 0, false
	}
	if payload, number, ok = r.opener.open(&both[0], h, packet, -1); ok {
		c.begin(h, forward)
		c.sides[0].keys, c.sides[1].keys = both[0], both[1]
	}
	return payload, number, ok
}

// derive returns the keys of both sides.
func derive(v Version, dcid []byte) (both [2]keys, ok bool) {
	c := v.crypto()
	if c == nil || len(dcid) > maxID {
		return both, false
	}
	return deriveKeys(c, dcid), true
}

// opened is an Initial packet whose frames are read.
type opened struct {
	number  int64
	hello   Kind // that its sender says
	counted bool // it brought something new
}

// count notes that the packet brought something new.
func (p *opened) count(c *Conn, s *side) {
	if !p.counted {
		s.count(c.datagrams)
		p.counted = true
	}
}

// frames reads a payload.
func (r *Reader) frames(c *Conn, s *side, payload []byte, p opened) (Reason, bool) {
	for {
		f, rest, more, ok := nextFrame(payload, c.version == google51)
		if !ok {
			return Frame, false
		}
		if !more {
			return 0, true
		}
		payload = rest
		if f.kind == frameClose {
			r.closed(s, &f, p.number)
			return 0, true // nothing matters behind it
		}
		if reason, ok := r.crypto(c, s, &f, &p); !ok {
			return reason, false
		}
	}
}

// crypto reads a CRYPTO frame.
func (r *Reader) crypto(c *Conn, s *side, f *frame, p *opened) (Reason, bool) {
	if body, ok := s.stream.take(f.offset, f.data, p.hello.message(), &r.rooms); ok {
		p.count(c, s)
		from := len(r.bodies)
		r.bodies = append(r.bodies, body...)
		r.said(c, s, p, r.bodies[from:])
		return 0, true
	}
	had := len(s.stream.kept)
	if reason, ok := s.stream.add(f.offset, f.data, &r.rooms); !ok {
		return reason, false
	}
	if len(s.stream.kept) > had {
		p.count(c, s)
	}
	return r.hellos(c, s, p)
}

// hellos tells what messages are whole.
func (r *Reader) hellos(c *Conn, s *side, p *opened) (Reason, bool) {
	for {
		from := len(r.bodies)
		grown, whole, reason, ok := s.stream.next(r.bodies, p.hello.message(), &r.rooms)
		r.bodies = grown
		if !ok || !whole {
			return reason, ok
		}
		r.said(c, s, p, r.bodies[from:])
	}
}

// said tells of a hello. The packet may have a part of the next one too.
func (r *Reader) said(c *Conn, s *side, p *opened, body []byte) {
	r.tell(Event{Kind: p.hello, Number: p.number, Packets: s.packets, Datagrams: s.datagrams, Body: body})
	s.packets, s.datagrams, p.counted = 0, 0, false
	if len(s.stream.pieces) > 0 {
		p.count(c, s)
	}
}

// closed tells, once a side, that it closes the connection.
func (r *Reader) closed(s *side, f *frame, number int64) {
	if s.closed {
		return
	}
	s.closed = true
	from := len(r.bodies)
	r.bodies = append(r.bodies, f.data...)
	r.tell(Event{Kind: Closed, Number: number, Body: r.bodies[from:], Code: f.code, FrameType: f.of})
}
