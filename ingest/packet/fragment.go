package packet

import "encoding/binary"

// Fragment is the place of an IP fragment in its datagram. From and To count the
// bytes behind the headers that every fragment repeats, the ones behind the IPv4
// header or behind the IPv6 fragment header.
type Fragment struct {
	ID       uint32
	From, To uint32 // by the IP length, which the capture may have cut
	Header   uint16 // offset in the frame where the headers end that the whole datagram keeps
	Data     uint16 // offset in the frame of the fragment's first byte of data
	Next     uint16 // IPv6: offset of the byte that announces the fragment header
	Protocol uint8  // IPv4: of the header, a part of the datagram's identity; IPv6: of the fragment header
	More     bool   // another fragment follows this one
}

// maxDatagram is what the 16 bits of the IP lengths can say.
const maxDatagram = 0xffff

// IsFragment reports whether the packet is a fragment of a larger datagram. One
// that is the whole of its datagram (RFC 6946) is none.
func (v *View) IsFragment() bool { return v.Quality&(FirstFragment|LaterFragment) != 0 }

// FragmentOf returns the place of a fragment that Walk or Inner accepted; frame
// holds its captured bytes.
func FragmentOf(frame []byte, v *View) Fragment {
	var p Fragment
	if v.Version == 4 {
		h := frame[v.L3:]
		field := uint32(binary.BigEndian.Uint16(h[6:]))
		p.ID, p.Protocol = uint32(binary.BigEndian.Uint16(h[4:])), h[9]
		p.Header = v.L3 + uint16(h[0]&0x0f)*4
		p.Data = p.Header
		p.From, p.More = field&0x1fff*8, field&0x2000 != 0
	} else {
		p.findIPv6(frame, int(v.L3))
	}
	size := v.IPLen - min(v.IPLen, uint32(p.Data-v.L3))
	p.To = p.From + min(size, 2*(maxDatagram+1)) // without a length of IP the wire says it, up to 4 GiB
	return p
}

// findIPv6 finds the first fragment header that cuts a datagram. The walk has
// been there: all headers up to it are in the frame.
func (p *Fragment) findIPv6(frame []byte, l3 int) {
	next, off := l3+6, l3+40
	for range maxIPv6Headers + 1 {
		size := (int(frame[off+1]) + 1) * 8
		switch frame[next] {
		case protoFragment:
			field := uint32(binary.BigEndian.Uint16(frame[off+2:]))
			if field&^6 != 0 {
				p.ID, p.Protocol = binary.BigEndian.Uint32(frame[off+4:]), frame[off]
				p.Next, p.Header, p.Data = uint16(next), uint16(off), uint16(off+8)
				p.From, p.More = field&^7, field&1 != 0
				return
			}
			size = 8
		case protoAH:
			size = (int(frame[off+1]) + 2) * 4
		}
		next, off = off, off+size
	}
}

// Fault returns what is wrong with a fragment of the View v by itself.
func (p *Fragment) Fault(v *View) Fault {
	length := p.To - p.From
	switch {
	case v.Quality&(FirstFragment|LaterFragment) == FirstFragment|LaterFragment:
		return FaultNested
	case length == 0 || p.More && length%8 != 0:
		return FaultLength
	case p.total(v, p.To) > maxDatagram:
		return FaultTooLong
	}
	return FaultNone
}

// total is the value of the IP length field of a datagram with the headers of
// this fragment and size bytes behind them.
func (p *Fragment) total(v *View, size uint32) uint32 {
	headers := uint32(p.Header - v.L3)
	if v.Version == 6 {
		headers -= 40
	}
	return headers + size
}

// AppendHeaders appends the headers of a whole datagram of size bytes to dst:
// those of its first fragment, from the link header on, without the traces of
// fragmentation. It reports false where no IP header can say so many bytes.
func (p *Fragment) AppendHeaders(dst, frame []byte, v *View, size uint32) ([]byte, bool) {
	total := p.total(v, size)
	if total > maxDatagram {
		return dst, false
	}
	start := len(dst)
	dst = append(dst, frame[:p.Header]...)
	h := dst[start+int(v.L3):]
	if v.Version == 6 {
		binary.BigEndian.PutUint16(h[4:], uint16(total))
		dst[start+int(p.Next)] = p.Protocol
		return dst, true
	}
	binary.BigEndian.PutUint16(h[2:], uint16(total))
	h[6], h[7], h[10], h[11] = h[6]&0xc0, 0, 0, 0
	binary.LittleEndian.PutUint16(h[10:], ^sumWords(h, 0))
	return dst, true
}

// Rejoin decodes a datagram that was put together: frame begins with the headers
// of its first fragment, whose View is v, and wire is the length that it would
// have had. All of v is set that Walk sets from the IP header on, and its lengths.
func (w *Walker) Rejoin(frame []byte, wire uint32, v *View) Outcome {
	v.CapLen, v.WireLen = uint32(len(frame)), wire
	return w.walkIP(frame, v.Version, v)
}
