package packet

import "encoding/binary"

// linkWLAN decodes an IEEE 802.11 frame without a header of the capturing system.
func linkWLAN(f []byte, off int, v *View) hop { return walkWLAN(f, off, false, v) }

// What radiotap and PPI say of the frame.
const (
	radiotapFCS    = 0x10 // the frame check sequence is at the end
	radiotapPadded = 0x20 // header padded to a multiple of four bytes
	ppiFCS         = 0x01
	fcsSize        = 4
)

// linkRadiotap decodes a radiotap header: version, length, bit maps of the fields
// that are there, and of the fields the flags.
func linkRadiotap(f []byte, off int, v *View) hop {
	if len(f) < off+8 {
		return v.short(off)
	}
	size := int(binary.LittleEndian.Uint16(f[off+2:]))
	if f[off] != 0 || size < 8 {
		return v.wrong(off)
	}
	if len(f) < off+size {
		return v.beyond(off, uint64(off+size))
	}
	flags, ok := radiotapFlags(f[off : off+size])
	if !ok {
		return v.wrong(off)
	}
	if flags&radiotapFCS != 0 {
		f = f[:max(off+size, len(f)-v.trailer(fcsSize))]
	}
	return walkWLAN(f, off+size, flags&radiotapPadded != 0, v)
}

// radiotapFlags returns the flags field of a radiotap header, 0 without one;
// false where the bit maps run beyond the header.
func radiotapFlags(h []byte) (uint8, bool) {
	const more, hasTime, hasFlags = 1 << 31, 1 << 0, 1 << 1
	first := binary.LittleEndian.Uint32(h[4:])
	at := 8
	for word := first; word&more != 0; at += 4 {
		if len(h) < at+4 {
			return 0, false
		}
		word = binary.LittleEndian.Uint32(h[at:])
	}
	if first&hasFlags == 0 {
		return 0, true
	}
	if first&hasTime != 0 {
		at = (at+7)&^7 + 8
	}
	if len(h) <= at {
		return 0, false
	}
	return h[at], true
}

// linkPrism decodes the header of Prism cards, or AVS, which captures of this
// type hold too.
func linkPrism(f []byte, off int, v *View) hop {
	const header = 144
	if len(f) >= off+8 && isAVS(f, off) {
		return linkAVS(f, off, v)
	}
	if len(f) < off+header {
		return v.short(off)
	}
	return walkWLAN(f, off+header, false, v)
}

// isAVS reports whether the header at off has AVS's magic and a known version.
func isAVS(f []byte, off int) bool {
	magic := binary.BigEndian.Uint32(f[off:])
	return magic == 0x80211001 || magic == 0x80211002
}

// linkAVS decodes the header of the AVS format: magic, length, fields.
func linkAVS(f []byte, off int, v *View) hop {
	if len(f) < off+8 {
		return v.short(off)
	}
	size := binary.BigEndian.Uint32(f[off+4:])
	if !isAVS(f, off) || size < 8 {
		return v.wrong(off)
	}
	if uint64(size) > uint64(len(f)-off) {
		return v.beyond(off, uint64(off)+uint64(size))
	}
	return walkWLAN(f, off+int(size), false, v)
}

// linkPPI decodes per-packet information: version, flags, length, the link type
// of the frame behind it, and fields, of which that of 802.11 says whether the
// frame check sequence is there.
func linkPPI(f []byte, off int, v *View) hop {
	if len(f) < off+8 {
		return v.short(off)
	}
	size := int(binary.LittleEndian.Uint16(f[off+2:]))
	if f[off] != 0 || size < 8 {
		return v.wrong(off)
	}
	if len(f) < off+size {
		return v.beyond(off, uint64(off+size))
	}
	link := LinkType(binary.LittleEndian.Uint32(f[off+4:]))
	if link != LinkWLAN {
		return into(link, off+size)
	}
	if ppiFlags(f[off:off+size])&ppiFCS != 0 {
		f = f[:max(off+size, len(f)-v.trailer(fcsSize))]
	}
	return walkWLAN(f, off+size, false, v)
}

