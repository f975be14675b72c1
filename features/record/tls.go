package record

import (
	"pcapmill/features/record/begin"
	"pcapmill/features/record/room"
	"pcapmill/features/record/tls"
	"reflect"
)

var tlsProtocol = Protocol{
	Name:  "tls",
	Doc:   "hellos of TLS, and of SSL 2.0 and 3.0, over TCP, with their fingerprints",
	new:   newTLSParser,
	state: reflect.TypeFor[*tlsTalk](),
}

// tlsHello is a hello with what its connection adds.
type tlsHello struct {
	hello
	record uint16 // version of the record
}

// tlsParser makes the rows of hellos and certificates.
type tlsParser struct {
	tables       *Tables
	hellos       *table[tlsHello]
	certificates *certificates
	client       tls.ClientHello
	server       tls.ServerHello
	list         tls.CertificateList
	row          tlsHello
	rooms        room.Pool
}

func newTLSParser(ts *Tables) (Parser, error) {
	hellos, err := newTable(ts, "tls", tlsColumns())
	if err != nil {
		return nil, err
	}
	certs, err := newCertificates(ts)
	return &tlsParser{tables: ts, hellos: hellos, certificates: certs}, err
}

// Hinted implements Parser.
func (p *tlsParser) Hinted(src, dst uint16) bool { return false }

// Begins implements StreamParser.
func (p *tlsParser) Begins(head []byte, _, _ uint16) begin.Answer { return tls.Begins(head) }

// Stream implements StreamParser.
func (p *tlsParser) Stream(c *Conversation, pkt *Packet, data []byte, out *Rows) (used, need int, err error) {
	talk := stateOf[tlsTalk](c, tlsTalkBytes)
	side := &talk.sides[pkt.Side]
	if !side.deframer.Begun() {
		switch tls.Begins(data) {
		case begin.No: // of the protocol that TLS took over from, which this end has yet to leave
			return len(data), 0, nil
		case begin.Perhaps:
			return 0, len(data) + 1, nil
		}
	}
	for rest := data; len(rest) > 0; {
		m, n, ok, err := side.deframer.Next(rest, &p.rooms)
		if err != nil {
			return 0, 0, err
		}
		if rest = rest[n:]; ok {
			talk.fails(p.tables, p.message(c, talk, pkt, &m, out))
		}
	}
	c.Reserve(side.deframer.Kept() - side.kept)
	side.kept = side.deframer.Kept()
	if talk.ends(pkt.Side) {
		return len(data), 0, talk.done(c, pkt.Side)
	}
	return len(data) + side.deframer.SkipRecord(), 0, nil
}

// Gap implements StreamParser. Where records begin is not known behind it.
func (p *tlsParser) Gap(*Conversation, *Packet, int64) bool { return false }

// message makes the rows of a message.
func (p *tlsParser) message(c *Conversation, talk *tlsTalk, pkt *Packet, m *tls.Message, out *Rows) error {
	switch m.Type {
	case tls.TypeCertificate:
		err := p.list.Parse(m.Body)
		p.certificates.add(out, pkt, talk, p.list.Certificates)
		return err
	case tls.TypeClientHello:
		return p.clientHello(c, talk, pkt, m, out)
	}
	return p.serverHello(c, talk, pkt, m, out)
}

func (p *tlsParser) clientHello(c *Conversation, talk *tlsTalk, pkt *Packet, m *tls.Message, out *Rows) error {
	parse := p.client.Parse
	if m.SSLv2 {
		parse = p.client.ParseSSLv2
	}
	err := parse(m.Body)
	talk.setServerName(c, p.client.ServerName)
	talk.says(pkt.Side, tls.TypeClientHello)
	p.row.set(&p.client, nil, tls.OverTCP, err)
	p.add(c, talk, pkt, m, out)
	return err
}

func (p *tlsParser) serverHello(c *Conversation, talk *tlsTalk, pkt *Packet, m *tls.Message, out *Rows) error {
	var certificate []byte
	var err error
	switch {
	case m.SSLv2:
		certificate, err = p.server.ParseSSLv2(m.Body)
	case m.Type == tls.TypeHelloRetryRequest:
		err = p.server.ParseRetry(m.Body)
	default:
		err = p.server.Parse(m.Body)
	}
	talk.says(pkt.Side, tls.TypeServerHello)
	p.row.set(nil, &p.server, tls.OverTCP, err)
	p.add(c, talk, pkt, m, out)
	talk.answered = talk.answered || p.row.answers()
	if certificate != nil {
		p.certificates.add(out, pkt, talk, [][]byte{certificate})
	}
	return err
}

// add adds the row that was set.
func (p *tlsParser) add(c *Conversation, talk *tlsTalk, pkt *Packet, m *tls.Message, out *Rows) {
	p.row.record, p.row.bytes, p.row.serverName = m.Version, len(m.Body), talk.serverName
	p.row.say(c)
	p.hellos.add(out, pkt, &p.row)
}
