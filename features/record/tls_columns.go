package record

import (
	"pcapmill/features/column"
	"pcapmill/features/record/printable"
	"pcapmill/features/record/tls"
)

const (
	notClient    = "not of a client"
	notServer    = "not of a server"
	noServerName = "without a server name, or the client's hello was not seen"
	noJA         = "not of this side, of SSL 2.0, or the hello ends inside a field"
	rfcTLS       = "RFC 8446"
)

// tlsColumns are those of the hello, then those of one side's.
func tlsColumns() []Def[tlsHello] {
	defs := []Def[tlsHello]{
		word("kind", "client_hello, server_hello, hello_retry_request.", (*tlsHello).kind).from(rfcTLS),
		text("server_name", column.String, "Name of the server that the client asks for, of Encrypted Client Hello the outer one; also in the server's rows. Bytes that do not print as \\DDD.", noServerName, func(m *tlsHello, dst []byte) ([]byte, bool) {
			return append(dst, m.serverName...), len(m.serverName) > 0
		}).as(column.LeakProne).from("RFC 6066"),
		text("tls_version", column.String, "Highest version that the client offers, or the one that the server has chosen: SSLv2, SSLv3, TLSv1.0 to TLSv1.3, TLSv1.3-draft23; others in hexadecimal.", "", func(m *tlsHello, dst []byte) ([]byte, bool) {
			return tls.AppendVersionName(dst, m.version()), true
		}).from(rfcTLS),
		whole("hello_version", "Version in the hello's own field: 771 in TLS 1.2 and 1.3.", func(m *tlsHello) int32 { return int32(m.ownVersion()) }).from(rfcTLS),
		number("record_version", "Version in the header of the record.", "in the format of SSL 2.0", func(m *tlsHello) (int32, bool) { return int32(m.record), !m.isSSLv2() }).from(rfcTLS),
		text("random", column.Binary, "Random of the hello; of SSL 2.0 the client's challenge.", "not there", either(func(h *tls.ClientHello) []byte { return h.Random }, func(h *tls.ServerHello) []byte { return h.Random })).as(column.LeakProne).from(rfcTLS),
		text("session_id", column.Binary, "Session ID.", "empty", either(func(h *tls.ClientHello) []byte { return h.SessionID }, func(h *tls.ServerHello) []byte { return h.SessionID })).as(column.LeakProne).from(rfcTLS),
		words("alpn", "Application protocols that the client offers, in its order, or the one that the server has chosen; in TLS 1.3 that is encrypted. Bytes that do not print as \\DDD.", (*tlsHello).eachALPN).from("RFC 7301"),
		numbers("extensions", "Types of the extensions in their order, with GREASE.", func(m *tlsHello, add func(int32)) {
			if m.client != nil {
				eachNumber(m.client.Extensions, add)
			} else {
				eachNumber(m.server.Extensions, add)
			}
		}).from(rfcTLS),
	}
	defs = append(defs, tlsClientColumns()...)
	defs = append(defs, tlsServerColumns()...)
	return append(defs,
		text("ja3", column.String, "JA3: MD5 of version, cipher suites, extensions, groups and point formats.", noJA, (*tlsHello).appendJA3).from("Salesforce JA3"),
		text("ja3s", column.String, "JA3S: MD5 of version, cipher suite and extensions.", noJA, (*tlsHello).appendJA3S).from("Salesforce JA3"),
		text("ja4", column.String, "JA4. The rest of its family is under a licence that does not allow it here.", noJA, (*tlsHello).appendJA4).from("FoxIO JA4"),
		whole("hello_bytes", "Length of the message without its header.", func(m *tlsHello) int32 { return int32(m.bytes) }).in(column.Bytes),
		bit("malformed", "1 where the hello is not of its form: what could be read is here.", func(m *tlsHello) bool { return m.malformed }),
	)
}

