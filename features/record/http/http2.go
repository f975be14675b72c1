package http

import (
	"bytes"
	"encoding/binary"
)

// frameHeader is the length of what is in front of each frame (RFC 9113 §4.1).
const frameHeader = 9

// The frames that are read.
const (
	frameHeaders      = 1
	frameReset        = 3
	frameSettings     = 4
	framePush         = 5
	frameContinuation = 9
)

// Flags of frames.
const (
	flagEndStream  = 0x01
	flagEndHeaders = 0x04
	flagPadded     = 0x08
	flagPriority   = 0x20
)

type frameHead struct {
	length      int
	kind, flags uint8
	stream      uint32
}

func frameOf(b []byte) frameHead {
	return frameHead{
		length: int(binary.BigEndian.Uint32(b) >> 8), kind: b[3], flags: b[4],
		stream: binary.BigEndian.Uint32(b[5:]) &^ (1 << 31),
	}
}

// frame reads one frame, a header block with all frames that it is in.
func (r *Reader) frame(c *Conn, s *side, data []byte, at Mark) (used, need int, found bool, err error) {
	if len(data) < frameHeader {
		return 0, frameHeader, false, nil
	}
	h := frameOf(data)
	switch h.kind {
	case frameHeaders, framePush:
		return r.headers(c, s, data, at)
	case frameContinuation:
		return 0, 0, false, errFrame
	case frameReset:
		if i := c.findStream(h.stream); i >= 0 {
			c.take(i)
		}
	}
	return frameHeader + h.length, 0, false, nil
}

// headers reads a header block once all of it is there.
func (r *Reader) headers(c *Conn, s *side, data []byte, at Mark) (used, need int, found bool, err error) {
	end, complete, err := blockEnd(data)
	if err != nil || !complete {
		return 0, end, false, err
	}
	number := 0
	if s == &c.sides[1] {
		number = 1
	}
	if c.tables[number] == nil {
		c.tables[number] = &dynamicTable{limit: defaultTable}
	}
	h := frameOf(data)
	block, promised, err := r.fragments(data[:end])
	if err != nil {
		return 0, 0, false, err
	}
	r.hpack.table = c.tables[number]
	err = r.hpack.decode(block)
	r.work += len(block) + len(r.hpack.texts)
	if !r.pseudo() {
		return end, 0, false, err // of a trailer, or nothing at all
	}
	r.Bytes, r.Stream, r.Malformed = end, h.stream, r.Malformed || err != nil
	s.heads = true
	r.joinStream(c, h, promised, at)
	return end, 0, true, err
}

// joinStream joins the head that was read with the stream's other one.
func (r *Reader) joinStream(c *Conn, h frameHead, promised uint32, at Mark) {
	m := &r.Message
	switch {
	case h.kind == framePush:
		m.Kind, m.Stream = Push, promised
		r.ask(c, at)
	case m.Kind == Request:
		r.ask(c, at)
	default:
		c.answer(m)
	}
	length, ok := m.ContentLength()
	switch {
	case h.flags&flagEndStream != 0 || m.Kind == Push || m.Kind == Response && m.bodiless(m.method()):
		m.Body = 0
	case ok:
		m.Body = length
	default:
		m.Body = Unknown
	}
}

// maxContinuations bounds the frames of a header block: frames without content cost
// work, however little they hold.
const maxContinuations = 64

// blockEnd returns the offset behind the frames of a header block; where they are not
// all there, how many bytes the next step needs.
func blockEnd(data []byte) (end int, complete bool, err error) {
	first := frameOf(data)
	flags := first.flags
	end = frameHeader + first.length
	for range maxContinuations {
		switch {
		case end > MaxHead:
			return 0, false, ErrTooLarge
		case flags&flagEndHeaders != 0:
			return end, len(data) >= end, nil
		case len(data) < end+frameHeader:
			return end + frameHeader, false, nil
		}
		next := frameOf(data[end:])
		if next.kind != frameContinuation || next.stream != first.stream {
			return 0, false, errFrame
		}
		flags = next.flags
		end += frameHeader + next.length
	}
	return 0, false, ErrTooLarge
}

// fragments returns the header block of the frames, and the stream that a push promises.
func (r *Reader) fragments(frames []byte) (block []byte, promised uint32, err error) {
	h := frameOf(frames)
	payload, rest := frames[frameHeader:frameHeader+h.length], frames[frameHeader+h.length:]
	pad, front := 0, 0
	if h.flags&flagPadded != 0 && len(payload) > 0 {
		pad, front = int(payload[0]), 1
	}
	switch {
	case h.kind == framePush && len(payload) >= front+4:
		promised = binary.BigEndian.Uint32(payload[front:]) &^ (1 << 31)
		front += 4
	case h.kind == framePush:
		return nil, 0, errFrame
	case h.flags&flagPriority != 0:
		front += 5
	}
	if front+pad > len(payload) {
		return nil, 0, errFrame
	}
	block = payload[front : len(payload)-pad]
	if len(rest) == 0 {
		return block, promised, nil
	}
	r.block = append(r.block[:0], block...)
	for len(rest) > 0 {
		end := frameHeader + frameOf(rest).length
		r.block = append(r.block, rest[frameHeader:end]...)
		rest = rest[end:]
	}
	return r.block, promised, nil
}

// pseudo makes a head of the fields that were decoded and reports whether they are of a
// request or response.
func (r *Reader) pseudo() bool {
	r.reset()
	r.Major = 2
	for _, f := range r.hpack.fields {
		name, value := r.hpack.texts[f.start:f.middle], r.hpack.texts[f.middle:f.end]
		if len(name) > 0 && name[0] == ':' {
			r.pseudoField(name, value)
			continue
		}
		if !isToken(name) || len(r.Fields) >= maxFields {
			r.Malformed = true
			continue
		}
		r.Malformed = r.Malformed || bytes.ContainsFunc(name, func(c rune) bool { return c >= 'A' && c <= 'Z' })
		r.add(name, value)
	}
	return len(r.Method) > 0 || r.Kind == Response
}

func (r *Reader) pseudoField(name, value []byte) {
	r.Malformed = r.Malformed || len(r.Fields) > 0 // they come first
	switch string(name) {
	case ":method":
		r.Malformed = r.Malformed || !isToken(value) || len(value) > maxMethod
		if isToken(value) && len(value) <= maxMethod {
			r.Method = value
		}
	case ":path":
		r.Target = value
	case ":authority":
		r.Authority = value
	case ":status":
		status, ok := decimal(value)
		r.Kind = Response
		r.Malformed = r.Malformed || !ok || len(value) != 3
		if ok && len(value) == 3 {
			r.Status = int(status)
		}
	case ":scheme", ":protocol":
	default:
		r.Malformed = true
	}
}
