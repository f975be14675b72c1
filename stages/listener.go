package stages

import (
	"errors"

	"pcapmill/features/record"
	"pcapmill/features/record/begin"
	"pcapmill/ingest/packet"
	"pcapmill/stages/stream"
)

// listener gives the streams of a packet's flow to the flow's parser. It implements
// stream.Consumer.
type listener struct {
	rc       *recorder
	t        *flowTable
	b        *packet.Block
	v        *packet.View
	id       uint32
	number   int64 // of the View
	h        *heard
	c        *talk
	known    bool // p is of this packet
	attached bool // to a parser, if only for a part of the bytes delivered last
	p        record.Packet
}

// packet returns the packet for a direction: what is complete only with an
// acknowledgement of the other side has come from this one.
func (l *listener) packet(dir stream.Dir) *record.Packet {
	if !l.known {
		setPacket(&l.p, l.t, l.b, l.v, l.id)
		l.known = true
	}
	if p := &l.p; stream.Dir(p.Side) != dir {
		p.Src, p.Dst, p.SrcPort, p.DstPort = p.Dst, p.Src, p.DstPort, p.SrcPort
		p.Forward, p.Side = !p.Forward, 1-p.Side
	}
	return &l.p
}

// ports returns those of a direction's sender and receiver.
func (l *listener) ports(dir stream.Dir) (src, dst uint16) {
	if stream.Dir(side(l.v)) == dir {
		return l.v.SrcPort, l.v.DstPort
	}
	return l.v.DstPort, l.v.SrcPort
}

// Deliver implements stream.Consumer.
func (l *listener) Deliver(dir stream.Dir, data []byte) {
	r := &l.c.tcp.sides[dir]
	if l.rc.store != nil {
		l.rc.save(&l.c.tcp.saved[dir], data)
	}
	if r.deaf {
		return
	}
	if skip := min(r.skip, int64(len(data))); skip > 0 {
		r.skip -= skip
		data = data[skip:]
	}
	if len(data) == 0 {
		return
	}
	if len(r.unused) == 0 {
		l.read(dir, data)
		return
	}
	r.unused = append(r.unused, data...)
	l.attached = l.c.tcp.parser >= 0
	l.read(dir, r.unused)
	if !l.attached && len(r.unused) == 0 { // the beginning was of something else
		l.read(dir, data)
	}
}

// read offers all unused bytes of a direction to the parser, and keeps what is left.
func (l *listener) read(dir stream.Dir, data []byte) {
	r := &l.c.tcp.sides[dir]
	for len(data) >= r.need {
		used, again := l.parse(dir, data)
		if r.deaf {
			return
		}
		if used > len(data) {
			r.skip, data = int64(used-len(data)), nil
			break
		}
		if data = data[used:]; !again || len(data) == 0 {
			break
		}
	}
	if len(data) > record.MaxUnused || r.need > record.MaxUnused {
		l.detach(errUnused)
		return
	}
	l.keep(r, data)
}

// keep remembers bytes that were not used.
func (l *listener) keep(r *reading, data []byte) {
	if len(data) > 0 && len(data) == len(r.unused) && &data[0] == &r.unused[0] {
		return // to copy all of a message with each of its bytes would take long
	}
	if r.unused = append(r.unused[:0], data...); len(data) == 0 && cap(r.unused) > ordinaryUnused {
		r.unused = nil
	}
}

// ordinaryUnused is how much memory for unused bytes is kept while there are none.
const ordinaryUnused = 2048

