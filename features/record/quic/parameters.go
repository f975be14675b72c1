package quic

import (
	"encoding/binary"

	"pcapmill/features/column"
)

// Parameter is a transport parameter of a client with a number for its value.
type Parameter struct {
	ID     uint64
	Name   string // with its unit
	Unit   column.Unit
	Source string
	Doc    string
}

// Numbers lists the parameters whose values are kept.
func Numbers() []Parameter { return numbers[:] }

const (
	rfc9000 = "RFC 9000 §18.2"
	rfc9221 = "RFC 9221 §3"
)

var numbers = [...]Parameter{
	{0x01, "max_idle_timeout_ms", column.Millis, rfc9000, "How long the connection may be idle, in milliseconds; 0 for no limit."},
	{0x03, "max_udp_payload_bytes", column.Bytes, rfc9000, "Largest UDP payload that the client takes."},
	{0x04, "initial_max_data_bytes", column.Bytes, rfc9000, "Bytes that the server may send on all streams at first."},
	{0x05, "initial_max_stream_data_bidi_local_bytes", column.Bytes, rfc9000, "Bytes that the server may send on a bidirectional stream of the client's at first."},
	{0x06, "initial_max_stream_data_bidi_remote_bytes", column.Bytes, rfc9000, "Bytes that the server may send on a bidirectional stream of its own at first."},
	{0x07, "initial_max_stream_data_uni_bytes", column.Bytes, rfc9000, "Bytes that the server may send on a unidirectional stream at first."},
	{0x08, "initial_max_streams_bidi", column.Count, rfc9000, "Bidirectional streams that the server may open at first."},
	{0x09, "initial_max_streams_uni", column.Count, rfc9000, "Unidirectional streams that the server may open at first."},
	{0x0b, "max_ack_delay_ms", column.Millis, rfc9000, "Longest delay of the client's acknowledgements, in milliseconds."},
	{0x0e, "active_connection_id_limit", column.Count, rfc9000, "Connection IDs of the server's that the client keeps."},
	{0x20, "max_datagram_frame_bytes", column.Bytes, rfc9221, "Largest DATAGRAM frame that the client takes."},
}

// Parameters with other values.
const (
	versionInformation = 0x11 // RFC 9368
	userAgent          = 0x3129
)

// Parameters are the transport parameters of a client. Parse reuses their memory; byte
// slices are parts of what it was given.
type Parameters struct {
	IDs       []uint64 // in their order, with those that are there to be ignored
	UserAgent []byte   // of Google's clients
	Versions  []byte   // that the client could speak, four bytes each; the one it has chosen first
	values    [len(numbers)]uint64
	known     [len(numbers)]bool
}

// Number returns the value of the i-th of Numbers.
func (p *Parameters) Number(i int) (value uint64, known bool) { return p.values[i], p.known[i] }

// Parse reads parameters as TLS carries them in a version, and reports whether all are
// well formed. What comes before one that is not is there.
func (p *Parameters) Parse(v Version, b []byte) bool {
	*p = Parameters{IDs: p.IDs[:0]}
	next := parameter
	if list, rest, ok := fixed(b); !v.Varints() && ok && len(rest) == 0 {
		b, next = list, fixedParameter
	}
	for len(b) > 0 {
		id, value, rest, ok := next(b)
		if !ok {
			return false
		}
		p.IDs = append(p.IDs, id)
		if !p.set(id, value) {
			return false
		}
		b = rest
	}
	return true
}

// parameter reads a parameter and what is behind it.
func parameter(b []byte) (id uint64, value, rest []byte, ok bool) {
	if id, rest, ok = varint(b); ok {
		value, rest, ok = prefixed(rest)
	}
	return id, value, rest, ok
}

// fixedParameter reads one in the form that drafts before 27 had: its number and its
// length take two bytes each, as does the length of the whole list in front of it.
func fixedParameter(b []byte) (id uint64, value, rest []byte, ok bool) {
	if len(b) < 2 {
		return 0, nil, b, false
	}
	value, rest, ok = fixed(b[2:])
	return uint64(binary.BigEndian.Uint16(b)), value, rest, ok
}

// fixed reads a length of two bytes and as many bytes.
func fixed(b []byte) (bytes, rest []byte, ok bool) {
	if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) {
		return nil, b, false
	}
	end := 2 + int(binary.BigEndian.Uint16(b))
	return b[2:end], b[end:], true
}

func (p *Parameters) set(id uint64, value []byte) bool {
	switch id {
	case userAgent:
		p.UserAgent = value
		return true
	case versionInformation:
		p.Versions = value[:len(value)&^3]
		return len(value)%4 == 0
	}
	for i := range numbers {
		if numbers[i].ID == id {
			n, rest, ok := varint(value)
			p.values[i], p.known[i] = n, ok
			return ok && len(rest) == 0
		}
	}
	return true
}

// EachVersion calls do for versions of four bytes each.
func EachVersion(list []byte, do func(Version)) {
	for ; len(list) >= 4; list = list[4:] {
		do(Version(binary.BigEndian.Uint32(list)))
	}
}
