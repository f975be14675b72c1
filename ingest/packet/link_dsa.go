package packet

import "encoding/binary"

// Tags that switch chips put into frames for their host. Where the tag stands
// between the addresses and the EtherType, the frame is Ethernet otherwise.

// tagDSA is the TagType of Marvell's tag, which has no EtherType of its own; no
// EtherType has this value.
const tagDSA = 1501

// linkBroadcomTag decodes four bytes of tag behind the addresses.
func linkBroadcomTag(f []byte, off int, v *View) hop {
	if len(f) < off+2*macSize+4+2 {
		return v.short(off)
	}
	return end(walkEtherType(f, off+2*macSize+4, v)).withMACs(off, off+macSize)
}

// linkBroadcomPrepended decodes the same tag before the Ethernet header.
func linkBroadcomPrepended(f []byte, off int, v *View) hop {
	return linkEthernet(f, min(off+4, len(f)), v)
}

// linkDSA decodes Marvell's tag behind the addresses.
func linkDSA(f []byte, off int, v *View) hop {
	return walkDSA(f, off+2*macSize, v).withMACs(off, off+macSize)
}

// linkEDSA decodes Marvell's tag behind an EtherType and two bytes.
func linkEDSA(f []byte, off int, v *View) hop {
	return walkDSA(f, off+2*macSize+4, v).withMACs(off, off+macSize)
}

// dsaTagged is the bit of a DSA tag that says that it stands for the frame's VLAN
// tag, at least in frames from and to the network.
const dsaTagged = 0x20

// walkDSA decodes the tag at off.
func walkDSA(f []byte, off int, v *View) hop {
	if len(f) < off+6 {
		return v.short(off)
	}
	if f[off]&dsaTagged == 0 {
		at, t := dsaEnd(f, off)
		return end(walkTags(f, at, t, v))
	}
	v.Link |= LinkHasVLAN
	v.TagOffset, v.TagType = uint16(off), tagDSA
	at, t := dsaEnd(f, off)
	return end(walkTagChain(f, at, t, v))
}

// dsaEnd returns where the tag at off ends and the EtherType of what follows.
func dsaEnd(f []byte, off int) (int, uint16) {
	if len(f) < off+6 {
		return 0, 0
	}
	return off + 6, binary.BigEndian.Uint16(f[off+4:])
}
