package packet

// linkMACsApart is the Link bit of frames whose MAC addresses are not the twelve
// bytes before the first EtherType or length field: their place depends on the
// link type.
const linkMACsApart uint8 = 1 << 7

const macSize = 6

// MACs returns the destination and source MAC address of the layer that v
// describes; false where the link layer has none. It is meant for a flow's first
// packet, not for each one.
func (b *Block) MACs(v *View) (dst, src [macSize]byte, ok bool) {
	link, known := LinkEthernet, true
	if v.Link&linkMACsApart != 0 {
		link, known = b.linkOf(v)
	}
	if !known {
		return dst, src, false
	}
	return FrameMACs(v.Frame(b), link, v)
}

// FrameMACs is Block.MACs of a layer that lies in the captured bytes f, which are those of
// a frame of a link type or, in a tunnel, behind one.
func FrameMACs(f []byte, link LinkType, v *View) (dst, src [macSize]byte, ok bool) {
	switch {
	case v.Link&LinkHasMAC == 0:
		return dst, src, false
	case v.Link&linkMACsApart == 0:
		return etherMACs(f, v)
	}
	scratch := View{CapLen: v.CapLen, WireLen: v.WireLen}
	h := follow(f, link, &scratch)
	to, from, ok := h.more.macs()
	if h.out != InFlow || !ok {
		return dst, src, false
	}
	copy(dst[:], f[to:])
	copy(src[:], f[from:])
	if h.more&hopRouted != 0 {
		src[0] &^= 0x80
	}
	return dst, src, true
}

// etherMACs returns the addresses of an Ethernet header, which end two bytes
// before what follows its EtherType or length field.
func etherMACs(f []byte, v *View) (dst, src [macSize]byte, ok bool) {
	at := int(v.L3)
	if v.TagOffset != 0 {
		at = int(v.TagOffset)
	}
	if at -= etherSize; at < 0 || at+etherSize > len(f) {
		return dst, src, false
	}
	copy(dst[:], f[at:])
	copy(src[:], f[at+macSize:])
	return dst, src, true
}

// linkOf returns the link type of the frame that v lies in.
func (b *Block) linkOf(v *View) (LinkType, bool) {
	if v.Depth > 0 {
		return 0, false
	}
	face := b.FaceOf(v)
	if face == nil {
		return 0, false
	}
	return face.Link, true
}
