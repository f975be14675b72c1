package record

import (
	"reflect"

	"pcapmill/features/record/dns"
)

var dnsProtocol = Protocol{
	Name:  "dns",
	Doc:   "messages of DNS, mDNS, LLMNR and the NetBIOS name service over UDP and TCP, questions and answers as lists",
	new:   newDNSParser,
	state: reflect.TypeFor[*dnsTalk](),
}

// dnsMessage is a message with what its packet adds.
type dnsMessage struct {
	dns.Message
	bytes     int
	cut       bool // the capture lacks its end
	malformed bool
	exchange  exchange
}

type dnsParser struct {
	*table[dnsMessage]
	tables  *Tables
	message dnsMessage
	lower   []byte // memory of ask
}

func newDNSParser(ts *Tables) (Parser, error) {
	t, err := newTable(ts, "dns", dnsColumns())
	return &dnsParser{table: t, tables: ts}, err
}

// Hinted implements Parser.
func (p *dnsParser) Hinted(src, dst uint16) bool {
	_, known := dns.Hint(src, dst)
	return known
}

// Recognise implements DatagramParser.
func (p *dnsParser) Recognise(pkt *Packet) bool {
	_, ok := p.message.Recognise(pkt.Payload, pkt.SrcPort, pkt.DstPort, pkt.Cut)
	return ok
}

// Datagram implements DatagramParser.
func (p *dnsParser) Datagram(c *Conversation, pkt *Packet, out *Rows) error {
	return p.one(c, pkt, pkt.Payload, pkt.Cut, out)
}

// one adds the record of a message, of which the capture may lack the end.
func (p *dnsParser) one(c *Conversation, pkt *Packet, message []byte, cut bool, out *Rows) error {
	m := &p.message
	kind, _ := dns.Hint(pkt.SrcPort, pkt.DstPort)
	err := m.Parse(message, kind)
	m.bytes, m.cut = len(message), cut
	m.malformed = err != nil && !cut
	m.exchange = exchange{}
	if kind != dns.MDNS && len(message) >= dns.HeaderBytes {
		m.exchange = joined(c, pkt, &m.Message)
	}
	if kind == dns.DNS || kind == dns.LLMNR {
		p.tables.names(pkt, &m.Message)
	}
	if p.tables.options.Lookups && kind == dns.DNS && len(message) >= dns.HeaderBytes && m.Opcode() == 0 {
		p.ask(c, &m.Message)
	}
	p.add(out, pkt, m)
	if !m.malformed {
		return nil
	}
	return err
}
