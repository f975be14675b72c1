package record

import (
	"encoding/hex"

	"pcapmill/features/column"
	"pcapmill/features/record/printable"
	"pcapmill/features/record/quic"
)

const (
	noHello     = "without a hello"
	noClose     = "without a close"
	noParameter = "without the parameter"
	rfcQUIC     = "RFC 9000"
)

// quicHellos finds a row's hello.
var quicHellos helloOf[quicMessage] = func(m *quicMessage) *hello { return &m.hello }

// quicColumns are the columns of what was told, then those of hellos.
func quicColumns() []Def[quicMessage] {
	defs := quicPacketColumns()
	defs = append(defs, quicCloseColumns()...)
	defs = append(defs, serverName("Name of the server that the client asks for, of Encrypted Client Hello the outer one.", "without a server name", func(m *quicMessage) []byte { return m.serverName }))
	defs = append(defs, quicHellos.columns(noHello)...)
	defs = append(defs, quicParameterColumns()...)
	return append(defs,
		malformed("the hello or its transport parameters are not of their form", counted, func(m *quicMessage) bool { return m.malformed }))
}

// quicPacketColumns are of the packets that brought a row.
func quicPacketColumns() []Def[quicMessage] {
	return []Def[quicMessage]{
		word("kind", "client_hello, server_hello, hello_retry_request; retry, version_negotiation, connection_close; unread, once a flow, where its packets could not be decrypted: of a version without known keys, cut short by the capture, or without the client's first packet.", (*quicMessage).kind),
		long("version", column.Int64, "Version of QUIC in the packet's header, as a number; 0 in a Version Negotiation packet.", "", func(m *quicMessage) (int64, bool) { return int64(m.Version), true }).from("RFC 8999"),
		word("version_name", "v1, v2, draft-29, Q046, mvfst-…; in hexadecimal where it has no name.", func(m *quicMessage) string { return m.Version.String() }).from("IANA QUIC Versions"),
		quicHex("dcid", "Connection ID that the packet goes to.", func(m *quicMessage) []byte { return m.DCID }),
		quicHex("scid", "Connection ID that the sender calls itself.", func(m *quicMessage) []byte { return m.SCID }),
		whole("token_bytes", "Length of the packet's token.", func(m *quicMessage) int32 { return int32(len(m.Token)) }).in(column.Bytes).from(rfcQUIC),
		long("packet_number", column.Int64, "Number of the Initial packet with which the hello was complete.", "not of an Initial packet that was decrypted", func(m *quicMessage) (int64, bool) { return m.Number, m.Number >= 0 }).as(column.LeakProne).from(rfcQUIC),
		quicCount("packet_count", "Initial packets that brought parts of the hello.", func(m *quicMessage) int { return m.Packets }),
		quicCount("datagram_count", "Datagrams that brought parts of the hello.", func(m *quicMessage) int { return m.Datagrams }),
		longs("versions", "Versions that a Version Negotiation packet offers, or that a client hello lists, the one it has chosen first.", func(m *quicMessage, add func(int64)) {
			quic.EachVersion(m.versions(), func(v quic.Version) { add(int64(v)) })
		}).from("RFC 8999, RFC 9368"),
	}
}

func quicCloseColumns() []Def[quicMessage] {
	return []Def[quicMessage]{
		quicClose("error_code", "Why the connection is closed; from 256 on it is an alert of TLS and 256.", func(m *quicMessage) uint64 { return m.Code }),
		quicClose("error_frame_type", "Type of the frame that led to the close; 0 where that is not known.", func(m *quicMessage) uint64 { return m.FrameType }),
		text("error_reason", column.String, "Reason of the close, in the sender's words."+inASCII, noClose, func(m *quicMessage, dst []byte) ([]byte, bool) {
			if m.Kind != quic.Closed {
				return dst, false
			}
			return printable.AppendASCII(dst, m.Body), true
		}).from(rfcQUIC),
	}
}

// quicParameterColumns are of the client: the server's parameters are encrypted.
func quicParameterColumns() []Def[quicMessage] {
	defs := []Def[quicMessage]{
		longs("transport_parameters", "Numbers of the client's transport parameters, in their order, with those that are there to be ignored.", func(m *quicMessage, add func(int64)) {
			for _, id := range m.parameters.IDs {
				add(int64(id))
			}
		}).from(rfcQUIC),
		text("user_agent", column.String, "User agent that clients of Google's give, in transport parameter 0x3129."+inASCII, noParameter, func(m *quicMessage, dst []byte) ([]byte, bool) {
			agent := m.parameters.UserAgent
			return printable.AppendASCII(dst, agent), len(agent) > 0
		}),
	}
	for i, parameter := range quic.Numbers() {
		defs = append(defs, long(parameter.Name, column.Int64, parameter.Doc, noParameter, func(m *quicMessage) (int64, bool) {
			value, known := m.parameters.Number(i)
			return int64(value), known
		}).in(parameter.Unit).from(parameter.Source))
	}
	return where(func(m *quicMessage) bool { return m.client != nil }, defs...)
}

func quicHex(name, doc string, value func(*quicMessage) []byte) Def[quicMessage] {
	return text(name, column.String, doc+" In hexadecimal; it can be empty.", "", func(m *quicMessage, dst []byte) ([]byte, bool) {
		return hex.AppendEncode(dst, value(m)), true
	}).as(column.LeakProne).from(rfcQUIC)
}

func quicCount(name, doc string, value func(*quicMessage) int) Def[quicMessage] {
	return number(name, doc, noHello, func(m *quicMessage) (int32, bool) {
		return int32(value(m)), m.client != nil || m.server != nil
	}).in(column.Count).from(rfcQUIC)
}

func quicClose(name, doc string, value func(*quicMessage) uint64) Def[quicMessage] {
	return long(name, column.Int64, doc, noClose, func(m *quicMessage) (int64, bool) {
		return int64(value(m)), m.Kind == quic.Closed
	}).from(rfcQUIC)
}
