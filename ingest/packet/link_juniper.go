package packet

import "encoding/binary"

// juniper is the kind of interface that a Juniper router captured on.
type juniper uint8

const (
	juniperEthernet juniper = iota
	juniperPPP
	juniperFrameRelay
	juniperCiscoHDLC
	juniperEtherType // an EtherType first
	juniperGGSN
	juniperService // a cookie, then IP
	juniperES
	juniperMLPPP
	juniperMLFR
	juniperMFR
	juniperATM1
	juniperATM2
	juniperOther // decoded only without link layer
)

// Flags of the header that all share, and the first byte of two of the cookies.
const (
	juniperIn       = 0x01
	juniperNoLink   = 0x02
	juniperExtended = 0x80

	juniperLSCookie = 0x54
	juniperASCookie = 0x47
)

// linkJuniper decodes the header that Juniper routers put before captured frames:
// magic, flags, extensions with their length, a cookie that depends on the
// interface.
func linkJuniper(kind juniper) linkDecoder {
	return func(f []byte, off int, v *View) hop {
		if len(f) < off+4 {
			return v.short(off)
		}
		if f[off] != 'M' || f[off+1] != 'G' || f[off+2] != 'C' {
			return v.wrong(off)
		}
		flags := f[off+3]
		off += 4
		if flags&juniperExtended != 0 {
			if len(f) < off+2 {
				return v.short(off)
			}
			off += 2 + int(binary.BigEndian.Uint16(f[off:]))
		}
		if flags&juniperNoLink != 0 {
			off += 4
			if len(f) <= off {
				return v.short(off)
			}
			return guessIP(f, off, v)
		}
		if len(f) <= off {
			return v.short(off)
		}
		return kind.walk(f, off, flags, v)
	}
}

// walk continues behind the shared header.
func (k juniper) walk(f []byte, off int, flags uint8, v *View) hop {
	switch k {
	case juniperEthernet:
		return into(LinkEthernet, off)
	case juniperPPP:
		return linkPPP(f, off, v)
	case juniperFrameRelay:
		return linkFrameRelay(f, off, v)
	case juniperCiscoHDLC:
		return linkCiscoHDLC(f, off, v)
	case juniperEtherType:
		if len(f) < off+2 {
			return v.short(off)
		}
		return end(walkEtherType(f, off, v))
	case juniperES:
		return walkJuniperES(f, off, v)
	case juniperOther:
		return stop(NonIP)
	}
	size := k.cookie(f[off])
	if k == juniperMFR && f[off]&0xc0 == 0xc0 { // a frame of one of the bundle's links
		return linkMultilinkFrameRelay(f, off, v)
	}
	if len(f) <= off+size {
		return v.short(off)
	}
	return k.walkCookie(f, off, off+size, flags, v)
}

// cookie returns the length of the cookie that begins with first.
func (k juniper) cookie(first uint8) int {
	size := 8
	switch k {
	case juniperMLPPP, juniperMLFR:
		size = 2
	case juniperMFR, juniperATM1:
		size = 4
	}
	switch first {
	case juniperASCookie:
		return 8
	case juniperLSCookie:
		return size + 2
	}
	return size
}

// walkCookie continues at off, behind the cookie.
func (k juniper) walkCookie(f []byte, cookie, off int, flags uint8, v *View) hop {
	switch k {
	case juniperATM1, juniperATM2:
		return k.walkATM(f, cookie, off, flags, v)
	case juniperGGSN, juniperService:
		return guessIP(f, off, v)
	}
	if h := guessIP(f, off, v); h.out == InFlow && f[cookie] == juniperASCookie {
		return h // it tells the protocol, and leaves no other header
	}
	if k == juniperMLPPP {
		return end(walkPPP(f, off, v))
	}
	if len(f) < off+3 {
		return v.short(off)
	}
	switch binary.BigEndian.Uint16(f[off:]) { // a control field and an NLPID
	case 0x0003, 0x0300:
		return walkRFC2427(f, off+2, v)
	}
	if f[off] == 0x03 {
		return walkRFC2427(f, off+1, v)
	}
	return stop(NonIP)
}

// walkATM decodes what an ATM interface carries: LLC, bridged Ethernet, NLPID,
// PPP or IP.
func (k juniper) walkATM(f []byte, cookie, off int, flags uint8, v *View) hop {
	operation := k == juniperATM1 && f[cookie] == 0x80 || k == juniperATM2 && f[cookie+7]&0x70 != 0
	switch {
	case operation:
		return stop(NonIP)
	case len(f) < off+3:
		return v.short(off)
	case f[off] == f[off+1] && (f[off] == 0xaa || f[off] == 0xfe) && f[off+2] == 0x03:
		return linkATM(f, off, v)
	case k == juniperATM2 && flags&juniperIn == 0 && f[cookie+3]&0x3f != 0:
		return into(LinkEthernet, off)
	case f[off] == 0x03:
		return walkRFC2427(f, off+1, v)
	}
	if h := guessIP(f, off, v); h.out == InFlow {
		return h
	}
	return end(walkPPP(f, off, v))
}

// walkJuniperES decodes the header of an encryption service: types 3 to 5 have
// sixteen bytes before the packet, the others none.
func walkJuniperES(f []byte, off int, v *View) hop {
	const header = 16
	typed := len(f) > off+3 && f[off+3] >= 3 && f[off+3] <= 5
	if typed && len(f) > off+header {
		if h := guessIP(f, off+header, v); h.out == InFlow {
			return h
		}
	}
	h := guessIP(f, off, v)
	if h.out == NonIP && uint64(v.WireLen) > uint64(len(f)) && (len(f) <= off+3 || typed && len(f) <= off+header) {
		return v.short(off)
	}
	return h
}
