package http

import (
	"bytes"

	"pcapmill/features/record/begin"
)

// Message is a head and what the connection says about it.
type Message struct {
	Head
	Host     []byte // that a request names, without a user
	URI      []byte // of a request: its target without query, fragment and user
	Exchange int64  // number of the request within the connection, from 1, and of its responses
	Request  *Asked // that a response answers; nil where it is not known
	Unqueued bool   // too many requests wait: the response will not be joined
	Body     int64  // length of the body, as it is framed, or Unknown
}

// Reader reads heads, one after the other, of any number of connections. Its memory is
// used again for each.
type Reader struct {
	Message
	texts []byte // of folded fields
	uri   []byte
	block []byte // header block of HTTP/2 whose frames are joined
	hpack hpackDecoder
	work  int // bytes looked at, what tests hold to be linear
}

// Next reads what a side has sent, from what it has not used, to the end of the next
// head, which is then the Reader's Message. It returns how many bytes it has used, more
// than there are where those that follow are to be skipped, and how many, unused ones
// included, there must be before it can go on. On an error, what could be read of a
// head, if anything was found, is the Message all the same.
func (r *Reader) Next(c *Conn, number uint8, data []byte, at Mark) (used, need int, found bool, err error) {
	s := &c.sides[number]
	for {
		r.work++
		var n int
		n, need, found, err = r.step(c, s, data[used:], at)
		used += n
		if found || err != nil || used >= len(data) || n == 0 {
			return used, need, found, err
		}
	}
}

// step reads one part of a message.
func (r *Reader) step(c *Conn, s *side, data []byte, at Mark) (used, need int, found bool, err error) {
	switch s.state {
	case atHead:
		return r.head(c, s, data, at)
	case atFrame:
		return r.frame(c, s, data, at)
	case atEnd:
		return len(data), 0, false, ErrDone
	case atData:
		return chunkEnd(c, s, data)
	}
	end := bytes.IndexByte(data[s.seen:], '\n')
	r.work += len(data) - s.seen
	if end < 0 {
		return unfinished(c, s, data)
	}
	line := data[:s.seen+end]
	r.work -= len(data) - len(line)
	s.seen = 0
	if s.state == atChunk {
		return chunk(c, s, line)
	}
	s.trailer(c, line)
	return len(line) + 1, 0, false, nil
}

// head reads a head of HTTP/1 or finds that HTTP/2 begins.
func (r *Reader) head(c *Conn, s *side, data []byte, at Mark) (used, need int, found bool, err error) {
	blank := blankLines(data)
	b := data[blank:]
	r.work += returns(b)
	switch answer := c.begins(s, b); {
	case answer == begin.Perhaps:
		return blank, 0, false, nil
	case answer == begin.No && len(b) <= maxEarly && c.waits(s):
		s.seen = len(b)
		r.work += blank
		return blank, 0, false, nil
	case answer == begin.No && s.waits && s.seen > 0: // what has waited, in vain; a head may follow
		used = s.seen
		c.lose(s)
		return used, 0, false, nil
	case answer == begin.No:
		c.lose(s)
		return len(data), 0, false, nil
	case s.state == atEnd:
		return len(data), 0, false, ErrDone
	case s.state == atFrame && len(b) >= len(preface) && string(b[:len(preface)]) == preface:
		return blank + len(preface), 0, false, nil
	case s.state == atFrame:
		used, need, found, err = r.frame(c, s, b, at)
		return blank + used, need, found, err
	}
	end, seen := headEnd(b, s.seen)
	r.work += max(end, seen) - s.seen
	s.seen = seen
	if end < 0 && len(b) < MaxHead {
		return blank, 0, false, nil
	}
	if end < 0 || end > MaxHead {
		end, err = MaxHead, ErrTooLarge
	}
	ok, many := r.parse(b[:end])
	if !ok {
		c.lose(s)
		return blank + end, 0, false, nil
	}
	s.seen, s.heads = 0, true
	if err != nil || many != nil {
		r.Malformed = true
		err = ErrTooLarge
	}
	skip, ends := r.message(c, s, at)
	if err == nil {
		err = ends
	}
	return blank + end + skip, 0, true, err
}

// begins says whether a head begins at b; where frames do, the side's state says so.
func (c *Conn) begins(s *side, b []byte) begin.Answer {
	if len(b) == 0 || !s.heads && len(b) < len(preface) && prefixOf(b, preface) {
		return begin.Perhaps
	}
	frames := bytes.HasPrefix(b, []byte(preface))
	if !frames && c.http2 && b[0] != version[0] {
		return s.firstFrame(b)
	}
	if !frames && b[0] == 0 {
		answer := settings(b)
		frames = answer == begin.Yes
		if !frames {
			return answer
		}
	}
	if !frames {
		return starts(b)
	}
	c.http2, s.state = true, atFrame
	return begin.Yes
}

