package packet

// linkATM decodes an AAL5 packet (RFC 2684): LLC with SNAP, LLC with an NLPID, or
// an IP packet alone.
func linkATM(f []byte, off int, v *View) hop {
	const bridgePadding = 2
	if len(f) < off+3 {
		return v.short(off)
	}
	switch {
	case f[off] == 0xaa && f[off+1] == 0xaa && f[off+2] == 0x03:
		return walkSNAP(f, off+3, bridgePadding, v)
	case f[off] == 0xfe && f[off+1] == 0xfe && f[off+2] == 0x03:
		return walkRFC2427(f, off+3, v)
	case isIPByte(f[off]):
		return guessIP(f, off, v)
	}
	return end(walkTags(f, off, 0, v))
}

// isIPByte reports whether b may be an IP packet's first byte; no LLC address in
// use looks so.
func isIPByte(b byte) bool { return b >= 0x45 && b <= 0x4f || b>>4 == 6 }

// linkSunATM decodes SunATM's header: direction and kind of traffic, VPI, VCI.
func linkSunATM(f []byte, off int, v *View) hop {
	const header, kind, lane, llc = 4, 0x0f, 1, 2
	if len(f) < off+header+2 {
		return v.short(off)
	}
	switch f[off] & kind {
	case lane: // two bytes of emulation header, which mark control frames
		if f[off+header] == 0xff && f[off+header+1] == 0 {
			return stop(NonIP)
		}
		return into(LinkEthernet, off+header+2)
	case llc:
		return linkATM(f, off+header, v)
	}
	return stop(NonIP)
}
