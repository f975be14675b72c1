package filter

import "pcapmill/ingest/packet"

// framing is how a link layer says what follows it.
type framing uint8

const (
	framingEthernet framing = iota
	framingRaw              // nothing: the first nibble is the IP version
	framingIPv4             // always IPv4
	framingIPv6             // always IPv6
	framingNull             // address family in the order of a little-endian host
	framingLoop             // address family in network order
	framingSLL              // Linux cooked
	framingSLL2             // Linux cooked, version 2
	framingPPP              // behind PPPoE
)

// AF_INET and AF_INET6 of Linux, where tcpdump's answer is taken from. Other
// systems number AF_INET6 differently.
const (
	familyIPv4 = 2
	familyIPv6 = 10
)

// lowering turns a tree into tests. vlan, mpls and pppoes move its offsets as
// the expression is walked from left to right: what is written after them, inside
// brackets or not, under an or or a not, is looked for behind them.
type lowering struct {
	link    packet.LinkType
	framing framing
	header  uint32 // start of the link header
	typ     uint32 // offset of its type field
	payload uint32 // offset behind it
	network uint32 // bytes of MPLS labels behind payload
	labels  int
	regs    registers
}

func newLowering(link packet.LinkType) (*lowering, bool) {
	s := &lowering{link: link}
	switch link {
	case packet.LinkEthernet:
		s.framing, s.typ, s.payload = framingEthernet, 12, 14
	case packet.LinkRaw, packet.LinkRawBSD, packet.LinkRawOpen:
		s.framing = framingRaw
	case packet.LinkIPv4:
		s.framing = framingIPv4
	case packet.LinkIPv6:
		s.framing = framingIPv6
	case packet.LinkNull:
		s.framing, s.payload = framingNull, 4
	case packet.LinkLoop:
		s.framing, s.payload = framingLoop, 4
	case packet.LinkSLL:
		s.framing, s.typ, s.payload = framingSLL, 14, 16
	case packet.LinkSLL2:
		s.framing, s.typ, s.payload = framingSLL2, 0, 20
	default:
		return nil, false
	}
	return s, true
}

// LinkTypes returns the link types that expressions can be compiled for.
func LinkTypes() []packet.LinkType {
	return []packet.LinkType{
		packet.LinkEthernet, packet.LinkRaw, packet.LinkRawBSD, packet.LinkRawOpen, packet.LinkIPv4, packet.LinkIPv6,
		packet.LinkNull, packet.LinkLoop, packet.LinkSLL, packet.LinkSLL2,
	}
}

// ip is the offset of the network header.
func (s *lowering) ip() uint32 { return s.payload + s.network }

// lower walks the tree. A long chain of ands and ors leans to the left; it is
// walked without recursion.
func (s *lowering) lower(n *node) (*test, error) {
	var spine []*node
	for ; n.op == opAnd || n.op == opOr; n = n.a {
		spine = append(spine, n)
	}
	t, err := s.lowerOne(n)
	for i := len(spine) - 1; i >= 0 && err == nil; i-- {
		var right *test
		right, err = s.lower(spine[i].b)
		if spine[i].op == opAnd {
			t = both(t, right)
		} else {
			t = either(t, right)
		}
	}
	return t, err
}

func (s *lowering) lowerOne(n *node) (*test, error) {
	if n.op == opNot {
		t, err := s.lower(n.a)
		return not(t), err
	}
	p := n.prim
	switch p.kind {
	case primHost4:
		return s.host4(p)
	case primHost6:
		return s.host6(p, p.dir)
	case primMAC:
		return s.etherHost(p, p.dir)
	case primPort:
		return s.ports(p)
	case primProto:
		return s.protocol(p)
	case primLess:
		return &test{op: testField, load: load{kind: loadLen}, mask: ^uint32(0), cmp: cmpGreater, k: p.num, flip: true}, nil
	case primGreater:
		return &test{op: testField, load: load{kind: loadLen}, mask: ^uint32(0), cmp: cmpGreaterEqual, k: p.num}, nil
	case primMulticast, primBroadcast:
		return s.cast(p)
	case primRelation:
		return s.relation(p)
	}
	return s.tag(p)
}
