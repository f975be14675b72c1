package filter

import "encoding/binary"

// pair asks one question of the source, the destination, either or both.
func pair(dir direction, ask func(direction) (*test, error)) (*test, error) {
	if dir == dirSrc || dir == dirDst {
		return ask(dir)
	}
	src, err := ask(dirSrc)
	if err != nil {
		return nil, err
	}
	dst, err := ask(dirDst)
	if dir == dirBoth {
		return both(src, dst), err
	}
	return either(src, dst), err
}

// host4 lowers host and net with an IPv4 address. Without a protocol named ARP
// and reverse ARP are looked at too, but not behind MPLS labels.
func (s *lowering) host4(p *primitive) (*test, error) {
	if p.proto != nil {
		return s.address4(p, p.proto.number)
	}
	t, err := s.address4(p, etherIPv4)
	if err != nil || s.labels > 0 {
		return t, err
	}
	for _, proto := range []uint32{etherARP, etherRARP} {
		more, err := s.address4(p, proto)
		if err != nil {
			return nil, err
		}
		t = either(t, more)
	}
	return t, nil
}

func (s *lowering) address4(p *primitive, proto uint32) (*test, error) {
	src, dst := uint32(12), uint32(16)
	if proto != etherIPv4 {
		src, dst = 14, 24
	}
	return pair(p.dir, func(dir direction) (*test, error) {
		off := src
		if dir == dirDst {
			off = dst
		}
		t, err := s.linkType(p, proto)
		return both(t, masked(s.ip()+off, 4, p.mask4, p.v4)), err
	})
}

func (s *lowering) host6(p *primitive, dir direction) (*test, error) {
	return pair(dir, func(dir direction) (*test, error) {
		off := s.ip() + 8
		if dir == dirDst {
			off += 16
		}
		t, err := s.linkType(p, etherIPv6)
		for i := range p.v6 {
			t = both(t, masked(off+4*uint32(i), 4, p.mask6[i], p.v6[i]))
		}
		return t, err
	})
}

// etherHost compares the last four bytes before the first two, as tcpdump does.
func (s *lowering) etherHost(p *primitive, dir direction) (*test, error) {
	if s.framing != framingEthernet {
		return nil, s.refuse(p, "link-layer addresses are known on ethernet")
	}
	return pair(dir, func(dir direction) (*test, error) {
		off := s.header
		if dir == dirSrc {
			off += 6
		}
		low := equal(off+2, 4, binary.BigEndian.Uint32(p.mac[2:]))
		return both(low, equal(off, 2, uint32(binary.BigEndian.Uint16(p.mac[:])))), nil
	})
}

// protocol lowers protocol words, and proto with a number.
func (s *lowering) protocol(p *primitive) (*test, error) {
	if !p.hasNum {
		if p.proto.layer == layerEtherType {
			return s.linkType(p, p.proto.number)
		}
		return s.carried(p, p.num, p.proto.v4, p.proto.v6)
	}
	switch {
	case p.proto == nil:
		return s.carried(p, p.num, true, true)
	case p.proto.layer == layerLink:
		return s.linkType(p, p.num)
	}
	return s.carried(p, p.num, p.proto.number == etherIPv4, p.proto.number == etherIPv6)
}

// carried tests what IP carries. In IPv6 that is the header's own next header,
// or that of a fragment header right behind it.
func (s *lowering) carried(p *primitive, proto uint32, v4, v6 bool) (*test, error) {
	var in4, in6 *test
	var err error
	if v4 {
		if in4, err = s.linkType(p, etherIPv4); err != nil {
			return nil, err
		}
		in4 = both(in4, equal(s.ip()+9, 1, proto))
	}
	if v6 {
		if in6, err = s.linkType(p, etherIPv6); err != nil {
			return nil, err
		}
		fragment := both(equal(s.ip()+6, 1, ipFragment), equal(s.ip()+40, 1, proto))
		in6 = both(in6, either(equal(s.ip()+6, 1, proto), fragment))
	}
	switch {
	case in4 == nil:
		return in6, nil
	case in6 == nil:
		return in4, nil
	}
	return either(in4, in6), nil
}

// wholeOrFirst tests that an IPv4 packet is no later fragment.
func (s *lowering) wholeOrFirst() *test {
	return flipped(field(s.ip()+6, 2, cmpAnyBit, 0x1fff))
}

// ports lowers port and portrange: IPv6 first, then IPv4; SCTP, TCP, UDP.
func (s *lowering) ports(p *primitive) (*test, error) {
	protos := []uint32{ipSCTP, ipTCP, ipUDP}
	if p.ipProto != 0 {
		protos = []uint32{p.ipProto}
	}
	in6, err := s.linkType(p, etherIPv6)
	if err != nil {
		return nil, err
	}
	in4, err := s.linkType(p, etherIPv4)
	if err != nil {
		return nil, err
	}
	var any4, any6 *test
	for _, proto := range protos {
		t6 := both(equal(s.ip()+6, 1, proto), s.portTest(p, load{kind: loadFrame, off: s.ip() + 40, size: 2}))
		whole := both(equal(s.ip()+9, 1, proto), s.wholeOrFirst())
		t4 := both(whole, s.portTest(p, load{kind: loadIPv4Payload, ip: s.ip(), size: 2}))
		if any4 == nil {
			any4, any6 = t4, t6
			continue
		}
		any4, any6 = either(any4, t4), either(any6, t6)
	}
	return either(both(in6, any6), both(in4, any4)), nil
}

// portTest tests the ports that start at a place.
func (s *lowering) portTest(p *primitive, at load) *test {
	t, _ := pair(p.dir, func(dir direction) (*test, error) {
		l := at
		if dir == dirDst {
			l.off += 2
		}
		one := func(c cmp, k uint32) *test {
			return &test{op: testField, load: l, mask: ^uint32(0), cmp: c, k: k}
		}
		if !p.isRange {
			return one(cmpEqual, p.lo), nil
		}
		return both(one(cmpGreaterEqual, p.lo), flipped(one(cmpGreater, p.hi))), nil
	})
	return t
}
