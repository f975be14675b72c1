package tls

import (
	"encoding/binary"

	"pcapmill/features/record/room"
)

// MaxMessage is the longest message that is read, in bytes of its body.
const MaxMessage = 64 << 10

// Types of handshake messages that a Deframer gives.
const (
	TypeClientHello       = 1
	TypeServerHello       = 2
	TypeHelloRetryRequest = 6 // drafts of TLS 1.3 before 22
	TypeCertificate       = 11
)

// Content types of records; the lowest and the highest are also the first and last known.
const (
	contentChangeCipherSpec = 20
	contentHandshake        = 22
	contentApplicationData  = 23
	contentHeartbeat        = 24
	contentSSLv2            = 128 // not a type of TLS: the fragment is a message of SSL 2.0
)

const (
	recordHeader    = 5
	handshakeHeader = 4
	maxFragment     = 1<<14 + 2048 // RFC 5246 §6.2.3
)

// Message is a handshake message.
type Message struct {
	Type    uint8
	Version uint16 // of the record that it ends in
	SSLv2   bool   // Body is for ParseSSLv2
	Body    []byte // without the header; valid until the next call of a Deframer with the same rooms
}

// Deframer takes hellos and certificates out of the bytes of one direction; the zero
// value is ready. Other messages it skips, and what is encrypted, by its records, but
// for a hello that fills one: a client may say hello again behind a change of the cipher
// (RFC 8446 appendix D.4) or early data.
type Deframer struct {
	header  [recordHeader]byte
	have    int    // bytes of the header
	content uint8  // of the record; 0 where the rest of it is skipped
	left    int    // bytes of its fragment to come
	message []byte // begun message with its header, where it does not come in one piece
	skip    int    // bytes to come of a message that is not of interest
	begun   bool   // a record was there
	sealed  bool
	closed  bool
	offset  int // of what comes next
	record  int // offset of the record
}

// Begun reports that it was given anything.
func (d *Deframer) Begun() bool { return d.offset > 0 }

// Sealed reports that what comes is encrypted, but perhaps for another hello.
func (d *Deframer) Sealed() bool { return d.sealed }

// Closed reports that no message can come any more.
func (d *Deframer) Closed() bool { return d.closed }

// SkipRecord returns how many of the bytes to come are of no interest, which need not be
// given: the rest of an encrypted record.
func (d *Deframer) SkipRecord() int {
	n := d.left
	if d.content == contentHandshake || d.content == contentSSLv2 || d.closed {
		return 0
	}
	d.left = 0
	d.offset += n
	return n
}

// Kept returns the memory that the Deframer has of a begun message.
func (d *Deframer) Kept() int { return cap(d.message) }

// Next reads on and returns how many bytes of b it has taken. Where ok, a message is
// complete, and the rest of b is to be given again; else all of b is taken. An error, a
// *Error, closes the Deframer. What does not come in one piece is kept in a room.
func (d *Deframer) Next(b []byte, rooms *room.Pool) (m Message, taken int, ok bool, err error) {
	for taken < len(b) && !ok && err == nil && !d.closed {
		rest, n := b[taken:], 0
		if d.left == 0 {
			n, err = d.takeHeader(rest, rooms)
		} else {
			m, n, ok, err = d.fragment(rest[:min(len(rest), d.left)], rooms)
			d.left -= n
		}
		taken += n
		d.offset += n
	}
	if err != nil {
		d.closed = true
	}
	if d.closed {
		taken, d.message = len(b), d.message[:0]
	}
	if len(d.message) == 0 && d.message != nil {
		rooms.Give(d.message)
		d.message = nil
	}
	return m, taken, ok, err
}

// keep adds bytes to what is kept of a message.
func (d *Deframer) keep(p []byte, rooms *room.Pool) {
	d.message = append(rooms.Grow(d.message, len(p)), p...)
}

// takeHeader takes bytes of a record's header and begins the record where it is whole.
func (d *Deframer) takeHeader(b []byte, rooms *room.Pool) (taken int, err error) {
	if d.have == 0 {
		d.record = d.offset
	}
	taken = copy(d.header[d.have:], b)
	if d.have += taken; d.have < recordHeader {
		return taken, nil
	}
	d.have = 0
	first := !d.begun
	d.begun = true
	switch content, length := d.header[0], int(binary.BigEndian.Uint16(d.header[3:])); {
	case first && isSSLv2(d.header[:]):
		d.content, d.left = contentSSLv2, sslv2Length(d.header[:])+2-recordHeader
		d.keep(d.header[2:], rooms)
	case !isRecord(d.header[:]):
		d.closed = true
		if !d.sealed && d.content != contentSSLv2 { // else there is nothing more to learn
			err = d.fail(Record)
		}
	default:
		d.content, d.left = content, length
		d.beginRecord()
	}
	return taken, err
}

