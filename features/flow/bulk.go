package flow

import (
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
)

const (
	bulkGap     = 1_000_000_000 // a longer gap ends a bulk
	bulkMinimum = 4             // packets that make a run a bulk
)

// bulk finds runs of at least four data packets of one direction, no gap above
// 1 s and no data of the other direction in between.
type bulk struct {
	start    packet.Nanos // of the current run
	last     packet.Nanos // of the current run's last packet
	runBytes uint64
	run      uint32 // packets in the current run; 0: none
	bulks    uint32
}

// bulkSums are sums over a direction's bulks.
type bulkSums struct{ packets, bytes, duration uint64 }

// observe counts a data packet. again says that the flow's data packet before was of this
// direction too. Times do not tell: many are the same, and some go back.
func (s *bulk) observe(v *packet.View, again bool, sums *bulkSums) {
	t, size := v.Time, uint64(v.PayloadLen)
	if s.run == 0 || !again || t-s.last > bulkGap {
		s.start, s.last, s.run, s.runBytes = t, t, 1, size
		return
	}
	t = max(t, s.last)
	s.run++
	s.runBytes += size
	switch {
	case s.run == bulkMinimum:
		s.bulks++
		sums.packets += bulkMinimum
		sums.bytes += s.runBytes
		sums.duration += uint64(t - s.start)
	case s.run > bulkMinimum:
		sums.packets++
		sums.bytes += size
		sums.duration += uint64(t - s.last)
	}
	s.last = t
}

func bulkColumns() []Def {
	return perSide(func(p, of string, dir int) []Def {
		of = ", " + of + "."
		a := func(unit column.Unit) attr { return attr{unit: unit, source: cicCorrected} }
		return []Def{
			field64(p+"bulks", a(column.Count), "Runs of at least 4 data packets with gaps of at most 1 s and no data of the other direction in between"+of,
				func(r *Row) *uint32 { return &r.sides[dir].bulk.bulks }),
			field64(p+"bulk_packets", a(column.Packets), "Data packets in bulks"+of, func(r *Row) *uint64 { return &r.sides[dir].rare.bulks.packets }),
			field64(p+"bulk_payload_bytes", a(column.Bytes), "Payload bytes in bulks"+of, func(r *Row) *uint64 { return &r.sides[dir].rare.bulks.bytes }),
			field64(p+"bulk_ns", a(column.Nanos), "Sum of the bulks' durations; bytes per bulk, packets per bulk and bulk rate are quotients of these four"+of,
				func(r *Row) *uint64 { return &r.sides[dir].rare.bulks.duration }),
		}
	})
}
