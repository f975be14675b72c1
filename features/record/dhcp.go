package record

import "pcapmill/features/record/dhcp"

var dhcpProtocol = Protocol{
	Name: "dhcp",
	Doc:  "messages of DHCPv4, BOOTP and DHCPv6, with fingerprints of their options",
	new:  newDHCPParser,
}

// dhcpMessage is a message with what its packet adds.
type dhcpMessage struct {
	dhcp.Message
	bytes     int
	cut       bool // the capture lacks its end
	malformed bool
	word      []byte // of a list, while it is added
}

type dhcpParser struct {
	*table[dhcpMessage]
	message dhcpMessage
}

func newDHCPParser(ts *Tables) (Parser, error) {
	t, err := newTable(ts, "dhcp", dhcpColumns())
	return &dhcpParser{table: t}, err
}

// Hinted implements Parser.
func (p *dhcpParser) Hinted(src, dst uint16) bool { return dhcp.Hint(src, dst) }

// Recognise implements DatagramParser. DHCPv4 goes over IPv4, DHCPv6 over IPv6.
func (p *dhcpParser) Recognise(pkt *Packet) bool {
	if pkt.Version == 4 {
		return p.message.Recognise4(pkt.Payload, dhcp.Hint4(pkt.SrcPort, pkt.DstPort), pkt.Cut)
	}
	return p.message.Recognise6(pkt.Payload, dhcp.Hint6(pkt.SrcPort, pkt.DstPort), pkt.Cut)
}

// Datagram implements DatagramParser.
func (p *dhcpParser) Datagram(_ *Conversation, pkt *Packet, out *Rows) error {
	m, parse := &p.message, p.message.Parse4
	if pkt.Version != 4 {
		parse = p.message.Parse6
	}
	err := parse(pkt.Payload)
	m.bytes, m.cut = len(pkt.Payload), pkt.Cut
	m.malformed = err != nil && !pkt.Cut
	p.add(out, pkt, m)
	if !m.malformed {
		return nil
	}
	return err
}