// beginRecord notes what a record's type alone says.
func (d *Deframer) beginRecord() {
	if d.content == contentChangeCipherSpec || d.content == contentApplicationData {
		d.sealed = true
	}
	if d.sealed {
		d.message, d.skip = d.message[:0], 0
	}
}

// fragment takes bytes of a record, p, which do not go beyond it.
func (d *Deframer) fragment(p []byte, rooms *room.Pool) (m Message, taken int, ok bool, err error) {
	switch {
	case d.content == contentSSLv2:
		return d.sslv2(p, rooms)
	case d.content != contentHandshake:
		return m, len(p), false, nil
	case d.skip > 0:
		taken = min(d.skip, len(p))
		d.skip -= taken
		return m, taken, false, nil
	case len(d.message) == 0 && len(p) >= handshakeHeader:
		return d.start(p, rooms)
	case len(d.message) < handshakeHeader:
		taken = min(handshakeHeader-len(d.message), len(p))
		if d.keep(p[:taken], rooms); len(d.message) == handshakeHeader {
			_, err = d.judge(d.message, d.left-taken)
		}
		return m, taken, false, err
	}
	total := handshakeHeader + bodyLength(d.message)
	taken = min(total-len(d.message), len(p))
	if d.keep(p[:taken], rooms); len(d.message) < total {
		return m, taken, false, nil
	}
	m = Message{Type: d.message[0], Version: d.version(), Body: d.message[handshakeHeader:]}
	d.message = d.message[:0]
	return m, taken, true, nil
}

// start takes a message from its header on: in place where p has all of it.
func (d *Deframer) start(p []byte, rooms *room.Pool) (m Message, taken int, ok bool, err error) {
	keep, err := d.judge(p, d.left-handshakeHeader)
	if !keep {
		return m, handshakeHeader, false, err
	}
	total := handshakeHeader + bodyLength(p)
	if total > len(p) {
		d.keep(p, rooms)
		return m, len(p), false, nil
	}
	return Message{Type: p[0], Version: d.version(), Body: p[handshakeHeader:total:total]}, total, true, nil
}

// judge decides on a message by its header, behind which come left bytes of the record:
// it is of interest and kept, or skipped, or encrypted and skipped with the record.
func (d *Deframer) judge(header []byte, left int) (keep bool, err error) {
	typ, length := header[0], bodyLength(header)
	switch {
	case d.sealed && (length != left || typ == TypeCertificate):
		d.content, d.message = 0, d.message[:0]
	case !wanted(typ) || length == 0:
		d.skip, d.message = length, d.message[:0]
	case length > MaxMessage:
		return false, d.fail(Large)
	default:
		return true, nil
	}
	return false, nil
}

// sslv2 takes bytes of a message of SSL 2.0, which fills a record.
func (d *Deframer) sslv2(p []byte, rooms *room.Pool) (m Message, taken int, ok bool, err error) {
	if d.keep(p, rooms); len(p) < d.left {
		return m, len(p), false, nil
	}
	m = Message{Type: TypeClientHello, SSLv2: true, Body: d.message}
	if d.message[0] == sslv2ServerHello {
		m.Type, d.closed = TypeServerHello, true // what follows is SSL 2.0 too
	}
	d.message = d.message[:0]
	return m, len(p), true, nil
}

func (d *Deframer) version() uint16 { return binary.BigEndian.Uint16(d.header[1:]) }

func (d *Deframer) fail(reason Reason) error { return &Error{Reason: reason, Offset: d.record} }

func bodyLength(header []byte) int {
	return int(header[1])<<16 | int(header[2])<<8 | int(header[3])
}

func wanted(typ uint8) bool {
	return typ == TypeClientHello || typ == TypeServerHello || typ == TypeHelloRetryRequest || typ == TypeCertificate
}

// isRecord reports a header of a record of SSL 3.0 to TLS 1.3.
func isRecord(h []byte) bool {
	return h[0] >= contentChangeCipherSpec && h[0] <= contentHeartbeat && h[1] == 3 && h[2] <= 4 && binary.BigEndian.Uint16(h[3:]) <= maxFragment
}
