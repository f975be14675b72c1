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
	return isIP(f, wire) && (f[0]>>4 == 6 || sumsUp(f))
}

// sumsUp reports whether f begins with an IPv4 header whose checksum is right.
func sumsUp(f []byte) bool {
	size := int(f[0]&0x0f) * 4
	return f[0]>>4 == 4 && size >= 20 && len(f) >= size && sumShort(f[:size], 0) == 0xffff
}

// maxGuessTags bounds the VLAN tags that isEther looks through.
const maxGuessTags = 4

// etherPPPoEDisc is the EtherType of PPPoE's discovery stage (RFC 2516).
const etherPPPoEDisc = 0x8863

// isEther reports whether f begins with an Ethernet header that leads, behind tags, to
// a plausible IP header, to ARP for IPv4 or to PPPoE, of a session or of what comes before one.
func isEther(f []byte, wire uint32) bool {
	whole, _ := likeEther(f, wire)
	return whole
}

// likeEther is isEther, and says of a frame in which the capture ends before that can be told
// whether it looks so as far as it is there: one with tags, or with the beginning of an IP header.
func likeEther(f []byte, wire uint32) (whole, cut bool) {
	if len(f) < etherSize {
		return false, false
	}
	t, at := binary.BigEndian.Uint16(f[12:]), etherSize
	for range maxGuessTags + 1 {
		if len(f) <= at {
			return false, (at > etherSize || isTag(t)) && uint32(len(f)) < wire
		}
		switch t {
		case etherIPv4, etherIPv6:
			h, rest := f[at:], wire-min(wire, uint32(at))
			if !agrees(t, h[0]) {
				return false, false
			}
			return rest > 0 && isIP(h, rest), uint32(len(h)) < rest && len(h) < ipSize(h[0])
		case etherARP:
			return len(f) >= at+4 && binary.BigEndian.Uint32(f[at:]) == 1<<16|etherIPv4, false
		case etherPPPoE, etherPPPoEDisc:
			session := t == etherPPPoE
			return len(f) >= at+6 && f[at] == 0x11 && (f[at+1] == 0) == session && uint32(binary.BigEndian.Uint16(f[at+4:]))+uint32(at)+6 <= wire, false
		case etherVLAN, etherQinQ, etherQinQ9100, etherQinQ9200:
			if len(f) < at+4 {
				return false, uint32(len(f)) < wire
			}
			at, t = at+4, binary.BigEndian.Uint16(f[at+2:])
		default:
			next, behind, out := walkOtherTag(f, at, t)
			if out != InFlow {
				return false, false
			}
			at, t = next, behind
		}
	}
	return false, false
}

// ipSize is the least length of an IP header that begins with first.
func ipSize(first byte) int {
	if first>>4 == 4 {
		return 20
	}
	return 40
}

// isOtherEther reports whether f, which begins as an IP header does, has lengths that are none of one
// and no right checksum, and is an Ethernet frame that leads to no IP, by a type of those or by its IEEE 802.3 length.
func isOtherEther(f []byte, wire uint32) bool {
	const least = 60 // what shorter frames are padded to
	if len(f) < etherSize || isIP(f, wire) || beginsIP(f, wire) || sumsUp(f) {
		return false
	}
	switch t := binary.BigEndian.Uint16(f[12:]); t {
	case etherVLAN, etherQinQ, etherQinQ9100, etherQinQ9200, etherMACsec, // of which likeEther knows where they lead
		0x8035, 0x809b, 0x80f3, 0x8137, // RARP, AppleTalk and its ARP, IPX
		0x8808, 0x8809, 0x888e, 0x88cc, 0x8902, 0x9000, // flow control, slow protocols, EAPOL, LLDP, CFM, loopback
		0x8892, 0x88a2, 0x88a4, 0x88f7, 0x8906, 0x8914: // PROFINET, ATA, EtherCAT, PTP, FCoE and its discovery
		return true
	default:
		end := uint32(t) + etherSize
		return t <= etherMaxLen && (end == wire || end < wire && wire == least)
	}
}

// isPPP reports whether f begins with a PPP frame that leads to a plausible IP
// header.
func isPPP(f []byte, wire uint32) bool {
	proto, at, ok := pppProtocol(f, 0)
	return ok && (proto == pppIPv4 || proto == pppIPv6) && uint32(at) < wire && isIP(f[at:], wire-uint32(at))
}
