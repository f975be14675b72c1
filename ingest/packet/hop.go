package packet

// hop is what a link-layer header says of the frame: where the next header is and
// what it is.
type hop struct {
	off     int      // where the next header starts
	version uint8    // of the IP header there
	out     Outcome  // InFlow, unless the frame ends here
	nested  bool     // the next header is no IP header but one of type link
	link    LinkType // the nested header's type
	tail    int      // bytes at the frame's end that are not the nested frame's
	macs    bool     // the header has MAC addresses, at dst and src
	dst     int
	src     int
	routed  bool // the source address has the bit of source routing set, which is not its
}

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
	return hop{off: off, out: InFlow, nested: true, link: link}
}

// withMACs adds the places of the MAC addresses.
func (h hop) withMACs(dst, src int) hop {
	h.macs, h.dst, h.src = true, dst, src
	return h
}

// walkOtherLink is walkLink for all link types but Ethernet, apart so that
// Ethernet's way does not carry its stack frame.
//
//go:noinline
func walkOtherLink(f []byte, link LinkType, v *View) (int, uint8, Outcome) {
	h := follow(f, link, v)
	return h.off, h.version, h.out
}

// maxLinkNesting bounds how many link-layer headers may stand inside each other:
// a capture header, a cooked header, a medium's header, bridged Ethernet.
const maxLinkNesting = 5

// follow goes from one link-layer header to the next until one leads to IP, and
// returns the last one's hop with the innermost MAC addresses.
func follow(f []byte, link LinkType, v *View) hop {
	first := linkOf(link)
	if first == nil {
		return stop(UnsupportedLink)
	}
	if first.decode == nil {
		return stop(OtherLink)
	}
	h := into(link, 0)
	for range maxLinkNesting {
		info := linkOf(h.link)
		if info == nil || info.decode == nil {
			return stop(NonIP)
		}
		next := info.decode(f, h.off, v)
		if !next.macs {
			next.macs, next.dst, next.src, next.routed = h.macs, h.dst, h.src, h.routed
		}
		if h = next; !h.nested || h.out != InFlow {
			if h.macs {
				v.Link |= LinkHasMAC | linkMACsApart
			}
			return h
		}
		if h.off+h.tail > len(f) {
			return stop(MalformedL2)
		}
		f = f[:len(f)-h.tail]
	}
	return stop(MalformedL2)
}
