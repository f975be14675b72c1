package record

import (
	"pcapmill/features/column"
	"pcapmill/features/record/printable"
	"pcapmill/features/record/tls"
)

const (
	noServerName = "without a server name, or the client's hello was not seen"
	rfcTLS12     = "RFC 5246"
	draftNPN     = "draft-agl-tls-nextprotoneg"
)

// tlsHellos finds a row's hello.
var tlsHellos helloOf[tlsHello] = func(m *tlsHello) *hello { return &m.hello }

// tlsColumns are those that all hellos have, then those of TLS over TCP alone.
func tlsColumns() []Def[tlsHello] {
	defs := []Def[tlsHello]{
		word("kind", "client_hello, server_hello, hello_retry_request.", func(m *tlsHello) string { return m.kind() }).from(rfcTLS),
		serverName("Name of the server that the client asks for, of Encrypted Client Hello the outer one; also in the server's rows.", noServerName, func(m *tlsHello) []byte { return m.serverName }),
	}
	defs = append(defs, tlsHellos.columns("")...)
	defs = append(defs, tlsFieldColumns()...)
	defs = append(defs, tlsExtensionColumns()...)
	return append(defs,
		malformed("the hello is not of its form", " Of a connection the first one is counted in the manifest.", func(m *tlsHello) bool { return m.malformed }))
}

// tlsFieldColumns are of the fields in front of the extensions, and of SSL 2.0.
func tlsFieldColumns() []Def[tlsHello] {
	defs := []Def[tlsHello]{
		whole("hello_version", "Version in the hello's own field: 771 in TLS 1.2 and 1.3.", (*tlsHello).ownVersion).from(rfcTLS),
		number("record_version", "Version in the header of the record.", "in the format of SSL 2.0", func(m *tlsHello) (int32, bool) { return int32(m.record), !m.isSSLv2() }).from(rfcTLS),
		tlsBinary("random", "Random of the hello; of SSL 2.0 the client's challenge.", "cut off", func(h *tls.ClientHello) []byte { return h.Random }, func(h *tls.ServerHello) []byte { return h.Random }),
		tlsBinary("session_id", "Session ID.", "empty", func(h *tls.ClientHello) []byte { return h.SessionID }, func(h *tls.ServerHello) []byte { return h.SessionID }),
	}
	defs = append(defs, tlsHellos.ofClient(
		clientList("compression_methods", "Compression methods that the client offers.", rfcTLS12, func(h *tls.ClientHello) []byte { return h.CompressionMethods }),
	)...)
	defs = append(defs, tlsHellos.ofServer(
		serverChoice("compression_method", "Compression method that the server has chosen.", rfcTLS12, func(h *tls.ServerHello) int32 { return int32(h.CompressionMethod) }),
	)...)
	return append(defs, tlsHellos.ofClient(
		clientNumber("sslv2_format", "1 where the hello is in the format of SSL 2.0.", rfcTLS12, func(h *tls.ClientHello) int32 { return flag(h.SSLv2) }),
		clientNumber("sslv2_cipher_count", "Cipher kinds of such a hello, those of TLS included.", rfcTLS12, func(h *tls.ClientHello) int32 { return int32(len(h.SSLv2Ciphers) / 3) }).in(column.Count),
	)...)
}

// tlsExtensionColumns are of extensions that QUIC has no use for.
func tlsExtensionColumns() []Def[tlsHello] {
	defs := tlsHellos.ofClient(
		clientList("point_formats", "Point formats that the client takes.", "RFC 8422", func(h *tls.ClientHello) []byte { return h.PointFormats }),
		clientNumber("ticket_bytes", "Length of the session ticket with which the client resumes; 0 without one.", "RFC 5077", func(h *tls.ClientHello) int32 { return int32(len(h.Ticket)) }).in(column.Bytes),
	)
	defs = append(defs, tlsHellos.ofServer(
		serverNumber("sct_count", "Signed certificate timestamps in the server's hello.", "RFC 6962", func(h *tls.ServerHello) int32 { return int32(len(h.SCTs)) }).in(column.Count),
		wordsOf("next_protocols", "Protocols that the server offers for Next Protocol Negotiation."+inASCII, func(h *tls.ServerHello) [][]byte { return h.NextProtocols }).printed(printable.AppendASCII).from(draftNPN),
	)...)
	return append(defs,
		tlsBit("next_protocol_negotiation", "1 with the extension, of either side.", draftNPN, func(h *tls.ClientHello) bool { return h.NextProtocols }, func(h *tls.ServerHello) bool { return h.NextProtocolNegotiation }),
		tlsBit("ocsp_stapling", "1 with the extension status_request.", "RFC 6066", func(h *tls.ClientHello) bool { return h.OCSPStapling }, func(h *tls.ServerHello) bool { return h.OCSPStapling }),
		tlsBit("session_ticket", "1 with the extension session_ticket.", "RFC 5077", func(h *tls.ClientHello) bool { return h.SessionTicket }, func(h *tls.ServerHello) bool { return h.SessionTicket }),
		tlsBit("extended_master_secret", "1 with the extension.", "RFC 7627", func(h *tls.ClientHello) bool { return h.ExtendedMaster }, func(h *tls.ServerHello) bool { return h.ExtendedMaster }),
		tlsBit("secure_renegotiation", "1 with the extension renegotiation_info, or the client's cipher suite 255 in its place.", "RFC 5746", func(h *tls.ClientHello) bool { return h.SecureRenegotiation }, func(h *tls.ServerHello) bool { return h.SecureRenegotiation }),
		tlsBinary("cookie", "Cookie of a hello retry request and of the hello that follows it.", "without the extension", func(h *tls.ClientHello) []byte { return h.Cookie }, func(h *tls.ServerHello) []byte { return h.Cookie }),
	)
}

func (m *tlsHello) ownVersion() int32 {
	if m.client != nil {
		return int32(m.client.Version)
	}
	return int32(m.server.Version)
}

// tlsBinary declares bytes of whichever side's hello it is; empty ones are unknown.
func tlsBinary(name, doc, null string, client func(*tls.ClientHello) []byte, server func(*tls.ServerHello) []byte) Def[tlsHello] {
	return text(name, column.Binary, doc, null, func(m *tlsHello, dst []byte) ([]byte, bool) {
		var b []byte
		if m.client != nil {
			b = client(m.client)
		} else {
			b = server(m.server)
		}
		return append(dst, b...), len(b) > 0
	}).as(column.LeakProne).from(rfcTLS)
}

// tlsBit declares what either side can say.
func tlsBit(name, doc, source string, client func(*tls.ClientHello) bool, server func(*tls.ServerHello) bool) Def[tlsHello] {
	return bit(name, doc, func(m *tlsHello) bool {
		if m.client != nil {
			return client(m.client)
		}
		return server(m.server)
	}).from(source)
}
