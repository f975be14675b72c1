package packet

import "encoding/binary"

// Some carriers do not say what they carry: pseudowires, L2TPv3 sessions and 5G
// sessions have that from their control plane. What follows here tells frames by
// fields that must fit each other; a wrong yes needs some 30 bits by chance.

// isIP reports whether f begins with a plausible IP header of a packet of at most
// wire bytes.
func isIP(f []byte, wire uint32) bool {
	if len(f) == 0 {
		return false
	}
	switch f[0] >> 4 {
	case 4:
		return isIPv4(f, wire)
	case 6:
		return len(f) >= 40 && uint32(binary.BigEndian.Uint16(f[4:]))+40 <= wire
	}
	return false
}

// isIPv4 is isIP for version 4. A total length of 0 is what segmentation offload
// leaves.
func isIPv4(f []byte, wire uint32) bool {
	if len(f) < 20 || f[0]>>4 != 4 || f[0]&0x0f < 5 {
		return false
	}
	return isTotal(f, wire)
}

// isTotal reports whether the total length of an IPv4 header is one that a packet of at most wire bytes can have.
func isTotal(f []byte, wire uint32) bool {
	total := uint32(binary.BigEndian.Uint16(f[2:]))
	return total == 0 || total >= uint32(f[0]&0x0f)*4 && total <= wire
}

// beginsIP reports whether f, of which the capture lacks the end, is less than an IP header and all that
// is there of one could be that of a packet of at most wire bytes.
func beginsIP(f []byte, wire uint32) bool {
	switch f[0] >> 4 {
	case 4:
		return len(f) < 20 && f[0]&0x0f >= 5 && (len(f) < 4 || isTotal(f, wire))
	case 6:
		return len(f) < 40 && (len(f) < 6 || uint32(binary.BigEndian.Uint16(f[4:]))+40 <= wire)
	}
	return false
}

// isSureIP is isIP for bytes that may be MAC addresses as well, where a length that fits
// is no rarity: in version 4 the header's checksum must be right.
func isSureIP(f []byte, wire uint32) bool {
	if !isIP(f, wire) {
		return false
	}
	size := int(f[0]&0x0f) * 4
	return f[0]>>4 == 6 || len(f) >= size && sumShort(f[:size], 0) == 0xffff
}

// maxGuessTags bounds the VLAN tags that isEther looks through.
const maxGuessTags = 4

// etherPPPoEDisc is the EtherType of PPPoE's discovery stage (RFC 2516).
const etherPPPoEDisc = 0x8863

// isEther reports whether f begins with an Ethernet header that leads, behind VLAN
// tags, to a plausible IP header, to ARP for IPv4 or to PPPoE, of a session or of
// what comes before one.
func isEther(f []byte, wire uint32) bool {
	at := 12
	for range maxGuessTags + 1 {
		if len(f) < at+8 {
			return false
		}
		switch binary.BigEndian.Uint16(f[at:]) {
		case etherIPv4, etherIPv6:
			return uint32(at)+2 < wire && agrees(binary.BigEndian.Uint16(f[at:]), f[at+2]) && isIP(f[at+2:], wire-uint32(at)-2)
		case etherARP:
			return binary.BigEndian.Uint32(f[at+2:]) == 1<<16|etherIPv4
		case etherPPPoE, etherPPPoEDisc:
			session := binary.BigEndian.Uint16(f[at:]) == etherPPPoE
			return f[at+2] == 0x11 && (f[at+3] == 0) == session && uint32(binary.BigEndian.Uint16(f[at+6:]))+uint32(at)+8 <= wire
		case etherVLAN, etherQinQ, etherQinQ9100, etherQinQ9200:
			at += 4
		default:
			return false
		}
	}
	return false
}

// isCutEther reports whether f begins with an Ethernet header that leads, behind VLAN
// tags, to an IP header within which the capture ends.
func isCutEther(f []byte, wire uint32) bool {
	if uint32(len(f)) >= wire {
		return false
	}
	at := 12
	for range maxGuessTags + 1 {
		if len(f) < at+3 {
			return false
		}
		switch t := binary.BigEndian.Uint16(f[at:]); t {
		case etherIPv4:
			return len(f) < at+2+20 && agrees(t, f[at+2])
		case etherIPv6:
			return len(f) < at+2+40 && agrees(t, f[at+2])
		case etherVLAN, etherQinQ, etherQinQ9100, etherQinQ9200:
			at += 4
		default:
			return false
		}
	}
	return false
}

// isPPP reports whether f begins with a PPP frame that leads to a plausible IP
// header.
func isPPP(f []byte, wire uint32) bool {
	proto, at, ok := pppProtocol(f, 0)
	return ok && (proto == pppIPv4 || proto == pppIPv6) && uint32(at) < wire && isIP(f[at:], wire-uint32(at))
}
