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
		null := "no packet in this direction"
		get := func(f func(*ipHeader) int32) func(*Row) (int32, bool) {
			return func(r *Row) (int32, bool) {
				s := &r.sides[dir]
				return f(&s.ip), s.volume.packets > 0
			}
		}
		return []Def{
			optInt32(p+"ttl_min", attr{role: column.LeakProne, null: null}, "Lowest TTL or hop limit, "+of+".", get(func(s *ipHeader) int32 { return int32(s.ttlMin) })),
			optInt32(p+"ttl_max", attr{role: column.LeakProne, null: null}, "Highest TTL or hop limit, "+of+".", get(func(s *ipHeader) int32 { return int32(s.ttlMax) })),
			optInt32(p+"dscp", attr{null: null, source: "RFC 2474"}, "Differentiated services code point of the first packet, "+of+".", get(func(s *ipHeader) int32 { return int32(s.tosFirst >> 2) })),
			optInt32(p+"ecn", attr{null: null, source: "RFC 3168"}, "ECN field of the first packet, "+of+".", get(func(s *ipHeader) int32 { return int32(s.tosFirst & 3) })),
			int64Def(p+"ecn_ce_packets", attr{unit: column.Packets, source: "RFC 3168"}, "Packets marked congestion experienced, "+of+".",
				func(r *Row) int64 { return int64(r.sides[dir].ip.ce) }),
		}
	})
}
