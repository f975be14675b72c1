package traffic

import "encoding/binary"

// protoFragment is the IPv6 fragment header, protoAuth the one extension header
// that counts its length in 32-bit words.
const (
	protoFragment = 44
	protoAuth     = 51
)

// appendIP appends the IP packet.
func (p *Packet) appendIP(b []byte) []byte {
	if p.Src.Is4() {
		return p.appendIPv4(b)
	}
	return p.appendIPv6(b)
}

func (p *Packet) appendIPv4(b []byte) []byte {
	at := len(b)
	src, dst := p.Src.As4(), p.Dst.As4()
	options := (len(p.IPOptions) + 3) &^ 3
	b = append(b, 0x45+byte(options/4), p.TOS, 0, 0)
	b = be16(b, p.ID)
	b = be16(b, p.fragmentField())
	b = append(b, p.TTL, p.Protocol, 0, 0)
	b = append(b, src[:]...)
	b = append(b, dst[:]...)
	b = appendPadded(b, p.IPOptions, 4)
	l4 := len(b)
	b = p.appendTransport(b, b[at+12:at+20])
	putLength(b[at+2:], len(b)-at)
	sum := Checksum(b[at:l4])
	if p.Fault&BadIPChecksum != 0 {
		sum++
	}
	binary.BigEndian.PutUint16(b[at+10:], sum)
	return b
}

// fragmentField is the IPv4 word of flags and fragment offset.
func (p *Packet) fragmentField() uint16 {
	var f uint16
	if p.DontFragment {
		f = 0x4000
	}
	if p.Fragment == nil {
		return f
	}
	if p.Fragment.More {
		f |= 0x2000
	}
	return f | uint16(p.Fragment.Offset/8)
}

func (p *Packet) appendIPv6(b []byte) []byte {
	at := len(b)
	src, dst := p.Src.As16(), p.Dst.As16()
	b = be32(b, 6<<28|uint32(p.TOS)<<20|p.FlowLabel&0xfffff)
	b = append(b, 0, 0, p.Protocol, p.TTL)
	b = append(b, src[:]...)
	b = append(b, dst[:]...)
	b = p.appendExtensions(b, at+6)
	b = p.appendTransport(b, b[at+8:at+40])
	putLength(b[at+4:], len(b)-at-40)
	return b
}

// appendExtensions appends the extension headers; next is the index of the
// next-header byte that announces the first of them.
func (p *Packet) appendExtensions(b []byte, next int) []byte {
	for _, ext := range p.Extensions {
		b[next], next = ext.Type, len(b)
		b = append(b, p.Protocol, 0)
		b = append(b, ext.Data...)
		for (len(b)-next)%8 != 0 {
			b = append(b, 0)
		}
		b[next+1] = byte((len(b)-next)/8 - 1)
		if ext.Type == protoAuth {
			b[next+1] = byte((len(b)-next)/4 - 2)
		}
	}
	if p.Fragment == nil {
		return b
	}
	b[next] = protoFragment
	field := uint16(p.Fragment.Offset)
	if p.Fragment.More {
		field |= 1
	}
	b = append(b, p.Protocol, 0)
	b = be16(b, field)
	return be32(b, p.Fragment.ID)
}

// appendPadded appends part and zero bytes up to a multiple of unit.
func appendPadded(b, part []byte, unit int) []byte {
	b = append(b, part...)
	for n := len(part); n%unit != 0; n++ {
		b = append(b, 0)
	}
	return b
}

// Fragments encodes p as IP fragments of at most mtu bytes each, headers
// included, in order. The transport checksum covers the whole datagram. IPv6
// uses id as identification, IPv4 p.ID.
func Fragments(p Packet, mtu int, id uint32) [][]byte {
	body := p
	body.Fragment = nil
	datagram := body.transportBytes()
	headers := 20 + (len(p.IPOptions)+3)&^3
	if !p.Src.Is4() {
		headers = len(body.appendIPv6(nil)) - len(datagram) + 8
	}
	room := (mtu - headers) &^ 7
	var frames [][]byte
	for at := 0; at < len(datagram); at += room {
		end := min(at+room, len(datagram))
		part := p
		part.Opaque, part.Payload = true, datagram[at:end]
		part.Fragment = &Fragment{Offset: at, More: end < len(datagram), ID: id}
		frames = append(frames, part.Append(nil))
	}
	return frames
}

// transportBytes returns the whole transport segment with its checksum.
func (p *Packet) transportBytes() []byte {
	b := p.addressBytes(nil)
	n := len(b)
	return p.appendTransport(b, b[:n])[n:]
}

// addressBytes appends source and destination as the pseudo-header has them.
func (p *Packet) addressBytes(b []byte) []byte {
	if p.Src.Is4() {
		src, dst := p.Src.As4(), p.Dst.As4()
		return append(append(b, src[:]...), dst[:]...)
	}
	src, dst := p.Src.As16(), p.Dst.As16()
	return append(append(b, src[:]...), dst[:]...)
}
