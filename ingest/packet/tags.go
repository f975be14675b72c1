package packet

import "encoding/binary"

// LinkTags calls vlan for each VLAN identifier and label for each MPLS label
// between the link header and the IP header of a frame that Walk accepted,
// outermost first. It is meant for a flow's first packet, not for each one.
func LinkTags(f []byte, v *View, vlan func(uint16), label func(uint32)) {
	off, t := int(v.TagOffset), v.TagType
	for off != 0 && off+4 <= int(v.L3) && off+4 <= len(f) {
		switch t {
		case etherVLAN, etherQinQ, etherQinQ9100, etherQinQ9200:
			vlan(binary.BigEndian.Uint16(f[off:]) & 0x0fff)
			t = binary.BigEndian.Uint16(f[off+2:])
		case etherMPLS, etherMPLSMul:
			label(binary.BigEndian.Uint32(f[off:]) >> 12)
			if f[off+2]&1 != 0 {
				return
			}
		default:
			return
		}
		off += 4
	}
}
