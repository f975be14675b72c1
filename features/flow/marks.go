package flow

import (
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
)

// marks counts packets that carry quality marks.
type marks struct {
	n       [markKinds]uint32
	quality packet.Quality // union
}

// markKinds is the number of quality marks with a column of their own.
const markKinds = 8

// markColumns says which marks each counter adds up.
var markColumns = [markKinds]struct {
	name string
	mask packet.Quality
	doc  string
}{
	{"frag_packets", packet.FirstFragment | packet.LaterFragment, "IP fragments, each a packet of its datagram's flow"},
	{"frag_unresolved", packet.Unresolved, "Those among them whose datagram never became whole"},
	{"truncated_l4_packets", packet.TruncatedL4, "Packets whose transport header the capture cut"},
	{"truncated_payload_packets", packet.TruncatedPayload, "Packets whose IP packet the capture cut: it holds fewer bytes of it than the wire had"},
	{"bad_ip_checksum_packets", packet.BadIPChecksum, "Packets whose IPv4 header checksum is wrong"},
	{"bad_l4_checksum_packets", packet.BadL4Checksum, "Packets whose TCP, UDP or ICMP checksum could be verified and is wrong"},
	{"length_mismatch_packets", packet.LengthMismatch | packet.BadL4Length, "Packets whose IP or UDP length says more than the frame holds"},
	{"duplicate_packets", packet.Repeated, "Packets captured before, found where --duplicates is mark"},
}

func (m *marks) observe(v *packet.View) {
	if v.Quality == 0 {
		return
	}
	m.quality |= v.Quality
	for i := range markColumns {
		if v.Quality&markColumns[i].mask != 0 {
			m.n[i]++
		}
	}
}

func markDefs() []Def {
	defs := []Def{
		value32("quality_bits", attr{unit: column.Bits},
			"Union of the packets' quality marks: 1 fragment of a datagram that never became whole, 2 L4 cut, 4 payload cut, 8 first fragment, 16 later fragment, 32 IP checksum, 64 L4 checksum, 128 L4 checksum not verifiable, 256 late, 512 no time, 1024 IP length above frame, 2048 L4 length contradicts IP, 4096 time far ahead of the packets around, 8192 duplicate.",
			func(dst []int32, rows []*Row) {
				for i, r := range rows {
					dst[i] = int32(r.marks.quality)
				}
			}),
		field64("late_packets", attr{unit: column.Packets}, "Packets whose time is before that of an earlier packet of the flow; their gaps are not in the gap statistics.",
			func(r *Row) *uint32 { return &r.late }),
	}
	for i := range markColumns {
		defs = append(defs, field64(markColumns[i].name, attr{unit: column.Packets}, markColumns[i].doc+", both directions.",
			func(r *Row) *uint32 { return &r.marks.n[i] }))
	}
	return defs
}
