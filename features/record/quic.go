package record

import (
	"pcapmill/features/record/printable"
	"pcapmill/features/record/quic"
	"pcapmill/features/record/tls"
	"reflect"
)

var quicProtocol = Protocol{
	Name:  "quic",
	Doc:   "hellos of both sides in QUIC's Initial packets, with what says why there are none",
	new:   newQUICParser,
	state: reflect.TypeFor[*quic.Conn](),
}

// quicMessage is an event with the hello in it.
type quicMessage struct {
	quic.Event
	hello
	parameters quic.Parameters // of the client
}

type quicParser struct {
	*table[quicMessage]
	reader  quic.Reader
	client  tls.ClientHello
	server  tls.ServerHello
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
	conn := stateOf[quic.Conn](c, quic.ConnBytes)
	before := conn.Bytes()
	err := p.reader.Read(conn, pkt.Payload, pkt.Side == 0, pkt.Cut)
	c.Reserve(conn.Bytes() - before)
	for _, e := range p.reader.Events {
		if bad := p.set(e); bad != nil && err == nil {
			err = bad
		}
		p.message.say(c)
		p.add(out, pkt, &p.message)
	}
	return err
}

// set takes an event and parses its hello.
func (p *quicParser) set(e quic.Event) error {
	m := &p.message
	m.Event, m.bytes, m.serverName = e, len(e.Body), m.serverName[:0]
	var err error
	switch e.Kind {
	case quic.HelloOfClient:
		err = p.client.Parse(e.Body)
		if ok := m.parameters.Parse(e.Version, p.client.QUICParameters); !ok && err == nil && e.Version.Varints() {
			err = &quic.Error{Reason: quic.Params}
		}
		m.serverName = printable.AppendASCII(m.serverName, p.client.ServerName)
		m.set(&p.client, nil, tls.OverQUIC, err)
	case quic.HelloOfServer:
		err = p.server.Parse(e.Body)
		m.set(nil, &p.server, tls.OverQUIC, err)
	default:
		m.set(nil, nil, tls.OverQUIC, nil)
	}
	return err
}

// kind names what a row is.
func (m *quicMessage) kind() string {
	if hello := m.hello.kind(); hello != "" {
		return hello
	}
	return m.Kind.String()
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
