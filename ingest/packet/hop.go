package packet

import "encoding/binary"

// hop is what a link-layer header says of the frame: where the next header is and
// what it is. It has no more than four fields so that it stays in registers.
type hop struct {
	off     int     // where the next header starts
	version uint8   // of the IP header there
	out     Outcome // InFlow, unless the frame ends here
	more    hopMore
}

// hopMore is what few headers have to say, in bits: the link type of a header
// inside, how many bytes at the frame's end are not the nested frame's, three
// marks, and the places of destination and source MAC address.
type hopMore uint64

const (
	hopLink      hopMore = 0xffff
	hopTailShift         = 16
	hopTail      hopMore = 0x0f << hopTailShift
	hopNested    hopMore = 1 << 20 // the next header is no IP header but one of type link
	hopMACs      hopMore = 1 << 21 // the header has MAC addresses
	hopRouted    hopMore = 1 << 22 // the source address has the bit of source routing set
	hopDstShift          = 24
	hopSrcShift          = 44
	hopPlace             = 1<<20 - 1 // beyond it no header leads to a flow: maxL3
	hopAddresses         = hopMACs | hopRouted | hopPlace<<hopDstShift | hopPlace<<hopSrcShift
)

// linkDecoder decodes the link-layer header at off. It must not read beyond f,
// and off never is beyond it. Decoders do not call each other through linkTable:
// a header inside another one is named in the hop, and follow goes on with it.
type linkDecoder func(f []byte, off int, v *View) hop

// end is the hop of a decoder that went through to IP.
func end(off int, version uint8, out Outcome) hop {
	return hop{off: off, version: version, out: out}
}

// stop is the hop of a decoder that found no way to IP.
func stop(out Outcome) hop { return hop{out: out} }

// into is the hop to a link-layer header of another type.
func into(link LinkType, off int) hop {
	return hop{off: off, more: hopNested | hopMore(min(link, linkMax+1))}
}

// withMACs adds the places of the MAC addresses.
func (h hop) withMACs(dst, src int) hop {
	h.more |= hopMACs | hopMore(dst&hopPlace)<<hopDstShift | hopMore(src&hopPlace)<<hopSrcShift
	return h
}

// without says that the last n bytes of the frame, up to 15, are not the nested
// frame's.
func (h hop) without(n int) hop {
	h.more |= hopMore(n) << hopTailShift & hopTail
	return h
}

// macs returns the places of the MAC addresses.
func (m hopMore) macs() (dst, src int, ok bool) {
	return int(m >> hopDstShift & hopPlace), int(m >> hopSrcShift & hopPlace), m&hopMACs != 0
}

// walkOtherLink is walkLink for all link types but Ethernet, apart so that
// Ethernet's way does not carry its stack frame. The most common forms of the most
// common types do not take the detour over linkTable, which would find the same.
//
//go:noinline
func walkOtherLink(f []byte, link LinkType, v *View) (int, uint8, Outcome) {
	switch link {
	case LinkRaw, LinkRawBSD:
		return rawVersion(f, 0, v)
	case LinkIPv4:
		return 0, 4, InFlow
	case LinkSLL:
		if len(f) >= sllSize && !cookedSpecial(f[2:]) {
			if version := etherVersion(f[14:]); version != 0 {
				return sllSize, version, InFlow
			}
		}
	case LinkSLL2:
		if len(f) >= sll2Size && !cookedSpecial(f[8:]) {
			if version := etherVersion(f); version != 0 {
				return sll2Size, version, InFlow
			}
		}
	}
	h := follow(f, link, v)
	if h.more&hopMACs != 0 {
		v.Link |= LinkHasMAC | linkMACsApart
	}
	return h.off, h.version, h.out
}

// etherVersion returns the IP version of the EtherType that b begins with.
func etherVersion(b []byte) uint8 {
	switch binary.BigEndian.Uint16(b) {
	case etherIPv4:
		return 4
	case etherIPv6:
		return 6
	}
	return 0
}

// follow goes from one link-layer header to the next until one leads to IP, and
// returns the last one's hop with the innermost MAC addresses.
func follow(f []byte, link LinkType, v *View) hop {
	info := linkOf(link)
	switch {
	case info == nil:
		return stop(UnsupportedLink)
	case info.decode == nil:
		return stop(OtherLink)
	}
	h := info.decode(f, 0, v)
	if h.more&hopNested != 0 {
		return followNested(f, h, v)
	}
	return h
}

// maxLinkNesting bounds how many link-layer headers may stand inside another one:
// a cooked header, a medium's header, bridged Ethernet.
const maxLinkNesting = 4

// followNested continues with a header inside another one.
func followNested(f []byte, h hop, v *View) hop {
	for range maxLinkNesting {
		tail := int(h.more & hopTail >> hopTailShift)
		if h.off+tail > len(f) {
			return v.short(h.off)
		}
		f = f[:len(f)-tail]
		info := linkOf(LinkType(h.more & hopLink))
		if info == nil || info.decode == nil {
			return stop(NonIP)
		}
		next := info.decode(f, h.off, v)
		if next.more&hopMACs == 0 {
			next.more |= h.more & hopAddresses
		}
		if h = next; h.more&hopNested == 0 {
			return h
		}
	}
	return stop(v.fail(MalformedL2, FaultNesting, h.off))
}
