package record

import (
	"errors"

	"pcapmill/features/flow"
	"pcapmill/features/record/begin"
	"pcapmill/features/record/printable"
	"pcapmill/features/record/tls"
)

var tlsProtocol = Protocol{
	Name: "tls",
	Doc:  "hellos of TLS, and of SSL 2.0 and 3.0, over TCP, with their fingerprints",
	new:  newTLSParser,
}

// tlsHello is a hello with what its connection adds; one of client and server is set.
type tlsHello struct {
	client     *tls.ClientHello
	server     *tls.ServerHello
	record     uint16 // version of the record
	bytes      int
	serverName []byte // printable
	malformed  bool
	cut        bool // what fingerprints are made of is not all there
	scratch    []byte

	ja3, ja3s, ja4 []byte // empty where there is none
}

// tlsConversation is what is known of a connection.
type tlsConversation struct {
	sides      [2]tlsSide
	serverName []byte // printable
	offers     []byte // ALPN of the client, printable, with commas between them
	answered   bool   // the server has said hello, and did not ask for another
	failed     error  // first that was malformed
}

type tlsSide struct {
	deframer tls.Deframer
	hello    uint8 // type of the last: this end is client or server
	hellos   int
	kept     int // reserved
	done     bool
}

// tlsParser makes the rows of hellos and certificates.
type tlsParser struct {
	hellos       *table[tlsHello]
	certificates *certificates
	client       tls.ClientHello
	server       tls.ServerHello
	list         tls.CertificateList
	row          tlsHello
	prints       *tls.Prints
	text         []byte
}

func newTLSParser(ts *Tables) (Parser, error) {
	hellos, err := newTable(ts, "tls", tlsColumns())
	if err != nil {
		return nil, err
	}
	certs, err := newCertificates(ts)
	return &tlsParser{hellos: hellos, certificates: certs, prints: tls.NewPrints()}, err
}

// Hinted implements Parser.
func (p *tlsParser) Hinted(src, dst uint16) bool { return false }

// Begins implements StreamParser.
func (p *tlsParser) Begins(head []byte, _ *Packet) begin.Answer { return tls.Begins(head) }

// conversationBytes is about what a tlsConversation takes.
const conversationBytes = 256

// Stream implements StreamParser.
func (p *tlsParser) Stream(c *Conversation, pkt *Packet, data []byte, out *Rows) (used, need int, err error) {
	state, _ := c.State.(*tlsConversation)
	if state == nil {
		state = new(tlsConversation)
		c.State = state
		c.Reserve(conversationBytes)
	}
	side := &state.sides[pkt.Side]
	if !side.deframer.Begun() && tls.Begins(data) == begin.No {
		return len(data), 0, nil // of the protocol that TLS took over from, which this end has yet to leave
	}
	for rest := data; len(rest) > 0; {
		m, n, ok, err := side.deframer.Next(rest)
		if err != nil {
			return 0, 0, err
		}
		if rest = rest[n:]; ok {
			p.message(c, state, pkt, &m, out)
		}
	}
	c.Reserve(side.deframer.Kept() - side.kept)
	side.kept = side.deframer.Kept()
	if state.ends(pkt.Side) {
		return len(data), 0, state.done(pkt.Side)
	}
	return len(data) + side.deframer.SkipRecord(), 0, nil
}

// ends reports whether a direction has nothing more to say in the clear: it is
// encrypted, and no other hello can come.
func (s *tlsConversation) ends(side uint8) bool {
	from := &s.sides[side]
	switch {
	case from.deframer.Closed():
		return true
	case !from.deframer.Sealed():
		return false
	case from.hello == tls.TypeClientHello:
		return s.answered || from.hellos > 1
	}
	return s.answered || from.hellos == 0
}

// done ends a direction; what was malformed is an error once both are at their end.
func (s *tlsConversation) done(side uint8) error {
	if s.sides[side].done = true; s.sides[1-side].done && s.failed != nil {
		return s.failed
	}
	return ErrDone
}

// Gap implements StreamParser. Where records begin is not known behind it.
func (p *tlsParser) Gap(*Conversation, *Packet, int64) bool { return false }

