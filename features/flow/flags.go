package flow

import (
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
)

// flagCounts counts packets with each TCP flag; flag i is bit 1<<i.
type flagCounts struct {
	n     [8]uint32
	union uint16
}

func (s *flagCounts) observe(f uint16) {
	s.union |= f
	for i := range s.n {
		s.n[i] += uint32(f>>i) & 1
	}
}

var flagNames = [8]string{"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"}

const notTCP = "the flow is not TCP, or no TCP header was seen in this direction"

func isTCP(r *Row) bool { return r.Key.Protocol == packet.ProtoTCP && !r.Key.NoPorts }

func flagColumns() []Def {
	return perSide(func(p, of string, dir int) []Def {
		defs := []Def{optInt32(p+"tcp_flags", attr{unit: column.Bits, null: "the flow is not TCP"}, "Union of the TCP flags (CWR 0x80 … FIN 0x01, AE 0x100), "+of+".",
			func(r *Row) (int32, bool) { return int32(r.sides[dir].flags.union), isTCP(r) })}
		for i, name := range flagNames {
			defs = append(defs, optInt64(p+name+"_packets", attr{unit: column.Packets, null: "the flow is not TCP"}, "Packets with the "+name+" flag, "+of+".",
				func(r *Row) (int64, bool) { return int64(r.sides[dir].flags.n[i]), isTCP(r) }))
		}
		return defs
	})
}
