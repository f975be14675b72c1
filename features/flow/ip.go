package flow

import (
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
)

// ttls is the range of the TTLs or hop limits of one direction.
type ttls struct{ min, max uint8 }

func (s *ttls) observe(v *packet.View) {
	s.min, s.max = min(s.min, v.TTL), max(s.max, v.TTL)
}

// congestion is the mark of packets that have experienced it (RFC 3168).
const congestion = 3

func ipColumns() []Def {
	return perSide(func(p, of string, dir int) []Def {
		ttl := attr{role: column.LeakProne, when: ifPackets[dir]}
		return []Def{
			field32(p+"ttl_min", ttl, "Lowest TTL or hop limit, "+of+".", func(r *Row) *uint8 { return &r.sides[dir].ttl.min }),
			field32(p+"ttl_max", ttl, "Highest TTL or hop limit, "+of+".", func(r *Row) *uint8 { return &r.sides[dir].ttl.max }),
			value32(p+"dscp", attr{when: ifPackets[dir], source: "RFC 2474"}, "Differentiated services code point of the first packet, "+of+".", func(dst []int32, rows []*Row) {
				for i, r := range rows {
					dst[i] = int32(r.sides[dir].rare.tosFirst >> 2)
				}
			}),
			value32(p+"ecn", attr{when: ifPackets[dir], source: "RFC 3168"}, "ECN field of the first packet, "+of+".", func(dst []int32, rows []*Row) {
				for i, r := range rows {
					dst[i] = int32(r.sides[dir].rare.tosFirst & 3)
				}
			}),
			field64(p+"ecn_ce_packets", attr{unit: column.Packets, source: "RFC 3168"}, "Packets marked congestion experienced, "+of+".",
				func(r *Row) *uint32 { return &r.sides[dir].rare.ce }),
		}
	})
}