// message makes the rows of a message.
func (p *tlsParser) message(c *Conversation, state *tlsConversation, pkt *Packet, m *tls.Message, out *Rows) {
	var err error
	switch {
	case m.Type == tls.TypeCertificate:
		err = p.list.Parse(m.Body)
		p.certificates.add(out, pkt, state, p.list.Certificates)
	case m.Type == tls.TypeClientHello:
		err = p.clientHello(c, state, pkt, m, out)
	default:
		err = p.serverHello(c, state, pkt, m, out)
	}
	if err != nil && state.failed == nil {
		state.failed = err
	}
}

func (p *tlsParser) clientHello(c *Conversation, state *tlsConversation, pkt *Packet, m *tls.Message, out *Rows) error {
	h := &p.client
	parse := h.Parse
	if m.SSLv2 {
		parse = h.ParseSSLv2
	}
	err := parse(m.Body)
	state.says(pkt.Side, tls.TypeClientHello)
	before := cap(state.serverName) + cap(state.offers)
	state.serverName = printable.AppendASCII(state.serverName[:0], h.ServerName)
	state.offers = appendNames(state.offers[:0], h.ALPN)
	c.Reserve(cap(state.serverName) + cap(state.offers) - before)
	p.add(out, pkt, tlsHello{client: h, record: m.Version, bytes: len(m.Body), serverName: state.serverName}, err)
	c.Say(flow.ServerName, state.serverName)
	c.Say(flow.ALPN, state.offers)
	c.Say(flow.JA3, p.row.ja3)
	c.Say(flow.JA4, p.row.ja4)
	return err
}

func (p *tlsParser) serverHello(c *Conversation, state *tlsConversation, pkt *Packet, m *tls.Message, out *Rows) error {
	h := &p.server
	var certificate []byte
	var err error
	switch {
	case m.SSLv2:
		certificate, err = h.ParseSSLv2(m.Body)
	case m.Type == tls.TypeHelloRetryRequest:
		err = h.ParseRetry(m.Body)
	default:
		err = h.Parse(m.Body)
	}
	state.says(pkt.Side, tls.TypeServerHello)
	p.add(out, pkt, tlsHello{server: h, record: m.Version, bytes: len(m.Body), serverName: state.serverName}, err)
	if certificate != nil {
		p.certificates.add(out, pkt, state, [][]byte{certificate})
	}
	if h.HelloRetry || p.row.cut {
		return err
	}
	state.answered = true
	p.text = tls.AppendVersionName(p.text[:0], h.NegotiatedVersion())
	c.Say(flow.TLSVersion, p.text)
	if len(h.ALPN) > 0 {
		p.text = printable.AppendDelimited(p.text[:0], h.ALPN, ',')
		c.Correct(flow.ALPN, p.text)
	}
	c.Say(flow.JA3S, p.row.ja3s)
	return err
}

// says notes that an end has said hello.
func (s *tlsConversation) says(side, hello uint8) {
	from := &s.sides[side]
	from.hello, from.hellos = hello, from.hellos+1
}

func (p *tlsParser) add(out *Rows, pkt *Packet, row tlsHello, err error) {
	var failed *tls.Error
	row.malformed = errors.As(err, &failed)
	row.cut = row.malformed && failed.Reason == tls.Cut
	row.scratch = p.row.scratch
	switch {
	case row.cut:
	case row.client != nil && !row.client.SSLv2:
		row.ja3, row.ja4 = p.prints.Client(row.client, tls.OverTCP)
	case row.server != nil && !row.server.SSLv2:
		row.ja3s = p.prints.Server(row.server)
	}
	p.row = row
	p.hellos.add(out, pkt, &p.row)
}

// appendNames appends names with commas between them.
func appendNames(dst []byte, names [][]byte) []byte {
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = printable.AppendDelimited(dst, name, ',')
	}
	return dst
}

func (m *tlsHello) appendJA3(dst []byte) ([]byte, bool) { return append(dst, m.ja3...), len(m.ja3) > 0 }
func (m *tlsHello) appendJA4(dst []byte) ([]byte, bool) { return append(dst, m.ja4...), len(m.ja4) > 0 }
func (m *tlsHello) appendJA3S(dst []byte) ([]byte, bool) {
	return append(dst, m.ja3s...), len(m.ja3s) > 0
}
