package record

import (
	"encoding/hex"

	"pcapmill/features/column"
	"pcapmill/features/flow"
	"pcapmill/features/record/escape"
	"pcapmill/features/record/quic"
	"pcapmill/features/record/tls"
)

var quicProtocol = Protocol{
	Name: "quic",
	Doc:  "hellos of both sides in QUIC's Initial packets, with what says why there are none",
	new:  newQUICParser,
}

// quicMessage is an event with the hello in it.
type quicMessage struct {
	quic.Event
	client       tls.ClientHello
	server       tls.ServerHello
	parameters   quic.Parameters
	name         []byte // of the server, printable
	protocols    []byte // printable, with commas
	ja3, ja4     []byte // ja3: JA3S where the server says hello
	fingerprints bool   // the hello has its form, so that they mean something
	malformed    bool
}

type quicParser struct {
	*table[quicMessage]
	reader  quic.Reader
	message quicMessage
}

func newQUICParser(ts *Tables) (Parser, error) {
	t, err := newTable(ts, "quic", quicColumns())
	return &quicParser{table: t}, err
}

// Hinted implements Parser.
func (p *quicParser) Hinted(src, dst uint16) bool { return quic.Hint(src, dst) }

// Recognise implements DatagramParser.
func (p *quicParser) Recognise(pkt *Packet) bool { return quic.Recognise(pkt.Payload, pkt.Cut) }

// Datagram implements DatagramParser.
func (p *quicParser) Datagram(c *Conversation, pkt *Packet, out *Rows) error {
	if !quic.HasLongHeader(pkt.Payload) {
		return nil // nearly all of a connection's
	}
	conn, _ := c.State.(*quic.Conn)
	if conn == nil {
		conn = new(quic.Conn)
		c.State = conn
		c.Reserve(conn.Bytes())
	}
	before := conn.Bytes()
	err := p.reader.Read(conn, pkt.Payload, pkt.Side == 0, pkt.Cut)
	c.Reserve(conn.Bytes() - before)
	for _, e := range p.reader.Events {
		if bad := p.message.set(e); bad != nil && err == nil {
			err = bad
		}
		p.message.say(c)
		p.add(out, pkt, &p.message)
	}
	return err
}

// set takes an event and parses its hello.
func (m *quicMessage) set(e quic.Event) (err error) {
	m.Event = e
	m.name, m.protocols, m.ja3, m.ja4, m.fingerprints = m.name[:0], m.protocols[:0], m.ja3[:0], m.ja4[:0], false
	switch e.Kind {
	case quic.HelloOfClient:
		err = m.client.Parse(e.Body)
		wellFormed := m.parameters.Parse(m.client.QUICParameters)
		m.malformed = err != nil || !wellFormed && e.Version.Varints()
		m.describeClient(err == nil)
	case quic.HelloOfServer:
		err = m.server.Parse(e.Body)
		m.malformed = err != nil
		if m.fingerprints = err == nil; m.fingerprints {
			m.ja3 = m.server.AppendJA3S(m.ja3)
		}
	default:
		m.malformed = false
	}
	return err
}

func (m *quicMessage) describeClient(fingerprints bool) {
	m.name = escape.Append(m.name, m.client.ServerName, 0)
	for i, protocol := range m.client.ALPN {
		if i > 0 {
			m.protocols = append(m.protocols, ',')
		}
		m.protocols = escape.Append(m.protocols, protocol, ',')
	}
	if m.fingerprints = fingerprints; fingerprints {
		m.ja3 = m.client.AppendJA3(m.ja3)
		m.ja4 = m.client.AppendJA4(m.ja4, tls.OverQUIC)
	}
}

// say tells the flow's row.
func (m *quicMessage) say(c *Conversation) {
	switch m.kind() {
	case "client_hello":
		c.Say(flow.ServerName, m.name)
		c.Say(flow.ALPN, m.protocols)
		c.Say(flow.JA3, m.ja3)
		c.Say(flow.JA4, m.ja4)
	case "server_hello":
		c.Say(flow.TLSVersion, []byte(tlsOfQUIC(m.server.NegotiatedVersion())))
		c.Say(flow.JA3S, m.ja3)
	}
}

