package filter

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"
)

// identifier reads what qualifiers stand before: an address, a port, a protocol,
// or a list of them in brackets.
func (p *parser) identifier(q qualifiers) (*node, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	switch {
	case p.accept("not"):
		n, err := p.identifier(q)
		return &node{op: opNot, a: n}, err
	case p.accept("("):
		n, err := p.identifiers(q)
		if err == nil {
			err = p.expect(")")
		}
		return n, err
	}
	t := p.take()
	switch t.kind {
	case tokNumber:
		return q.number(t, t.num)
	case tokName:
		return q.name(t)
	case tokMAC:
		return q.etherAddress(t)
	case tokIPv6:
		return p.address6(q, t)
	case tokIPv4:
		return p.address4(q, t)
	}
	if q.kind == idProto && protocolOf(&t) != nil {
		return nil, errorAt(t, "a word of the language: as a name write \\%s", t.text)
	}
	return nil, errorAt(t, "an address, port or number is expected here")
}

// identifiers reads a list in brackets.
func (p *parser) identifiers(q qualifiers) (*node, error) {
	left, err := p.identifier(q)
	for err == nil {
		op := opAnd
		switch {
		case p.accept("and"):
		case p.accept("or"):
			op = opOr
		default:
			return left, nil
		}
		var right *node
		right, err = p.identifier(q)
		left = &node{op: op, a: left, b: right}
	}
	return nil, err
}

func leaf(p *primitive) (*node, error) { return &node{prim: p}, nil }

// number is a port, a protocol or an address written as a plain number.
func (q qualifiers) number(t token, v uint32) (*node, error) {
	switch q.kind {
	case idPort, idPortRange:
		return q.ports(t, v, v, 0)
	case idProto:
		return q.protocol(t, v)
	}
	mask := ^uint32(0)
	if q.kind == idNet {
		for v != 0 && v&0xff000000 == 0 { // net 10 is 10.0.0.0/8
			v, mask = v<<8, mask<<8
		}
	}
	return q.host4(t, v, mask)
}

// host4 checks that the qualifiers go with an IPv4 address.
func (q qualifiers) host4(t token, v, mask uint32) (*node, error) {
	if q.proto != nil {
		switch q.proto.name {
		case "ip", "arp", "rarp":
		case "ether":
			return nil, errorAt(t, "%q takes an Ethernet address here", q.at.text)
		default:
			return nil, errorAt(t, "%q does not go with an IPv4 address", q.at.text)
		}
	}
	return leaf(&primitive{kind: primHost4, at: t, proto: q.proto, dir: q.dir, v4: v, mask4: mask})
}

func (q qualifiers) protocol(t token, v uint32) (*node, error) {
	if q.proto != nil {
		switch q.proto.name {
		case "ip", "ip6", "ether":
		default:
			return nil, errorAt(t, "proto goes with ip, ip6 and ether, not with %q", q.at.text)
		}
	}
	if q.proto != nil && q.proto.layer == layerLink && (v == llcIPX || v == etherATalk || v == etherAARP) {
		return nil, errorAt(t, "not in the subset: %s", whyLLC)
	}
	return leaf(&primitive{kind: primProto, at: t, proto: q.proto, num: v, hasNum: true})
}

// ports checks that the qualifiers go with ports. named is the protocol that a
// port's name brought along.
func (q qualifiers) ports(t token, lo, hi, named uint32) (*node, error) {
	ipProto := named
	if q.proto != nil {
		switch q.proto.name {
		case "tcp", "udp", "sctp":
		default:
			return nil, errorAt(q.at, "ports go with tcp, udp and sctp")
		}
		ipProto = q.proto.number
		if named != 0 && named != ipProto {
			return nil, errorAt(t, "is not a port of %s", q.at.text)
		}
	}
	if lo > 0xffff || hi > 0xffff {
		return nil, errorAt(t, "a port is at most 65535")
	}
	return leaf(&primitive{
		kind: primPort, at: t, dir: q.dir, lo: min(lo, hi), hi: max(lo, hi), isRange: q.kind == idPortRange, ipProto: ipProto,
	})
}

// name is a port, a protocol or a range of ports; hosts are not looked up.
func (q qualifiers) name(t token) (*node, error) {
	switch q.kind {
	case idPort:
		s, ok := services[t.name]
		if !ok {
			return nil, errorAt(t, "no port name of the list in docs/filters.md: give the number")
		}
		var named uint32
		switch {
		case !s.udp:
			named = ipTCP
		case !s.tcp:
			named = ipUDP
		}
		return q.ports(t, uint32(s.port), uint32(s.port), named)
	case idPortRange:
		return q.portRange(t)
	case idProto:
		names, what := ipProtocols, "IP"
		if q.proto != nil && q.proto.layer == layerLink {
			names, what = etherProtocols, "link-layer"
		}
		v, ok := names[t.name]
		if !ok {
			return nil, errorAt(t, "no %s protocol name of the list in docs/filters.md: give the number", what)
		}
		return q.protocol(t, v)
	case idNet:
		return nil, errorAt(t, "names of networks are not looked up: give the address")
	}
	return nil, errorAt(t, "names of hosts are not looked up: give the address")
}

