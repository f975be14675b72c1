package record

import (
	"encoding/hex"
	"errors"

	"pcapmill/features/column"
	"pcapmill/features/flow"
	"pcapmill/features/record/printable"
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
	client     tls.ClientHello
	server     tls.ServerHello
	parameters quic.Parameters
	name       []byte // of the server, escaped
	offers     []byte // ALPN of the client, escaped, with commas between them
	ja3, ja4   []byte // ja3: JA3S where the server says hello
	cut        bool   // what fingerprints are made of is not all there
	malformed  bool
	text       []byte
	prints     *tls.Prints
}

type quicParser struct {
	*table[quicMessage]
	reader  quic.Reader
	message quicMessage
}

func newQUICParser(ts *Tables) (Parser, error) {
	t, err := newTable(ts, "quic", quicColumns())
	return &quicParser{table: t, message: quicMessage{prints: tls.NewPrints()}}, err
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
func (m *quicMessage) set(e quic.Event) error {
	m.Event = e
	var err error
	switch e.Kind {
	case quic.HelloOfClient:
		err = m.client.Parse(e.Body)
		if ok := m.parameters.Parse(m.client.QUICParameters); !ok && err == nil && e.Version.Varints() {
			err = &quic.Error{Reason: quic.Params}
		}
	case quic.HelloOfServer:
		err = m.server.Parse(e.Body)
	}
	var failed *tls.Error
	m.malformed = err != nil
	m.cut = errors.As(err, &failed) && failed.Reason == tls.Cut
	m.describe()
	return err
}

// describe makes the texts that the flow's row has too.
func (m *quicMessage) describe() {
	m.name, m.offers, m.ja3, m.ja4 = m.name[:0], m.offers[:0], m.ja3[:0], m.ja4[:0]
	switch {
	case m.isServer() && !m.cut:
		m.ja3 = append(m.ja3, m.prints.Server(&m.server)...)
	case m.isClient():
		m.name = printable.AppendASCII(m.name, m.client.ServerName)
		m.offers = appendNames(m.offers, m.client.ALPN)
		if !m.cut {
			ja3, ja4 := m.prints.Client(&m.client, tls.OverQUIC)
			m.ja3, m.ja4 = append(m.ja3, ja3...), append(m.ja4, ja4...)
		}
	}
}

// say tells the flow's row.
func (m *quicMessage) say(c *Conversation) {
	switch {
	case m.isClient():
		c.Say(flow.ServerName, m.name)
		c.Say(flow.ALPN, m.offers)
		c.Say(flow.JA3, m.ja3)
		c.Say(flow.JA4, m.ja4)
	case m.isServer() && !m.server.HelloRetry && !m.cut:
		m.text = tls.AppendVersionName(m.text[:0], m.server.NegotiatedVersion())
		c.Say(flow.TLSVersion, m.text)
		c.Say(flow.JA3S, m.ja3)
	}
}

// kind names what a row is.
func (m *quicMessage) kind() string {
	if m.isServer() && m.server.HelloRetry {
		return "hello_retry_request"
	}
	return m.Kind.String()
}

func (m *quicMessage) isClient() bool { return m.Kind == quic.HelloOfClient }
func (m *quicMessage) isServer() bool { return m.Kind == quic.HelloOfServer }
func (m *quicMessage) isHello() bool  { return m.isClient() || m.isServer() }

const (
	noQUICHello     = "without a hello"
	noQUICClient    = "without a client hello"
	noQUICServer    = "without a server hello"
	noQUICClose     = "without a close"
	noQUICParameter = "without the parameter"
	rfcQUICHello    = "RFC 8446"
	rfcQUIC         = "RFC 9000"
)

// quicColumns are the columns of what was told, then those of hellos.
func quicColumns() []Def[quicMessage] {
	defs := []Def[quicMessage]{
		word("kind", "client_hello, server_hello, hello_retry_request; retry, version_negotiation, connection_close; unread, once a flow, where its packets could not be decrypted: of a version without known keys, cut short by the capture, or without the client's first packet.", (*quicMessage).kind),
		long("version", column.Int64, "Version of QUIC in the packet's header, as a number; 0 in a Version Negotiation packet.", "", func(m *quicMessage) (int64, bool) { return int64(m.Version), true }).from("RFC 8999"),
		word("version_name", "v1, v2, draft-29, Q046, mvfst-…; in hexadecimal where it has no name.", func(m *quicMessage) string { return m.Version.String() }).from("IANA QUIC Versions"),
		quicHex("dcid", "Connection ID that the packet goes to.", func(m *quicMessage) []byte { return m.DCID }).as(column.LeakProne).from(rfcQUIC),
		quicHex("scid", "Connection ID that the sender calls itself.", func(m *quicMessage) []byte { return m.SCID }).as(column.LeakProne).from(rfcQUIC),
		whole("token_bytes", "Length of the packet's token.", func(m *quicMessage) int32 { return int32(len(m.Token)) }).in(column.Bytes).from(rfcQUIC),
		long("packet_number", column.Int64, "Number of the Initial packet with which the hello was complete.", "not of an Initial packet that was decrypted", func(m *quicMessage) (int64, bool) { return m.Number, m.Number >= 0 }).as(column.LeakProne).from(rfcQUIC),
		number("packet_count", "Initial packets that brought parts of the hello.", noQUICHello, quicHelloNumber(func(m *quicMessage) int32 { return int32(m.Packets) })).in(column.Count),
		number("datagram_count", "Datagrams that brought parts of the hello.", noQUICHello, quicHelloNumber(func(m *quicMessage) int32 { return int32(m.Datagrams) })).in(column.Count),
		number("hello_bytes", "Length of the hello.", noQUICHello, quicHelloNumber(func(m *quicMessage) int32 { return int32(len(m.Body)) })).in(column.Bytes),
		longs("versions", "Versions that a Version Negotiation packet offers, or that a client hello lists, the one it has chosen first.", func(m *quicMessage, add func(int64)) {
			quic.EachVersion(m.versions(), func(v quic.Version) { add(int64(v)) })
		}).from("RFC 8999, RFC 9368"),
		long("error_code", column.Int64, "Why the connection is closed; from 256 on it is an alert of TLS and 256.", noQUICClose, quicCloseNumber(func(m *quicMessage) int64 { return int64(m.Code) })).from(rfcQUIC),
		long("error_frame_type", column.Int64, "Type of the frame that led to the close; 0 where that is not known.", noQUICClose, quicCloseNumber(func(m *quicMessage) int64 { return int64(m.FrameType) })).from(rfcQUIC),
		text("error_reason", column.String, "Reason of the close, in the sender's words; bytes that do not print as \\DDD.", noQUICClose, func(m *quicMessage, dst []byte) ([]byte, bool) {
			return printable.AppendASCII(dst, m.closeReason()), m.Kind == quic.Closed
		}).from(rfcQUIC),
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
					m.text = printable.AppendASCII(m.text[:0], protocol)
					add(m.text)
				}
			}
		}).from("RFC 7301"),
		text("tls_version", column.String, "Highest version of TLS that the client offers, or the one that the server has chosen.", noQUICHello, func(m *quicMessage, dst []byte) ([]byte, bool) {
			if m.isServer() {
				return tls.AppendVersionName(dst, m.server.NegotiatedVersion()), true
			}
			return tls.AppendVersionName(dst, m.client.MaxVersion()), m.isClient()
		}).from(rfcQUICHello),
		quicClientList("cipher_suites", "Cipher suites that the client offers, in its order, with GREASE.", func(h *tls.ClientHello) []uint16 { return h.CipherSuites }).from(rfcQUICHello),
		number("cipher_suite", "Cipher suite that the server has chosen.", noQUICServer, quicServerNumber(func(h *tls.ServerHello) uint16 { return h.CipherSuite })).from(rfcQUICHello),
		numbers("extensions", "Types of the hello's extensions, in their order, with GREASE.", func(m *quicMessage, add func(int32)) {
			switch {
			case m.isClient():
				quicAddAll(m.client.Extensions, add)
			case m.isServer():
				quicAddAll(m.server.Extensions, add)
			}
		}).from(rfcQUICHello),
		quicClientList("supported_versions", "Versions of TLS that the client offers, with GREASE.", func(h *tls.ClientHello) []uint16 { return h.SupportedVersions }).from(rfcQUICHello),
		quicClientList("groups", "Groups for the key exchange that the client offers, with GREASE.", func(h *tls.ClientHello) []uint16 { return h.Groups }).from(rfcQUICHello),
		quicClientList("key_share_groups", "Groups that the client sends a key of, with GREASE.", func(h *tls.ClientHello) []uint16 { return h.KeyShareGroups }).from(rfcQUICHello),
		number("key_share_group", "Group of the server's key.", noQUICServer, quicServerNumber(func(h *tls.ServerHello) uint16 { return h.KeyShareGroup })).from(rfcQUICHello),
		quicClientList("signature_algorithms", "Signature algorithms that the client takes.", func(h *tls.ClientHello) []uint16 { return h.SignatureAlgorithms }).from(rfcQUICHello),
		number("psk_count", "Pre-shared keys that the client offers: more than 0 where it resumes.", noQUICClient, func(m *quicMessage) (int32, bool) { return int32(m.client.PSKIdentities), m.isClient() }).in(column.Count).from(rfcQUICHello),
		number("psk_selected", "1 where the server resumes.", noQUICServer, func(m *quicMessage) (int32, bool) { return flag(m.server.PSKSelected), m.isServer() }).from(rfcQUICHello),
		number("early_data", "1 where the client sends data before the server has answered.", noQUICClient, func(m *quicMessage) (int32, bool) { return flag(m.client.EarlyData), m.isClient() }).from(rfcQUICHello),
		text("ech", column.String, "Encrypted Client Hello: none, outer, inner; an outer hello has the provider's name.", noQUICClient, func(m *quicMessage, dst []byte) ([]byte, bool) {
			return append(dst, m.client.ECH.String()...), m.isClient()
		}).from("RFC 9849"),
		quicFingerprint("ja3", "JA3 of the client hello.", "Salesforce JA3", func(m *quicMessage) ([]byte, bool) { return m.ja3, m.isClient() }),
		quicFingerprint("ja3s", "JA3S of the server hello.", "Salesforce JA3", func(m *quicMessage) ([]byte, bool) { return m.ja3, m.isServer() }),
		quicFingerprint("ja4", "JA4 of the client hello.", "FoxIO JA4", func(m *quicMessage) ([]byte, bool) { return m.ja4, m.isClient() }),
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
		}).from(rfcQUIC),
		text("user_agent", column.String, "User agent that clients of Google's give; bytes that do not print as \\DDD.", noQUICParameter, func(m *quicMessage, dst []byte) ([]byte, bool) {
			return printable.AppendASCII(dst, m.parameters.UserAgent), m.isClient() && len(m.parameters.UserAgent) > 0
		}),
	}
	for i, parameter := range quic.Numbers() {
		defs = append(defs, long(parameter.Name, column.Int64, parameter.Doc, noQUICParameter, func(m *quicMessage) (int64, bool) {
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

func quicHex(name, doc string, value func(*quicMessage) []byte) Def[quicMessage] {
	return text(name, column.String, doc+" In hexadecimal; it can be empty.", "", func(m *quicMessage, dst []byte) ([]byte, bool) {
		return hex.AppendEncode(dst, value(m)), true
	})
}

func quicHelloNumber(value func(*quicMessage) int32) func(*quicMessage) (int32, bool) {
	return func(m *quicMessage) (int32, bool) { return value(m), m.isHello() }
}

func quicCloseNumber(value func(*quicMessage) int64) func(*quicMessage) (int64, bool) {
	return func(m *quicMessage) (int64, bool) { return value(m), m.Kind == quic.Closed }
}

func quicServerNumber(value func(*tls.ServerHello) uint16) func(*quicMessage) (int32, bool) {
	return func(m *quicMessage) (int32, bool) { return int32(value(&m.server)), m.isServer() }
}

func quicClientList(name, doc string, list func(*tls.ClientHello) []uint16) Def[quicMessage] {
	return numbers(name, doc, func(m *quicMessage, add func(int32)) {
		if m.isClient() {
			quicAddAll(list(&m.client), add)
		}
	})
}

func quicAddAll(list []uint16, add func(int32)) {
	for _, v := range list {
		add(int32(v))
	}
}

func quicFingerprint(name, doc, source string, value func(*quicMessage) ([]byte, bool)) Def[quicMessage] {
	return text(name, column.String, doc, "without the hello, or where it is cut", func(m *quicMessage, dst []byte) ([]byte, bool) {
		v, ok := value(m)
		return append(dst, v...), ok && !m.cut
	}).from(source)
}