// tlsOfQUIC names the version of TLS: there is none before 1.3.
func tlsOfQUIC(version uint16) string {
	if version == 0x0304 {
		return "TLSv1.3"
	}
	return "0x" + hex.EncodeToString([]byte{byte(version >> 8), byte(version)})
}

// kind names what a row is.
func (m *quicMessage) kind() string {
	if m.Kind == quic.HelloOfServer && m.server.HelloRetry {
		return "hello_retry_request"
	}
	return m.Kind.String()
}

func (m *quicMessage) isClient() bool { return m.Kind == quic.HelloOfClient }
func (m *quicMessage) isServer() bool { return m.Kind == quic.HelloOfServer }
func (m *quicMessage) isHello() bool  { return m.isClient() || m.isServer() }

const (
	noHello       = "without a hello"
	noClientHello = "without a client hello"
	noServerHello = "without a server hello"
	noClose       = "without a close"
	noParameter   = "without the parameter"
	rfc8446       = "RFC 8446"
	rfc9000       = "RFC 9000"
)

// quicColumns are the columns of what was told, then those of hellos.
func quicColumns() []Def[quicMessage] {
	defs := []Def[quicMessage]{
		word("kind", "client_hello, server_hello, hello_retry_request; retry, version_negotiation, connection_close; unread, once a flow, where its packets could not be decrypted: of a version without known keys, cut short by the capture, or without the client's first packet.", (*quicMessage).kind),
		long("version", column.Int64, "Version of QUIC in the packet's header, as a number; 0 in a Version Negotiation packet.", "", func(m *quicMessage) (int64, bool) { return int64(m.Version), true }).from("RFC 8999"),
		word("version_name", "v1, v2, draft-29, Q046, mvfst-…; in hexadecimal where it has no name.", func(m *quicMessage) string { return m.Version.String() }).from("IANA QUIC Versions"),
		hexText("dcid", "Connection ID that the packet goes to.", func(m *quicMessage) []byte { return m.DCID }).as(column.LeakProne).from(rfc9000),
		hexText("scid", "Connection ID that the sender calls itself.", func(m *quicMessage) []byte { return m.SCID }).as(column.LeakProne).from(rfc9000),
		whole("token_bytes", "Length of the packet's token.", func(m *quicMessage) int32 { return int32(len(m.Token)) }).in(column.Bytes).from(rfc9000),
		long("packet_number", column.Int64, "Number of the Initial packet with which the hello was complete.", "not of an Initial packet that was decrypted", func(m *quicMessage) (int64, bool) { return m.Number, m.Number >= 0 }).as(column.LeakProne).from(rfc9000),
		number("packet_count", "Initial packets that brought parts of the hello.", noHello, ofHello(func(m *quicMessage) int32 { return int32(m.Packets) })).in(column.Count),
		number("datagram_count", "Datagrams that brought parts of the hello.", noHello, ofHello(func(m *quicMessage) int32 { return int32(m.Datagrams) })).in(column.Count),
		number("hello_bytes", "Length of the hello.", noHello, ofHello(func(m *quicMessage) int32 { return int32(len(m.Body)) })).in(column.Bytes),
		longs("versions", "Versions that a Version Negotiation packet offers, or that a client hello lists, the one it has chosen first.", func(m *quicMessage, add func(int64)) {
			quic.EachVersion(m.versions(), func(v quic.Version) { add(int64(v)) })
		}).from("RFC 8999, RFC 9368"),
		long("error_code", column.Int64, "Why the connection is closed; from 256 on it is an alert of TLS and 256.", noClose, ofClose(func(m *quicMessage) int64 { return int64(m.Code) })).from(rfc9000),
		long("error_frame_type", column.Int64, "Type of the frame that led to the close; 0 where that is not known.", noClose, ofClose(func(m *quicMessage) int64 { return int64(m.FrameType) })).from(rfc9000),
		text("error_reason", column.String, "Reason of the close, in the sender's words; bytes that do not print as \\DDD.", noClose, func(m *quicMessage, dst []byte) ([]byte, bool) {
			return escape.Append(dst, m.closeReason(), 0), m.Kind == quic.Closed
		}).from(rfc9000),
	}
	defs = append(defs, quicHelloColumns()...)
	defs = append(defs, quicParameterColumns()...)
	return append(defs,
		bit("malformed", "1 where the hello or its transport parameters cannot be read to their end: what comes before that is here.", func(m *quicMessage) bool { return m.malformed }))
}