func (q qualifiers) portRange(t token) (*node, error) {
	first, last, ok := strings.Cut(t.name, "-")
	lo, err1 := strconv.ParseUint(first, 10, 32)
	hi, err2 := strconv.ParseUint(last, 10, 32)
	if !ok || err1 != nil || err2 != nil {
		return nil, errorAt(t, "a range is two numbers with a hyphen and no space between them")
	}
	return q.ports(t, uint32(lo), uint32(hi), 0)
}

func (q qualifiers) etherAddress(t token) (*node, error) {
	if q.proto == nil || q.proto.layer != layerLink || q.kind != idHost && q.kind != idDefault {
		return nil, errorAt(t, "an Ethernet address goes with ether host, ether src and ether dst")
	}
	var mac [6]byte
	groups := strings.FieldsFunc(t.text, func(r rune) bool { return r == ':' || r == '-' || r == '.' })
	if len(groups) != len(mac) { // 0011.2233.4455 and 001122334455
		all := strings.Join(groups, "")
		groups = groups[:0]
		for i := 0; i < len(all); i += 2 {
			groups = append(groups, all[i:i+2])
		}
	}
	for i, g := range groups {
		v, err := strconv.ParseUint(g, 16, 8)
		if err != nil {
			return nil, errorAt(t, "not an Ethernet address")
		}
		mac[i] = byte(v)
	}
	return leaf(&primitive{kind: primMAC, at: t, dir: q.dir, mac: mac})
}

// address6 reads what may follow an IPv6 address: a prefix length.
func (p *parser) address6(q qualifiers, t token) (*node, error) {
	length := uint32(128)
	if p.accept("/") {
		l := p.take()
		if l.kind != tokNumber || l.num > 128 {
			return nil, errorAt(l, "an IPv6 prefix length is at most 128")
		}
		length = l.num
	}
	addr, err := netip.ParseAddr(t.text)
	switch {
	case err != nil:
		return nil, errorAt(t, "not an IPv6 address")
	case q.kind == idPort || q.kind == idPortRange || q.kind == idProto:
		return nil, errorAt(t, "an address cannot stand here")
	case q.kind != idNet && length != 128:
		return nil, errorAt(t, "a prefix length goes with net")
	case q.proto != nil && q.proto.name != "ip6":
		return nil, errorAt(t, "%q does not go with an IPv6 address", q.at.text)
	}
	prim := &primitive{kind: primHost6, at: t, proto: q.proto, dir: q.dir}
	bytes := addr.As16()
	for i := range prim.v6 {
		prim.v6[i] = binary.BigEndian.Uint32(bytes[4*i:])
		prim.mask6[i] = prefixMask(length, uint32(i))
		if prim.v6[i]&^prim.mask6[i] != 0 {
			return nil, errorAt(t, "has bits set behind its prefix")
		}
	}
	return leaf(prim)
}

// prefixMask is word i of the mask of an IPv6 prefix.
func prefixMask(length, i uint32) uint32 {
	bits := min(max(int(length)-32*int(i), 0), 32)
	return uint32(uint64(0xffffffff) << (32 - bits))
}

// address4 reads what may follow an IPv4 address: a prefix length or a mask.
func (p *parser) address4(q qualifiers, t token) (*node, error) {
	v, bits, err := ipv4(t)
	if err != nil {
		return nil, err
	}
	mask := uint32(uint64(0xffffffff) << (32 - bits))
	written := true
	switch {
	case p.accept("/"):
		l := p.take()
		if l.kind != tokNumber || l.num > 32 {
			return nil, errorAt(l, "an IPv4 prefix length is at most 32")
		}
		mask = uint32(uint64(0xffffffff) << (32 - l.num))
	case p.accept("mask"):
		m := p.take()
		if m.kind != tokIPv4 {
			return nil, errorAt(m, "a mask is written as an address")
		}
		if mask, _, err = ipv4(m); err != nil {
			return nil, err
		}
	default:
		written = false
	}
	switch {
	case q.kind == idPort || q.kind == idPortRange || q.kind == idProto:
		return nil, errorAt(t, "an address cannot stand here")
	case v&^mask != 0:
		return nil, errorAt(t, "has bits set behind its mask")
	case written && q.kind != idNet:
		return nil, errorAt(t, "a prefix length or mask goes with net")
	}
	return q.host4(t, v, mask)
}

// ipv4 reads two to four decimal numbers; those left out are zero and not in the
// address's bits.
func ipv4(t token) (v uint32, bits int, err error) {
	for _, part := range strings.Split(t.text, ".") {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil || n > 255 {
			return 0, 0, errorAt(t, "not an IPv4 address")
		}
		v, bits = v<<8|uint32(n), bits+8
	}
	return v << (32 - bits), bits, nil
}
