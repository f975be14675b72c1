package flow

import (
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
)

// ipHeader keeps what the IP headers of one direction say.
type ipHeader struct {
	ce             uint32 // packets marked congestion experienced
	ttlMin, ttlMax uint8
	tosFirst       uint8
}

func (s *ipHeader) first(v *packet.View) {
	s.ttlMin, s.ttlMax, s.tosFirst = v.TTL, v.TTL, v.TOS
}

func (s *ipHeader) observe(v *packet.View) {
	s.ttlMin, s.ttlMax = min(s.ttlMin, v.TTL), max(s.ttlMax, v.TTL)
	if v.TOS&3 == 3 {
		s.ce++
	}
}

func ipColumns() []Def {
	return perSide(func(p, of string, dir int) []Def {
		ttl := attr{role: column.LeakProne, when: ifPackets[dir]}
		return []Def{
			field32(p+"ttl_min", ttl, "Lowest TTL or hop limit, "+of+".", func(r *Row) *uint8 { return &r.sides[dir].ip.ttlMin }),
			field32(p+"ttl_max", ttl, "Highest TTL or hop limit, "+of+".", func(r *Row) *uint8 { return &r.sides[dir].ip.ttlMax }),
			value32(p+"dscp", attr{when: ifPackets[dir], source: "RFC 2474"}, "Differentiated services code point of the first packet, "+of+".", func(dst []int32, rows []*Row) {
				for i, r := range rows {
					dst[i] = int32(r.sides[dir].ip.tosFirst >> 2)
				}
			}),
			value32(p+"ecn", attr{when: ifPackets[dir], source: "RFC 3168"}, "ECN field of the first packet, "+of+".", func(dst []int32, rows []*Row) {
				for i, r := range rows {
					dst[i] = int32(r.sides[dir].ip.tosFirst & 3)
				}
			}),
			field64(p+"ecn_ce_packets", attr{unit: column.Packets, source: "RFC 3168"}, "Packets marked congestion experienced, "+of+".",
				func(r *Row) *uint32 { return &r.sides[dir].ip.ce }),
		}
	})
}
