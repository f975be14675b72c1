package flow

import (
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
)

// volume counts packets and bytes of one direction.
type volume struct {
	packets   uint32
	data      uint32 // packets with payload
	wireBytes uint64
	ipBytes   uint64
	payload   uint64
	last      packet.Nanos // latest time of the direction's packets
}

func (s *volume) observe(v *packet.View) {
	s.packets++
	s.wireBytes += uint64(v.WireLen)
	s.ipBytes += uint64(v.IPLen)
	s.payload += uint64(v.PayloadLen)
}

func volumeColumns() []Def {
	return perSide(func(p, of string, dir int) []Def {
		return []Def{field64(p+"data_packets", attr{unit: column.Packets}, "Packets with at least one transport payload byte, "+of+".",
			func(r *Row) *uint32 { return &r.sides[dir].volume.data })}
	})
}

// coreVolume lists the counters whose names the design fixes, pairwise.
func coreVolume() []Def {
	defs := perSide(func(p, of string, dir int) []Def {
		return []Def{field64(p+"packets", attr{unit: column.Packets}, "Packets, "+of+".", func(r *Row) *uint32 { return &r.sides[dir].volume.packets })}
	})
	kinds := []struct {
		name string
		unit column.Unit
		doc  string
		get  func(*volume) *uint64
	}{
		{"wire_bytes", column.Bytes, "Sum of original frame lengths", func(s *volume) *uint64 { return &s.wireBytes }},
		{"ip_bytes", column.Bytes, "Sum of IP datagram lengths (IPv4 total length, IPv6 payload length + 40)", func(s *volume) *uint64 { return &s.ipBytes }},
		{"payload_bytes", column.Bytes, "Sum of transport payload lengths on the wire, retransmissions included", func(s *volume) *uint64 { return &s.payload }},
	}
	for _, k := range kinds {
		defs = append(defs, perSide(func(p, of string, dir int) []Def {
			return []Def{field64(p+k.name, attr{unit: k.unit}, k.doc+", "+of+".", func(r *Row) *uint64 { return k.get(&r.sides[dir].volume) })}
		})...)
	}
	return defs
}
