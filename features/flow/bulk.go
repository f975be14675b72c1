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
	lastData packet.Nanos // of the direction's last data packet
	run      uint32       // packets in the current run; 0: none
	bulks    uint32
	runBytes uint64
	packets  uint64
	bytes    uint64
	duration uint64
}

// observe counts a data packet. otherData is the time of the other direction's
// last data packet, packet.NoTime if none.
func (s *bulk) observe(v *packet.View, otherData packet.Nanos) {
	t, size := v.Time, uint64(v.PayloadLen)
	if s.lastData == 0 || t > s.lastData {
		s.lastData = t
	}
	if s.run == 0 || otherData > s.start || t-s.last > bulkGap {
		s.start, s.last, s.run, s.runBytes = t, t, 1, size
		return
	}
	t = max(t, s.last)
	s.run++
	s.runBytes += size
	switch {
	case s.run == bulkMinimum:
		s.bulks++
		s.packets += bulkMinimum
		s.bytes += s.runBytes
		s.duration += uint64(t - s.start)
	case s.run > bulkMinimum:
		s.packets++
		s.bytes += size
		s.duration += uint64(t - s.last)
	}
	s.last = t
}

func bulkColumns() []Def {
	return perSide(func(p, of string, dir int) []Def {
		mean := func(unit column.Unit) attr { return attr{unit: unit, when: ifBulk[dir], source: cicCorrected} }
		return []Def{
			field64(p+"bulks", attr{unit: column.Count, source: cicCorrected},
				"Runs of at least 4 data packets with gaps of at most 1 s and no data of the other direction in between, "+of+".",
				func(r *Row) *uint32 { return &r.sides[dir].bulk.bulks }),
			double(p+"bulk_mean_bytes", mean(column.Bytes), "Payload bytes per bulk, "+of+".",
				func(r *Row) float64 { s := &r.sides[dir].bulk; return meanOf(s.bytes, uint64(s.bulks)) }),
			double(p+"bulk_mean_packets", mean(column.Packets), "Packets per bulk, "+of+".",
				func(r *Row) float64 { s := &r.sides[dir].bulk; return meanOf(s.packets, uint64(s.bulks)) }),
			double(p+"bulk_bytes_per_s", attr{unit: column.BytesPerS, when: ifBulkTime[dir], source: cicCorrected}, "Payload bytes of bulks per second of their duration, "+of+".",
				func(r *Row) float64 { s := &r.sides[dir].bulk; return ratio(float64(s.bytes)*1e9, float64(s.duration)) }),
		}
	})
}