func quicHelloColumns() []Def[quicMessage] {
	return []Def[quicMessage]{
		text("server_name", column.String, "Name of the server that the client asks for; bytes that do not print as \\DDD.", "without a server name", func(m *quicMessage, dst []byte) ([]byte, bool) {
			return append(dst, m.name...), len(m.name) > 0
		}).from("RFC 6066"),
		words("alpn", "Application protocols that the client offers. What the server chooses is encrypted.", func(m *quicMessage, add func([]byte)) {
			if m.isClient() {
				for _, protocol := range m.client.ALPN {
					m.protocols = escape.Append(m.protocols[:0], protocol, 0)
					add(m.protocols)
				}
			}
		}).from("RFC 7301"),
		text("tls_version", column.String, "Highest version of TLS that the client offers, or the one that the server has chosen.", noHello, func(m *quicMessage, dst []byte) ([]byte, bool) {
			if m.isServer() {
				return append(dst, tlsOfQUIC(m.server.NegotiatedVersion())...), true
			}
			return append(dst, tlsOfQUIC(m.client.MaxVersion())...), m.isClient()
		}).from(rfc8446),
		ofClient("cipher_suites", "Cipher suites that the client offers, in its order, with GREASE.", func(h *tls.ClientHello) []uint16 { return h.CipherSuites }).from(rfc8446),
		number("cipher_suite", "Cipher suite that the server has chosen.", noServerHello, ofServer(func(h *tls.ServerHello) uint16 { return h.CipherSuite })).from(rfc8446),
		numbers("extensions", "Types of the hello's extensions, in their order, with GREASE.", func(m *quicMessage, add func(int32)) {
			switch {
			case m.isClient():
				addAll(m.client.Extensions, add)
			case m.isServer():
				addAll(m.server.Extensions, add)
			}
		}).from(rfc8446),
		ofClient("supported_versions", "Versions of TLS that the client offers, with GREASE.", func(h *tls.ClientHello) []uint16 { return h.SupportedVersions }).from(rfc8446),
		ofClient("groups", "Groups for the key exchange that the client offers, with GREASE.", func(h *tls.ClientHello) []uint16 { return h.Groups }).from(rfc8446),
		ofClient("key_share_groups", "Groups that the client sends a key of, with GREASE.", func(h *tls.ClientHello) []uint16 { return h.KeyShareGroups }).from(rfc8446),
		number("key_share_group", "Group of the server's key.", noServerHello, ofServer(func(h *tls.ServerHello) uint16 { return h.KeyShareGroup })).from(rfc8446),
		ofClient("signature_algorithms", "Signature algorithms that the client takes.", func(h *tls.ClientHello) []uint16 { return h.SignatureAlgorithms }).from(rfc8446),
		number("psk_count", "Pre-shared keys that the client offers: more than 0 where it resumes.", noClientHello, func(m *quicMessage) (int32, bool) { return int32(m.client.PSKIdentities), m.isClient() }).in(column.Count).from(rfc8446),
		number("psk_selected", "1 where the server resumes.", noServerHello, func(m *quicMessage) (int32, bool) { return flag(m.server.PSKSelected), m.isServer() }).from(rfc8446),
		number("early_data", "1 where the client sends data before the server has answered.", noClientHello, func(m *quicMessage) (int32, bool) { return flag(m.client.EarlyData), m.isClient() }).from(rfc8446),
		text("ech", column.String, "Encrypted Client Hello: none, outer, inner; an outer hello has the provider's name.", noClientHello, func(m *quicMessage, dst []byte) ([]byte, bool) {
			return append(dst, m.client.ECH.String()...), m.isClient()
		}).from("RFC 9849"),
		fingerprint("ja3", "JA3 of the client hello.", "Salesforce JA3", func(m *quicMessage) ([]byte, bool) { return m.ja3, m.isClient() }),
		fingerprint("ja3s", "JA3S of the server hello.", "Salesforce JA3", func(m *quicMessage) ([]byte, bool) { return m.ja3, m.isServer() }),
		fingerprint("ja4", "JA4 of the client hello.", "FoxIO JA4", func(m *quicMessage) ([]byte, bool) { return m.ja4, m.isClient() }),
	}
}

