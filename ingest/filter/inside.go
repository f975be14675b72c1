package filter

import (
	"encoding/binary"

	"pcapmill/ingest/packet"
)

// Inside is an expression that is asked of decoded layers instead of frames: of
// the IP header that the header walk found behind all tags and, where there are
// tunnels, of each IP header within. It is immutable and may be shared.
//
// Other than with a frame's bytes, nothing depends on where a header lies or on
// the link type: vlan, mpls and pppoes ask whether such a tag is there and shift
// nothing, ports are found behind IPv6 extension headers, tcp[...] works in IPv6.
type Inside struct {
	root *node
}

// Inside prepares the expression for decoded layers. The error, an *Error, names
// what only frames have an answer to.
func (e *Expr) Inside() (*Inside, error) {
	if e.root == nil {
		return &Inside{}, nil
	}
	return &Inside{root: e.root}, insideCheck(e.root)
}

// insideCheck finds the first primitive without an answer.
func insideCheck(n *node) error {
	for ; n.op == opAnd || n.op == opOr || n.op == opNot; n = n.a {
		if n.b != nil {
			if err := insideCheck(n.b); err != nil {
				return err
			}
		}
	}
	p := n.prim
	const why = "asks for packets that are not IP, which --filter-inside does not see"
	switch {
	case p.kind == primPPPoED:
		return errorAt(p.at, why)
	case p.kind == primProto && p.etherType() != 0 && p.etherType() != etherIPv4 && p.etherType() != etherIPv6:
		return errorAt(p.at, why)
	case p.kind == primHost4 && p.proto != nil && p.proto.name != "ip":
		return errorAt(p.at, why)
	case p.kind == primRelation:
		if err := p.left.insideCheck(why); err != nil {
			return err
		}
		return p.right.insideCheck(why)
	}
	return nil
}

func (a *arith) insideCheck(why string) error {
	for ; a != nil; a = a.a {
		if a.kind == arithLoad && (a.proto.name == "arp" || a.proto.name == "rarp") {
			return errorAt(a.at, "%s", why)
		}
		if a.b != nil {
			if err := a.b.insideCheck(why); err != nil {
				return err
			}
		}
	}
	return nil
}

// etherType is the EtherType that a primProto asks for, 0 where it asks for none.
func (p *primitive) etherType() uint32 {
	switch {
	case p.hasNum && p.proto != nil && p.proto.layer == layerLink:
		return p.num
	case !p.hasNum && p.proto.layer == layerEtherType:
		return p.proto.number
	}
	return 0
}

// answer is what a layer has to say to a question. short is a value that lies
// behind the captured bytes: then the whole expression is not met, as with frames.
type answer uint8

const (
	answerNo answer = iota
	answerYes
	answerShort
)

func answerIf(yes bool) answer {
	if yes {
		return answerYes
	}
	return answerNo
}

// inner is one layer with the frame it lies in.
type inner struct {
	frame []byte
	link  packet.LinkType
	v     *packet.View
}

// Match reports whether a layer matches. frame is the frame that v was decoded
// from, as far as captured, link that of the packet.
func (in *Inside) Match(frame []byte, link packet.LinkType, v *packet.View) bool {
	return in.root == nil || inner{frame, link, v}.ask(in.root) == answerYes
}

func (l inner) ask(n *node) answer {
	switch n.op {
	case opNot:
		switch l.ask(n.a) {
		case answerNo:
			return answerYes
		case answerYes:
			return answerNo
		}
		return answerShort
	case opAnd:
		if a := l.ask(n.a); a != answerYes {
			return a
		}
		return l.ask(n.b)
	case opOr:
		if a := l.ask(n.a); a != answerNo {
			return a
		}
		return l.ask(n.b)
	}
	return l.primitive(n.prim)
}

func (l inner) primitive(p *primitive) answer {
	v := l.v
	switch p.kind {
	case primHost4, primHost6:
		return answerIf(l.address(p))
	case primMAC:
		return answerIf(l.mac(p))
	case primPort:
		return l.ports(p)
	case primProto:
		return answerIf(l.protocol(p))
	case primLess:
		return answerIf(v.WireLen <= p.num)
	case primGreater:
		return answerIf(v.WireLen >= p.num)
	case primVLAN, primMPLS, primPPPoES:
		return answerIf(l.tagged(p))
	case primMulticast, primBroadcast:
		return answerIf(l.cast(p))
	}
	return l.relation(p)
}