func tlsClientColumns() []Def[tlsHello] {
	list := func(name, doc, source string, of func(*tls.ClientHello) []uint16) Def[tlsHello] {
		return numbers(name, doc, func(m *tlsHello, add func(int32)) {
			if m.client != nil {
				eachNumber(of(m.client), add)
			}
		}).from(source)
	}
	bytes := func(name, doc, source string, of func(*tls.ClientHello) []byte) Def[tlsHello] {
		return numbers(name, doc, func(m *tlsHello, add func(int32)) {
			if m.client != nil {
				eachByte(of(m.client), add)
			}
		}).from(source)
	}
	one := func(name, doc, source string, of func(*tls.ClientHello) int32) Def[tlsHello] {
		return number(name, doc, notClient, func(m *tlsHello) (int32, bool) {
			if m.client == nil {
				return 0, false
			}
			return of(m.client), true
		}).from(source)
	}
	return []Def[tlsHello]{
		list("cipher_suites", "Cipher suites that the client offers, in its order, with GREASE; of an SSL 2.0 hello those that are also of TLS.", rfcTLS, func(h *tls.ClientHello) []uint16 { return h.CipherSuites }),
		bytes("compression_methods", "Compression methods that the client offers.", "RFC 5246", func(h *tls.ClientHello) []byte { return h.CompressionMethods }),
		list("supported_versions", "Versions that the client offers in the extension, with GREASE.", rfcTLS, func(h *tls.ClientHello) []uint16 { return h.SupportedVersions }),
		list("signature_algorithms", "Signature algorithms that the client takes.", rfcTLS, func(h *tls.ClientHello) []uint16 { return h.SignatureAlgorithms }),
		list("groups", "Groups for the key exchange that the client offers, with GREASE.", "RFC 8422, RFC 8446", func(h *tls.ClientHello) []uint16 { return h.Groups }),
		bytes("point_formats", "Point formats that the client takes.", "RFC 8422", func(h *tls.ClientHello) []byte { return h.PointFormats }),
		list("key_share_groups", "Groups that the client sends a key of, with GREASE.", rfcTLS, func(h *tls.ClientHello) []uint16 { return h.KeyShareGroups }),
		one("ticket_bytes", "Length of the session ticket with which the client resumes; 0 without one.", "RFC 5077", func(h *tls.ClientHello) int32 { return int32(len(h.Ticket)) }).in(column.Bytes),
		one("psk_count", "Pre-shared keys that the client offers: more than 0 where it resumes in TLS 1.3.", rfcTLS, func(h *tls.ClientHello) int32 { return int32(h.PSKIdentities) }).in(column.Count),
		one("early_data", "1 where the client sends data before the server has answered.", rfcTLS, func(h *tls.ClientHello) int32 { return flag(h.EarlyData) }),
		text("ech", column.String, "Encrypted Client Hello: none, outer, inner; an outer hello has the provider's name.", notClient, func(m *tlsHello, dst []byte) ([]byte, bool) {
			if m.client == nil {
				return dst, false
			}
			return append(dst, m.client.ECH.String()...), true
		}).from("RFC 9849"),
		one("sslv2_format", "1 where the hello is in the format of SSL 2.0.", "RFC 5246", func(h *tls.ClientHello) int32 { return flag(h.SSLv2) }),
		one("sslv2_cipher_count", "Cipher kinds of such a hello, those of TLS included.", "RFC 5246", func(h *tls.ClientHello) int32 { return int32(len(h.SSLv2Ciphers) / 3) }).in(column.Count),
	}
}

