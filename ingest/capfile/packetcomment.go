package capfile

import "pcapmill/ingest/packet"

// maxPacketComments bounds the comments on one packet that are handed on; more
// are counted only.
const maxPacketComments = 16

// packetOptions takes the option list of a packet block, which is
// b.Data[from:to], behind the packet at b.Data[at:].
func (r *Reader) packetOptions(b *packet.Block, at, from, to int) {
	r.info.Bytes[OptionBytes] += int64(to - from)
	kept := 0
	for list := b.Data[from:to]; ; {
		code, value, rest, ok := r.nextOption(list)
		if !ok {
			return
		}
		if code == optionComment {
			r.info.Odd[Comment]++
			r.info.PacketComments++
			if kept++; kept <= maxPacketComments {
				offset := to - len(list) + optionHeader
				b.Comments = append(b.Comments, packet.Comment{
					Packet: uint32(at), Offset: uint32(offset), Length: uint32(len(value)),
				})
			}
		}
		list = rest
	}
}
