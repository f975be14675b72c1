package packet

// icmpPeer maps ICMPv4 request types to their replies and back (Community ID
// v1 specification, ICMP section).
var icmpPeer = [256]uint8{8: 0, 0: 8, 13: 14, 14: 13, 15: 16, 16: 15, 10: 9, 9: 10, 17: 18, 18: 17}

// icmp6Peer is the same for ICMPv6.
var icmp6Peer = [256]uint8{
	128: 129, 129: 128, 133: 134, 134: 133, 135: 136, 136: 135,
	130: 131, 131: 130, 144: 145, 145: 144, 139: 140, 140: 139,
}

// ICMPPorts maps an ICMP type and code to the port pair of Community ID v1. For
// types with a counterpart it is (type, counterpart type); else (type, code) and
// oneWay, as such messages have no reverse direction.
func ICMPPorts(protocol, icmpType, code uint8) (src, dst uint16, oneWay bool) {
	peer := icmpPeer[icmpType]
	if protocol == ProtoICMPv6 {
		peer = icmp6Peer[icmpType]
	}
	if peer == 0 && !(protocol == ProtoICMP && icmpType == 8) {
		return uint16(icmpType), uint16(code), true
	}
	return uint16(icmpType), uint16(peer), false
}

// ICMPReply reports whether a type with a counterpart is the answering one.
func ICMPReply(protocol, icmpType uint8) bool {
	if protocol == ProtoICMP {
		switch icmpType {
		case 0, 9, 14, 16, 18:
			return true
		}
		return false
	}
	switch icmpType {
	case 129, 131, 134, 136, 140, 145:
		return true
	}
	return false
}