func tlsServerColumns() []Def[tlsHello] {
	one := func(name, doc, source string, of func(*tls.ServerHello) int32) Def[tlsHello] {
		return number(name, doc, notServer, func(m *tlsHello) (int32, bool) {
			if m.server == nil {
				return 0, false
			}
			return of(m.server), true
		}).from(source)
	}
	both := func(name, doc, source string, c func(*tls.ClientHello) bool, s func(*tls.ServerHello) bool) Def[tlsHello] {
		return bit(name, doc, func(m *tlsHello) bool {
			if m.client != nil {
				return c(m.client)
			}
			return s(m.server)
		}).from(source)
	}
	return []Def[tlsHello]{
		one("cipher_suite", "Cipher suite that the server has chosen.", rfcTLS, func(h *tls.ServerHello) int32 { return int32(h.CipherSuite) }),
		one("compression_method", "Compression method that the server has chosen.", "RFC 5246", func(h *tls.ServerHello) int32 { return int32(h.CompressionMethod) }),
		one("key_share_group", "Group of the server's key, or that it asks for; 0 without.", rfcTLS, func(h *tls.ServerHello) int32 { return int32(h.KeyShareGroup) }),
		one("psk_selected", "1 where the server resumes in TLS 1.3.", rfcTLS, func(h *tls.ServerHello) int32 { return flag(h.PSKSelected) }),
		one("sct_count", "Signed certificate timestamps in the server's hello.", "RFC 6962", func(h *tls.ServerHello) int32 { return int32(len(h.SCTs)) }).in(column.Count),
		words("next_protocols", "Protocols that the server offers for Next Protocol Negotiation. Bytes that do not print as \\DDD.", func(m *tlsHello, add func([]byte)) {
			if m.server != nil {
				m.eachName(m.server.NextProtocols, add)
			}
		}).from("draft-agl-tls-nextprotoneg"),
		both("next_protocol_negotiation", "1 with the extension, of either side.", "draft-agl-tls-nextprotoneg", func(h *tls.ClientHello) bool { return h.NextProtocols }, func(h *tls.ServerHello) bool { return h.NextProtocolNegotiation }),
		both("ocsp_stapling", "1 with the extension status_request.", "RFC 6066", func(h *tls.ClientHello) bool { return h.OCSPStapling }, func(h *tls.ServerHello) bool { return h.OCSPStapling }),
		both("session_ticket", "1 with the extension session_ticket.", "RFC 5077", func(h *tls.ClientHello) bool { return h.SessionTicket }, func(h *tls.ServerHello) bool { return h.SessionTicket }),
		both("extended_master_secret", "1 with the extension.", "RFC 7627", func(h *tls.ClientHello) bool { return h.ExtendedMaster }, func(h *tls.ServerHello) bool { return h.ExtendedMaster }),
		both("secure_renegotiation", "1 with the extension renegotiation_info, or the client's cipher suite 255 in its place.", "RFC 5746", func(h *tls.ClientHello) bool { return h.SecureRenegotiation }, func(h *tls.ServerHello) bool { return h.SecureRenegotiation }),
		text("cookie", column.Binary, "Cookie of a hello retry request and of the hello that follows it.", "without", either(func(h *tls.ClientHello) []byte { return h.Cookie }, func(h *tls.ServerHello) []byte { return h.Cookie })).as(column.LeakProne).from(rfcTLS),
	}
}

func (m *tlsHello) kind() string {
	switch {
	case m.client != nil:
		return "client_hello"
	case m.server.HelloRetry:
		return "hello_retry_request"
	}
	return "server_hello"
}

func (m *tlsHello) version() uint16 {
	if m.client != nil {
		return m.client.MaxVersion()
	}
	return m.server.NegotiatedVersion()
}

func (m *tlsHello) ownVersion() uint16 {
	if m.client != nil {
		return m.client.Version
	}
	return m.server.Version
}

func (m *tlsHello) isSSLv2() bool {
	return m.client != nil && m.client.SSLv2 || m.server != nil && m.server.SSLv2
}

func (m *tlsHello) eachALPN(add func([]byte)) {
	if m.client != nil {
		m.eachName(m.client.ALPN, add)
	} else if m.server.ALPN != nil {
		m.scratch = printable.AppendASCII(m.scratch[:0], m.server.ALPN)
		add(m.scratch)
	}
}

func (m *tlsHello) eachName(names [][]byte, add func([]byte)) {
	for _, name := range names {
		m.scratch = printable.AppendASCII(m.scratch[:0], name)
		add(m.scratch)
	}
}

// either takes bytes of whichever side's hello it is; empty ones are unknown.
func either(c func(*tls.ClientHello) []byte, s func(*tls.ServerHello) []byte) func(*tlsHello, []byte) ([]byte, bool) {
	return func(m *tlsHello, dst []byte) ([]byte, bool) {
		var b []byte
		if m.client != nil {
			b = c(m.client)
		} else {
			b = s(m.server)
		}
		return append(dst, b...), len(b) > 0
	}
}

func eachNumber(list []uint16, add func(int32)) {
	for _, v := range list {
		add(int32(v))
	}
}

func eachByte(list []byte, add func(int32)) {
	for _, v := range list {
		add(int32(v))
	}
}
