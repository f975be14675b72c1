package packet

import "encoding/binary"

// Linux's own values of the protocol field of cooked headers.
const (
	cookedLLC = 4 // ETH_P_802_2
	cookedPPP = 7 // PPP frames
)

// The lengths of cooked headers.
const (
	sllSize  = 16
	sll2Size = 20
)

// cookedSpecial reports whether the ARPHRD type that b begins with may be one of
// those of which the protocol field is no EtherType: 768 to 1023 but loopback.
func cookedSpecial(b []byte) bool { return b[0] == 3 && b[1] != 4 }

// linkSLL decodes Linux cooked headers.
func linkSLL(f []byte, off int, v *View) hop { return walkCooked(f, off, v, sllSize, 14, 2) }

// linkSLL2 decodes Linux cooked headers of version 2.
func linkSLL2(f []byte, off int, v *View) hop { return walkCooked(f, off, v, sll2Size, 0, 8) }

// walkCooked decodes a Linux cooked header of the given length with the protocol
// and the ARPHRD type at the given places.
func walkCooked(f []byte, off int, v *View, header, protoAt, hatypeAt int) hop {
	if len(f) < off+header {
		return v.short(off)
	}
	proto := binary.BigEndian.Uint16(f[off+protoAt:])
	hatype := binary.BigEndian.Uint16(f[off+hatypeAt:])
	off += header
	switch hatype { // of these the protocol field is no EtherType
	case 770:
		return into(LinkFrameRelay, off)
	case 801:
		return into(LinkWLAN, off)
	case 802:
		return into(LinkPrism, off)
	case 803:
		return into(LinkRadiotap, off)
	case 804, 805, 824: // 802.15.4 and netlink
		return stop(NonIP)
	}
	switch { // GRE, 778, has a GRE protocol type there: those of IP are the EtherTypes
	case proto == cookedLLC:
		proto = 0 // what follows is as behind an 802.3 length
	case proto == cookedPPP:
		return into(LinkPPP, off)
	case proto <= etherMaxLen: // raw 802.3, CAN, …
		return stop(NonIP)
	}
	return end(walkTags(f, off, proto, v))
}
