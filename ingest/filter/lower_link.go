package filter

// refuse is the error for a primitive that the link type has no answer to.
func (s *lowering) refuse(p *primitive, why string) error {
	name := s.link.String()
	if s.framing == framingPPP {
		name = "ppp (behind pppoes)"
	}
	return errorAt(p.at, "%s, not on link type %s", why, name)
}

// linkType tests which protocol follows the link header: an EtherType, or an LLC
// service access point if it is at most 1500.
func (s *lowering) linkType(p *primitive, proto uint32) (*test, error) {
	if s.labels > 0 {
		return s.labelled(p, proto)
	}
	switch s.framing {
	case framingEthernet:
		if proto > etherMaxLen {
			return equal(s.typ, 2, proto), nil
		}
		return both(flipped(field(s.typ, 2, cmpGreater, etherMaxLen)), s.llc(proto)), nil
	case framingSLL:
		if proto > etherMaxLen {
			return equal(s.typ, 2, proto), nil
		}
		const ethP8022 = 4
		return both(equal(s.typ, 2, ethP8022), s.llc(proto)), nil
	case framingSLL2:
		return equal(s.typ, 2, proto), nil
	case framingPPP:
		return equal(s.typ, 2, pppProtocol(proto)), nil
	}
	return s.version(proto), nil
}

// version tests the IP version where the link layer tells nothing else.
func (s *lowering) version(proto uint32) *test {
	ip4, ip6 := proto == etherIPv4, proto == etherIPv6
	if !ip4 && !ip6 {
		return constant(false)
	}
	family, nibble := uint32(familyIPv4), uint32(0x40)
	if ip6 {
		family, nibble = familyIPv6, 0x60
	}
	switch s.framing {
	case framingRaw:
		return masked(s.header, 1, 0xf0, nibble)
	case framingIPv4:
		return constant(ip4)
	case framingIPv6:
		return constant(ip6)
	case framingNull:
		return equal(s.header, 4, family<<24)
	}
	return equal(s.header, 4, family)
}

// llc tests the service access points behind a length field.
func (s *lowering) llc(sap uint32) *test {
	switch sap {
	case llcIP, llcISO, llcNetBEUI: // both access points
		return equal(s.payload, 2, sap<<8|sap)
	}
	return equal(s.payload, 1, sap)
}

// pppProtocol is the PPP protocol number of an EtherType, where it has one.
func pppProtocol(proto uint32) uint32 {
	switch proto {
	case etherIPv4:
		return 0x0021
	case etherIPv6:
		return 0x0057
	case etherMPLS:
		return 0x0281
	case 0x6003: // DECnet
		return 0x0027
	case 0x0600: // Xerox NS
		return 0x0025
	case llcISO:
		return 0x0023
	case llcSTP:
		return 0x0031
	case llcIPX:
		return 0x002b
	case etherATalk:
		return 0x0029
	}
	return proto
}

// labelled tests what is behind the bottom of the MPLS label stack.
func (s *lowering) labelled(p *primitive, proto uint32) (*test, error) {
	var nibble uint32
	switch proto {
	case etherIPv4:
		nibble = 0x40
	case etherIPv6:
		nibble = 0x60
	default:
		return nil, errorAt(p.at, "behind mpls only ip, ip6 and what they carry can be told")
	}
	bottom := masked(s.ip()-2, 1, 1, 1)
	return both(bottom, masked(s.ip(), 1, 0xf0, nibble)), nil
}

// tag lowers what shifts the offsets.
func (s *lowering) tag(p *primitive) (*test, error) {
	switch p.kind {
	case primVLAN:
		return s.vlan(p)
	case primMPLS:
		return s.mpls(p)
	case primPPPoED:
		return s.linkType(p, etherPPPoED)
	}
	t, err := s.linkType(p, etherPPPoES)
	if err != nil {
		return nil, err
	}
	if p.hasNum {
		t = both(t, masked(s.ip(), 4, 0xffff, p.num))
	}
	const pppoeHeader, pppHeader = 6, 2
	s.framing = framingPPP
	s.header = s.ip() + pppoeHeader
	s.typ, s.payload, s.network = s.header, s.header+pppHeader, 0
	return t, nil
}

func (s *lowering) vlan(p *primitive) (*test, error) {
	switch {
	case s.labels > 0:
		return nil, errorAt(p.at, "cannot follow mpls")
	case s.framing != framingEthernet:
		return nil, s.refuse(p, "vlan works on ethernet")
	}
	t := either(either(equal(s.typ, 2, etherVLAN), equal(s.typ, 2, etherQinQ)), equal(s.typ, 2, etherQinQ91))
	if p.hasNum {
		t = both(t, masked(s.payload, 2, 0x0fff, p.num))
	}
	s.typ += 4
	s.payload += 4
	return t, nil
}

func (s *lowering) mpls(p *primitive) (*test, error) {
	var t *test
	switch {
	case s.labels > 0: // the label before is not the last one
		t = masked(s.ip()-2, 1, 1, 0)
	case s.framing == framingEthernet || s.framing == framingPPP:
		var err error
		if t, err = s.linkType(p, etherMPLS); err != nil {
			return nil, err
		}
	default:
		return nil, s.refuse(p, "mpls works on ethernet and behind pppoes")
	}
	if p.hasNum {
		t = both(t, masked(s.ip(), 4, 0xfffff000, p.num<<12))
	}
	s.network += 4
	s.labels++
	return t, nil
}

// cast lowers multicast and broadcast.
func (s *lowering) cast(p *primitive) (*test, error) {
	if p.proto != nil && p.proto.layer != layerLink {
		t, err := s.linkType(p, p.proto.number)
		if err != nil {
			return nil, err
		}
		if p.proto.number == etherIPv6 {
			return both(t, equal(s.ip()+24, 1, 0xff)), nil
		}
		return both(t, field(s.ip()+16, 1, cmpGreaterEqual, 224)), nil
	}
	if s.framing != framingEthernet {
		return nil, s.refuse(p, "link-layer addresses are known on ethernet")
	}
	if p.kind == primMulticast {
		return field(s.header, 1, cmpAnyBit, 1), nil
	}
	all := &primitive{mac: [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, at: p.at}
	return s.etherHost(all, dirDst)
}
