package packet

import "encoding/binary"

// EtherTypes of further tags and headers that stand between an Ethernet header
// and IP.
const (
	etherTRILL      = 0x22f3 // RFC 6325
	etherJumboLLC   = 0x8870 // LLC where the length would not fit the length field
	etherRealtek    = 0x8899 // Realtek switch tags
	etherMACsec     = 0x88e5 // IEEE 802.1AE
	etherBackbone   = 0x88e7 // IEEE 802.1ah
	etherFabricPath = 0x8903
	etherCMD        = 0x8909 // Cisco metadata: security group tag
	etherVNTag      = 0x8926
	etherHSR        = 0x892f // IEC 62439-3
	etherNSH        = 0x894f // RFC 8300
)

// walkOtherTag steps over one header that is neither a VLAN tag nor MPLS nor
// PPPoE, and returns the offset of what follows and its EtherType. t is the
// EtherType, or the length field's value where LLC follows.
func walkOtherTag(f []byte, off int, t uint16) (int, uint16, Outcome) {
	switch t {
	case etherVNTag, etherHSR: // four bytes
		return typeAt(f, off+4)
	case etherBackbone: // flags, service identifier, the customer's addresses
		return typeAt(f, off+4+2*macSize)
	case etherFabricPath: // tag and TTL, the inner addresses
		return typeAt(f, off+2+2*macSize)
	case etherTRILL:
		if len(f) < off+2 {
			return 0, 0, MalformedL2
		}
		options := int(binary.BigEndian.Uint16(f[off:])>>6&0x1f) * 4
		return typeAt(f, off+6+options+2*macSize)
	case etherMACsec:
		return walkMACsec(f, off)
	case etherNSH:
		return walkNSH(f, off)
	case etherCMD:
		return walkCMD(f, off)
	case etherRealtek:
		return walkRealtek(f, off)
	case etherJumboLLC:
		t = 0
	}
	if isISL(f, off, t) {
		return typeAt(f, off+islSize-etherSize+2*macSize)
	}
	return walkLLC(f, off, t)
}

// typeAt reads the EtherType or length at off.
func typeAt(f []byte, off int) (int, uint16, Outcome) {
	if len(f) < off+2 {
		return 0, 0, MalformedL2
	}
	return off + 2, binary.BigEndian.Uint16(f[off:]), InFlow
}

// walkMACsec steps over a security tag (IEEE 802.1AE, clause 9). Frames that are
// encrypted, or whose data was changed in another way, are NonIP.
func walkMACsec(f []byte, off int) (int, uint16, Outcome) {
	const version, explicitSCI, encrypted, changed = 0x80, 0x20, 0x08, 0x04
	if len(f) < off+6 {
		return 0, 0, MalformedL2
	}
	if f[off]&(version|encrypted|changed) != 0 {
		return 0, 0, NonIP
	}
	size := 6
	if f[off]&explicitSCI != 0 {
		size += 8
	}
	return typeAt(f, off+size)
}

// walkNSH steps over a network service header (RFC 8300).
func walkNSH(f []byte, off int) (int, uint16, Outcome) {
	if len(f) < off+8 {
		return 0, 0, MalformedL2
	}
	size := int(f[off+1]&0x3f) * 4
	if size < 8 || len(f) < off+size {
		return 0, 0, MalformedL2
	}
	if f[off]>>6 != 0 {
		return 0, 0, NonIP
	}
	switch f[off+3] {
	case 1:
		return off + size, etherIPv4, InFlow
	case 2:
		return off + size, etherIPv6, InFlow
	case 3:
		return typeAt(f, off+size+2*macSize)
	case 4:
		return off + size, etherNSH, InFlow
	case 5:
		return off + size, etherMPLS, InFlow
	}
	return 0, 0, NonIP
}

// walkCMD steps over Cisco metadata with one option, the only form there is.
func walkCMD(f []byte, off int) (int, uint16, Outcome) {
	if len(f) < off+2 {
		return 0, 0, MalformedL2
	}
	if f[off] != 1 || f[off+1] != 1 {
		return 0, 0, NonIP
	}
	return typeAt(f, off+6)
}

// walkRealtek steps over the tags of Realtek switches: RTL8366 with four bytes
// and RTL8365 with eight. The other protocols of this type are management.
func walkRealtek(f []byte, off int) (int, uint16, Outcome) {
	switch {
	case len(f) < off+1:
		return 0, 0, MalformedL2
	case f[off]>>4 == 0xa:
		return typeAt(f, off+2)
	case f[off] == 0x04:
		return typeAt(f, off+6)
	}
	return 0, 0, NonIP
}

// islSize is the length of Cisco's inter-switch link header.
const islSize = 26

// isISL reports whether the frame's first header, of which the length field t
// ends at off, is an inter-switch link header: its destination is one of two
// multicast groups, and LLC with Cisco's organisation code follows. Its length
// covers a whole frame and may exceed that of IEEE 802.3.
func isISL(f []byte, off int, t uint16) bool {
	return off == etherSize && t <= 1600 && len(f) >= etherSize+3 &&
		(f[0] == 0x01 || f[0] == 0x03) && f[1] == 0 && f[2] == 0x0c && f[3] == 0 && f[4] == 0 &&
		f[14] == 0xaa && f[15] == 0xaa && f[16] == 0x03
}

// islVLAN returns the VLAN identifier of an inter-switch link header.
func islVLAN(f []byte, off int) uint16 {
	return binary.BigEndian.Uint16(f[off+6:]) >> 1 & 0x0fff
}

// nlpidType returns the EtherType of a network layer protocol identifier
// (ISO/IEC TR 9577), 0 for what is not IP.
func nlpidType(id byte) uint16 {
	switch id {
	case 0xcc:
		return etherIPv4
	case 0x8e:
		return etherIPv6
	}
	return 0
}