// parse lets the parser read, or looks for one. It returns the bytes used, and whether
// the rest is to be read at once.
func (l *listener) parse(dir stream.Dir, data []byte) (used int, again bool) {
	tcp := l.c.tcp
	r := &tcp.sides[dir]
	if tcp.parser < 0 {
		if l.recognise(dir, data) {
			return 0, true
		}
		if r.need == 0 {
			return len(data), false
		}
		return 0, false
	}
	p := l.packet(dir)
	used, need, err := l.rc.streams[tcp.parser].Stream(&l.c.Conversation, p, data, l.rc.rows)
	r.need = need
	if l.c.Spent() {
		err = errExpansion
	}
	l.rc.note(l.t, l.v, l.number)
	l.rc.faults(l.b, l.v, l.number, tcp.parser)
	switch {
	case err == nil:
		return used, false
	case errors.Is(err, record.ErrDone):
		r.stop()
	case errors.Is(err, record.ErrSwitch):
		tcp.parser = -1
		l.c.Forget()
		r.need, tcp.sides[1-dir].need = 0, 0
		return used, used <= len(data)
	default:
		l.detach(err)
	}
	return 0, false
}

// recognise looks for the parser of bytes of a direction, and reports whether there is
// one. Where none knows them the next segment is asked: protocols begin in the middle
// of others (STARTTLS, proxies), and captures in the middle of connections.
func (l *listener) recognise(dir stream.Dir, data []byte) bool {
	r := &l.c.tcp.sides[dir]
	first, perhaps := head(data), false
	src, dst := l.ports(dir)
	for i, p := range l.rc.streams {
		if p == nil {
			continue
		}
		switch p.Begins(first, src, dst) {
		case begin.Perhaps:
			perhaps = true
		case begin.Yes:
			l.attach(dir, i)
			return true
		}
	}
	if r.need = len(first) + 1; !perhaps || len(first) == record.MaxHead {
		l.forget(r)
	}
	return false
}

// forget drops the unused bytes of a direction.
func (l *listener) forget(r *reading) {
	r.unused, r.need, r.skip = r.unused[:0], 0, 0
}

// attach gives the flow to a parser. What the other direction has waiting is read
// first where it came first.
func (l *listener) attach(dir stream.Dir, parser int) {
	tcp := l.c.tcp
	tcp.parser = parser
	l.attached = true
	l.rc.recognised(l.t, l.h, l.id, parser)
	tcp.sides[dir].need = 0
	other := &tcp.sides[1-dir]
	other.need = 0
	src, dst := l.ports(dir)
	switch waiting := other.unused; {
	case len(waiting) == 0:
	case l.rc.streams[parser].Begins(head(waiting), dst, src) == begin.No:
		l.forget(other)
	default:
		l.read(1-dir, waiting)
	}
}

// Why a flow is left that no parser complains about.
var (
	errUnused    = &fault{"message_too_long", "message too long"} // longer than what is kept of a direction
	errExpansion = &fault{"expansion", "messages expand too far"} // its rows come to far more than its packets: see Conversation.Spent
)

// fault is an error with a word for the errors table.
type fault struct{ word, text string }

// Error implements error.
func (f *fault) Error() string { return f.text }

// Fault implements record.Fault.
func (f *fault) Fault() (reason string, offset int) { return f.word, -1 }

// detach ends what is read of the flow, because of err.
func (l *listener) detach(err error) {
	tcp := l.c.tcp
	if tcp.parser >= 0 {
		l.rc.malformed(l.b, l.v, l.number, tcp.parser, err)
	}
	tcp.sides[0].stop()
	tcp.sides[1].stop()
	l.c.Forget()
}

// Gap implements stream.Consumer.
func (l *listener) Gap(dir stream.Dir, n int64) {
	tcp := l.c.tcp
	r := &tcp.sides[dir]
	if l.rc.store != nil {
		l.rc.saveGap(&tcp.saved[dir], n)
	}
	if r.deaf {
		return
	}
	if r.skip >= n {
		r.skip -= n
		return
	}
	n -= r.skip
	l.forget(r)
	if tcp.parser >= 0 && !l.rc.streams[tcp.parser].Gap(&l.c.Conversation, l.packet(dir), n) {
		r.stop()
	}
}

// Restart implements stream.Consumer.
func (l *listener) Restart() {
	tcp := l.c.tcp
	if l.rc.store != nil {
		l.rc.publish(tcp, l.t.arena.row(l.id))
		tcp.connection++
	}
	tcp.sides = [2]reading{}
	tcp.parser = -1
	l.c.Forget()
}