// quicParameterColumns are of the client: the server's parameters are encrypted.
func quicParameterColumns() []Def[quicMessage] {
	defs := []Def[quicMessage]{
		longs("transport_parameters", "Numbers of the client's transport parameters, in their order, with those that are there to be ignored.", func(m *quicMessage, add func(int64)) {
			if m.isClient() {
				for _, id := range m.parameters.IDs {
					add(int64(id))
				}
			}
		}).from(rfc9000),
		text("user_agent", column.String, "User agent that clients of Google's give; bytes that do not print as \\DDD.", noParameter, func(m *quicMessage, dst []byte) ([]byte, bool) {
			return escape.Append(dst, m.parameters.UserAgent, 0), m.isClient() && len(m.parameters.UserAgent) > 0
		}),
	}
	for i, parameter := range quic.Numbers() {
		defs = append(defs, long(parameter.Name, column.Int64, parameter.Doc, noParameter, func(m *quicMessage) (int64, bool) {
			value, known := m.parameters.Number(i)
			return int64(value), known && m.isClient()
		}).from("RFC 9000, RFC 9221"))
	}
	return defs
}

// versions are those that a packet or a hello lists.
func (m *quicMessage) versions() []byte {
	switch m.Kind {
	case quic.Negotiated:
		return m.Body
	case quic.HelloOfClient:
		return m.parameters.Versions
	}
	return nil
}

func (m *quicMessage) closeReason() []byte {
	if m.Kind != quic.Closed {
		return nil
	}
	return m.Body
}

func hexText(name, doc string, value func(*quicMessage) []byte) Def[quicMessage] {
	return text(name, column.String, doc+" In hexadecimal; it can be empty.", "", func(m *quicMessage, dst []byte) ([]byte, bool) {
		return hex.AppendEncode(dst, value(m)), true
	})
}

func ofHello(value func(*quicMessage) int32) func(*quicMessage) (int32, bool) {
	return func(m *quicMessage) (int32, bool) { return value(m), m.isHello() }
}

func ofClose(value func(*quicMessage) int64) func(*quicMessage) (int64, bool) {
	return func(m *quicMessage) (int64, bool) { return value(m), m.Kind == quic.Closed }
}

func ofServer(value func(*tls.ServerHello) uint16) func(*quicMessage) (int32, bool) {
	return func(m *quicMessage) (int32, bool) { return int32(value(&m.server)), m.isServer() }
}

func ofClient(name, doc string, list func(*tls.ClientHello) []uint16) Def[quicMessage] {
	return numbers(name, doc, func(m *quicMessage, add func(int32)) {
		if m.isClient() {
			addAll(list(&m.client), add)
		}
	})
}

func addAll(list []uint16, add func(int32)) {
	for _, v := range list {
		add(int32(v))
	}
}

func fingerprint(name, doc, source string, value func(*quicMessage) ([]byte, bool)) Def[quicMessage] {
	return text(name, column.String, doc, "without a hello of its form", func(m *quicMessage, dst []byte) ([]byte, bool) {
		v, ok := value(m)
		return append(dst, v...), ok && m.fingerprints
	}).from(source)
}