// firstFrame says whether frames of a side begin at b, as the other side's have. What does
// not begin with SETTINGS (RFC 9113 §3.4) lacks its first frames, and what the table holds
// of them: then the side is at its end.
func (s *side) firstFrame(b []byte) begin.Answer {
	if len(b) < frameHeader {
		return begin.Perhaps
	}
	s.state = atFrame
	if h := frameOf(b); h.kind != frameSettings || h.stream != 0 {
		s.state = atEnd
	}
	return begin.Yes
}

// blankLines counts the bytes of the empty lines that b begins with.
func blankLines(b []byte) int {
	n := 0
	for {
		switch rest := b[n:]; {
		case len(rest) > 0 && rest[0] == '\n':
			n++
		case len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n':
			n += 2
		case len(rest) > 1 && rest[0] == '\r' && rest[1] == '\r': // else they would be looked at again with each one
			n++
		default:
			return n
		}
	}
}

// returns counts the carriage returns that b begins with, which what finds heads skips.
func returns(b []byte) (n int) {
	for n < len(b) && b[n] == '\r' {
		n++
	}
	return n
}

// message joins the head that was read with what is known of the connection, and says
// how many bytes of its body to skip.
func (r *Reader) message(c *Conn, s *side, at Mark) (skip int, err error) {
	m := &r.Message
	if m.Kind == Request {
		r.ask(c, at)
		s.waits = !m.Unqueued && isConnect(m.Method)
	} else {
		c.answer(m)
	}
	f, length := m.framing(m.method())
	m.Body = length
	switch f {
	case byChunks:
		s.state = atChunk
	case untilClose:
		s.state = atEnd
		return 0, ErrDone
	case tunnel:
		if m.toHTTP2() {
			c.restart(m.Request)
			return 0, nil
		}
		c.sides[0].state, c.sides[1].state = atEnd, atEnd
		return 0, ErrTunnel
	}
	return int(max(length, 0)), nil
}

// method returns that of the request that a response answers, nil where it is not known.
func (m *Message) method() []byte {
	if m.Request == nil {
		return nil
	}
	return m.Request.Method()
}

// toHTTP2 reports a response behind which both sides go on with HTTP/2 (RFC 7540 §3.2).
func (m *Message) toHTTP2() bool {
	protocol, _ := m.Get(Upgrade)
	return m.Status == 101 && is(protocol, "h2c")
}

// ask notes the request that was read.
func (r *Reader) ask(c *Conn, at Mark) {
	r.uri = r.appendTarget(r.uri[:0])
	r.Host, r.URI = r.host(), r.uri
	c.ask(&r.Message, at)
}

// unfinished waits for the rest of a line between or behind chunks.
func unfinished(c *Conn, s *side, data []byte) (used, need int, found bool, err error) {
	if s.seen = len(data); s.seen > maxLine {
		c.lose(s)
		return len(data), 0, false, nil
	}
	return 0, 0, false, nil
}

// maxEarly is how much is kept of what is sent behind a CONNECT without waiting for the
// answer: a few hellos of TLS.
const maxEarly = 1 << 14

// maxLine is the longest line of a chunk or trailer.
const maxLine = 1 << 14

// chunk reads the line in front of a chunk: its length and extensions.
func chunk(c *Conn, s *side, line []byte) (used, need int, found bool, err error) {
	length, ok := chunkLength(line)
	if !ok || len(line) > maxLine {
		c.lose(s)
		return len(line) + 1, 0, false, nil
	}
	s.state = atData
	if length == 0 {
		s.state = atTrailer
	}
	return len(line) + 1 + length, 0, false, nil
}

func chunkLength(line []byte) (length int, ok bool) {
	digits := 0
	for digits < len(line) {
		value, hex := hexDigit(line[digits])
		if !hex {
			break
		}
		if length > maxBody>>4 {
			return 0, false
		}
		length = length<<4 | value
		digits++
	}
	rest := trim(line[digits:])
	return length, digits > 0 && (len(rest) == 0 || rest[0] == ';')
}

func hexDigit(c byte) (int, bool) {
	switch {
	case isDigit(c):
		return int(c - '0'), true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10, true
	}
	return 0, false
}

// chunkEnd takes the end of line behind a chunk's data.
func chunkEnd(c *Conn, s *side, data []byte) (used, need int, found bool, err error) {
	switch {
	case len(data) == 0, len(data) == 1 && data[0] == '\r':
		return 0, 0, false, nil
	case data[0] == '\n':
		s.state = atChunk
		return 1, 0, false, nil
	case data[0] == '\r' && data[1] == '\n':
		s.state = atChunk
		return 2, 0, false, nil
	}
	c.lose(s)
	return len(data), 0, false, nil
}

// trailer takes a line of the trailer.
func (s *side) trailer(c *Conn, line []byte) {
	s.lines++
	s.bytes += len(line)
	switch {
	case len(line) == 0, len(line) == 1 && line[0] == '\r':
		*s = side{heads: s.heads}
	case s.lines > maxFields || s.bytes > MaxHead || len(line) > maxLine:
		c.lose(s)
	}
}
