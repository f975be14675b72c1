package packet

// WalkByStep is Walk without the short cut for plain packets.
func (w *Walker) WalkByStep(frame []byte, wire uint32, link LinkType, v *View) Outcome {
	version, out := v.enter(frame, wire, link)
	if out != InFlow {
		return out
	}
	return w.walkIP(frame, version, v)
}

// Plain reports whether Walk takes the short cut.
func (w *Walker) Plain(frame []byte, link LinkType) bool {
	var v View
	version, out := v.enter(frame, uint32(len(frame)), link)
	return out == InFlow && (version == 4 && w.plainIPv4(frame[v.L3:], &v) || version == 6 && w.plainIPv6(frame[v.L3:], &v))
}

// LinkByTable returns where the decoders of linkTable find IP, and which version,
// without the short cuts for Ethernet and other common types.
func LinkByTable(frame []byte, wire uint32, link LinkType) (int, uint8, Outcome, View) {
	v := View{CapLen: uint32(len(frame)), WireLen: wire}
	h := follow(frame, link, &v)
	if h.more&hopMACs != 0 {
		v.Link |= LinkHasMAC
	}
	return h.off, h.version, h.out, v
}
