package traffic

import (
	"encoding/binary"
	"hash/crc32"

	"pcapmill/ingest/packet"
)

// appendTransport appends the transport header, payload and checksum. addrs are
// the addresses as the pseudo-header has them; they are read before b grows.
func (p *Packet) appendTransport(b, addrs []byte) []byte {
	if p.Opaque {
		return append(b, p.Payload...)
	}
	switch p.Protocol {
	case packet.ProtoTCP:
		return p.appendTCP(b, addrs)
	case packet.ProtoUDP:
		return p.appendUDP(b, addrs)
	case packet.ProtoICMP:
		return p.appendICMP(b, 0)
	case packet.ProtoICMPv6:
		return p.appendICMP(b, pseudoSum(addrs, p.Protocol, 8+len(p.Payload)))
	case packet.ProtoSCTP:
		return p.appendSCTP(b)
	}
	return append(b, p.Payload...)
}

func (p *Packet) appendTCP(b, addrs []byte) []byte {
	at := len(b)
	header := 20 + (len(p.TCPOptions)+3)&^3
	pseudo := pseudoSum(addrs, p.Protocol, header+len(p.Payload))
	b = be16(b, p.SrcPort)
	b = be16(b, p.DstPort)
	b = be32(b, p.Seq)
	b = be32(b, p.Ack)
	b = be16(b, uint16(header/4)<<12|p.Flags&0x1ff)
	b = be16(b, p.Window)
	b = append(b, 0, 0)
	b = be16(b, p.Urgent)
	b = appendPadded(b, p.TCPOptions, 4)
	b = append(b, p.Payload...)
	p.putChecksum(b[at:], 16, pseudo)
	return b
}

func (p *Packet) appendUDP(b, addrs []byte) []byte {
	at := len(b)
	pseudo := pseudoSum(addrs, p.Protocol, 8+len(p.Payload))
	b = be16(b, p.SrcPort)
	b = be16(b, p.DstPort)
	b = be16(b, uint16(8+len(p.Payload)))
	b = append(b, 0, 0)
	b = append(b, p.Payload...)
	p.putChecksum(b[at:], 6, pseudo)
	return b
}

func (p *Packet) appendICMP(b []byte, pseudo uint64) []byte {
	at := len(b)
	b = append(b, p.ICMPType, p.ICMPCode, 0, 0)
	b = be32(b, p.ICMPRest)
	b = append(b, p.Payload...)
	p.putChecksum(b[at:], 2, pseudo)
	return b
}

// putChecksum writes the checksum of segment, whose checksum field is still
// zero, at off. UDP sends 0xffff where the sum is 0, which means "none" there.
func (p *Packet) putChecksum(segment []byte, off int, pseudo uint64) {
	var sum uint16
	switch {
	case p.Fault&NoL4Checksum != 0:
		return
	case p.Fault&OffloadChecksum != 0:
		sum = ^finish(pseudo)
	default:
		sum = finish(onesSum(pseudo, segment))
	}
	if p.Fault&BadL4Checksum != 0 {
		sum++
	}
	if sum == 0 && p.Protocol == packet.ProtoUDP {
		sum = 0xffff
	}
	binary.BigEndian.PutUint16(segment[off:], sum)
}

// appendSCTP appends the common header with its CRC-32C (RFC 9260, appendix A),
// which is stored least significant byte first.
func (p *Packet) appendSCTP(b []byte) []byte {
	at := len(b)
	b = be16(b, p.SrcPort)
	b = be16(b, p.DstPort)
	b = be32(b, p.VerificationTag)
	b = append(b, 0, 0, 0, 0)
	b = append(b, p.Payload...)
	if p.Fault&NoL4Checksum != 0 {
		return b
	}
	sum := crc32.Checksum(b[at:], crc32.MakeTable(crc32.Castagnoli))
	if p.Fault&BadL4Checksum != 0 {
		sum++
	}
	binary.LittleEndian.PutUint32(b[at+8:], sum)
	return b
}