// ppiFlags returns the flags of the common field of 802.11, 0 without one.
func ppiFlags(h []byte) uint16 {
	const aligned, common = 0x01, 2
	for at := 8; len(h) >= at+4; {
		kind, size := binary.LittleEndian.Uint16(h[at:]), int(binary.LittleEndian.Uint16(h[at+2:]))
		at += 4
		if kind == common && size >= 10 && len(h) >= at+10 {
			return binary.LittleEndian.Uint16(h[at+8:])
		}
		if h[1]&aligned != 0 {
			size = (size + 3) &^ 3
		}
		at += size
	}
	return 0
}

// Bits of the frame control field, in its two bytes, and of the QoS field.
const (
	wlanVersion = 0x03
	wlanType    = 0x0c
	wlanData    = 0x08
	wlanNoData  = 0x40
	wlanQoS     = 0x80

	wlanToDS      = 0x01
	wlanFromDS    = 0x02
	wlanProtected = 0x40
	wlanOrder     = 0x80

	wlanAggregate = 0x80 // QoS: A-MSDU
	wlanMesh      = 0x01 // QoS, second byte: mesh control
)

// walkWLAN decodes an 802.11 data frame. Management, control and encrypted frames
// and those without data are NonIP; a fragment that does not begin a frame is
// FragmentUnresolved.
func walkWLAN(f []byte, off int, padded bool, v *View) hop {
	if len(f) < off+2 {
		return v.short(off)
	}
	kind, flags := f[off], f[off+1]
	if kind&wlanVersion != 0 || kind&wlanType != wlanData || kind&wlanNoData != 0 {
		return stop(NonIP)
	}
	size := 24
	if flags&(wlanToDS|wlanFromDS) == wlanToDS|wlanFromDS {
		size += macSize
	}
	qos := uint16(0)
	if kind&wlanQoS != 0 {
		if len(f) < off+size+2 {
			return v.short(off)
		}
		qos = binary.BigEndian.Uint16(f[off+size:])
		if size += 2; flags&wlanOrder != 0 {
			size += 4 // HT control
		}
	}
	body := size
	if padded {
		body = (size + 3) &^ 3
	}
	switch {
	case len(f) < off+body:
		return v.short(off)
	case flags&wlanProtected != 0:
		return stop(NonIP)
	case f[off+22]&0x0f != 0: // fragment number
		return stop(v.fail(FragmentUnresolved, FaultLinkPiece, off))
	case qos>>8&wlanAggregate != 0:
		return walkAggregate(f, off+body, v)
	}
	dst, src := wlanMACs(flags)
	return walkWLANBody(f, off+body, qos, v).withMACs(off+dst, off+src)
}

// wlanMACs returns where the addresses of the frame's destination and source are:
// the others are those of the stations and access points between them.
func wlanMACs(flags uint8) (dst, src int) {
	const a1, a2, a3, a4 = 4, 10, 16, 24
	switch flags & (wlanToDS | wlanFromDS) {
	case wlanToDS:
		return a3, a2
	case wlanFromDS:
		return a1, a3
	case wlanToDS | wlanFromDS:
		return a3, a4
	}
	return a1, a2
}

// walkWLANBody decodes LLC, behind mesh control where the QoS field announces it
// and no SNAP header stands in its place.
func walkWLANBody(f []byte, off int, qos uint16, v *View) hop {
	if qos&wlanMesh != 0 && len(f) >= off+6 && f[off] != 0xaa {
		if size := 6 + macSize*int(f[off]&0x03); size <= 18 && len(f) >= off+size {
			off += size
		}
	}
	return end(walkTags(f, off, 0, v))
}

// walkAggregate decodes an A-MSDU: frames of destination, source, length and LLC,
// each padded to a multiple of four bytes. The packet is that of the first one
// that leads to IP; the others are part of its wire length.
func walkAggregate(f []byte, off int, v *View) hop {
	first := v.wrong(off)
	for i := 0; len(f) >= off+etherSize; i++ {
		size := etherSize + int(binary.BigEndian.Uint16(f[off+2*macSize:]))
		frame := f[:min(len(f), off+size)]
		h := end(walkTags(frame, off+etherSize, 0, v)).withMACs(off, off+macSize)
		if h.out == InFlow {
			return h
		}
		v.Link, v.TagOffset, v.TagType = 0, 0, 0
		if i == 0 {
			first = h
		}
		off += (size + 3) &^ 3
	}
	return first
}