// oneOf asks of source, destination, either or both.
func (p *primitive) oneOf(src, dst bool) bool {
	switch p.dir {
	case dirSrc:
		return src
	case dirDst:
		return dst
	case dirBoth:
		return src && dst
	}
	return src || dst
}

func (l inner) address(p *primitive) bool {
	v := l.v
	if p.kind == primHost4 {
		in := func(a *packet.Addr) bool { return binary.BigEndian.Uint32(a[12:])&p.mask4 == p.v4 }
		return v.Version == 4 && p.oneOf(in(&v.Src), in(&v.Dst))
	}
	in := func(a *packet.Addr) bool {
		for i := range p.v6 {
			if binary.BigEndian.Uint32(a[4*i:])&p.mask6[i] != p.v6[i] {
				return false
			}
		}
		return true
	}
	return v.Version == 6 && p.oneOf(in(&v.Src), in(&v.Dst))
}

func (l inner) mac(p *primitive) bool {
	dst, src, ok := packet.FrameMACs(l.frame, l.link, l.v)
	return ok && p.oneOf(src == p.mac, dst == p.mac)
}

// ports asks for ports, which later fragments do not have.
func (l inner) ports(p *primitive) answer {
	v := l.v
	proto := uint32(v.Protocol)
	switch {
	case p.ipProto != 0 && proto != p.ipProto, proto != ipTCP && proto != ipUDP && proto != ipSCTP,
		v.Quality&packet.LaterFragment != 0:
		return answerNo
	}
	in := func(port uint16) bool { return uint32(port) >= p.lo && uint32(port) <= p.hi }
	return answerIf(p.oneOf(in(v.SrcPort), in(v.DstPort)))
}

func (l inner) protocol(p *primitive) bool {
	v := l.v
	if t := p.etherType(); t != 0 {
		return t == etherIPv4 && v.Version == 4 || t == etherIPv6 && v.Version == 6
	}
	v4, v6 := true, true
	switch {
	case !p.hasNum:
		v4, v6 = p.proto.v4, p.proto.v6
	case p.proto != nil:
		v4, v6 = p.proto.number == etherIPv4, p.proto.number == etherIPv6
	}
	if v.Version == 4 && !v4 || v.Version == 6 && !v6 {
		return false
	}
	return uint32(v.Protocol) == p.num || l.extension(p.num)
}

// extension reports whether a header of that number lies between the IP header
// and what the layer carries.
func (l inner) extension(number uint32) bool {
	at, end := int(l.v.L3), min(int(l.v.L4), len(l.frame))
	if l.v.Version == 4 {
		return at+9 < end && uint32(l.frame[at+9]) == number
	}
	if at+40 > end {
		return false
	}
	next := uint32(l.frame[at+6])
	for at += 40; next != number; {
		if at+2 > end {
			return false
		}
		size := (int(l.frame[at+1]) + 1) * 8
		switch next {
		case ipFragment:
			size = 8
		case 51:
			size = (int(l.frame[at+1]) + 2) * 4
		}
		next = uint32(l.frame[at])
		at += size
	}
	return at < end || number == uint32(l.v.Protocol)
}

func (l inner) cast(p *primitive) bool {
	v := l.v
	if p.proto != nil && p.proto.layer != layerLink {
		if p.proto.number == etherIPv4 {
			return v.Version == 4 && v.Dst[12] >= 224
		}
		return v.Version == 6 && v.Dst[0] == 0xff
	}
	dst, _, ok := packet.FrameMACs(l.frame, l.link, v)
	if p.kind == primMulticast {
		return ok && dst[0]&1 != 0
	}
	return dst == [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
}

// tagged asks for tags between the link header and the IP header.
func (l inner) tagged(p *primitive) bool {
	v := l.v
	found := false
	if p.kind == primPPPoES {
		packet.PPPoESessions(l.frame, v, func(id uint16) { found = found || !p.hasNum || uint32(id) == p.num })
		return found
	}
	packet.LinkTags(l.frame, v,
		func(id uint16) { found = found || p.kind == primVLAN && (!p.hasNum || uint32(id) == p.num) },
		func(label uint32) { found = found || p.kind == primMPLS && (!p.hasNum || label == p.num) })
	return found
}
