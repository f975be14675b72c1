package flow

import (
	"math/bits"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
)

// sizes are the statistics of packet sizes of one direction beyond the sums
// that volume keeps.
type sizes struct {
	wireSq           square
	paySq            square
	wireMin, wireMax uint32
	payMin, payMax   uint32 // over packets with payload
}

func (s *sizes) observe(v *packet.View) {
	if s.wireMax == 0 || v.WireLen < s.wireMin {
		s.wireMin = v.WireLen
	}
	s.wireMax = max(s.wireMax, v.WireLen)
	s.wireSq.add(v.WireLen)
	if v.PayloadLen == 0 {
		return
	}
	if s.payMax == 0 || v.PayloadLen < s.payMin {
		s.payMin = v.PayloadLen
	}
	s.payMax = max(s.payMax, v.PayloadLen)
	s.paySq.add(v.PayloadLen)
}

// square is a 128-bit sum of squares: the wire length of a hostile record can be
// 2³²−1, whose square alone nearly fills 64 bits.
type square struct{ hi, lo uint64 }

func (q *square) add(x uint32) {
	var carry uint64
	q.lo, carry = bits.Add64(q.lo, uint64(x)*uint64(x), 0)
	q.hi += carry
}

func (q square) plus(p square) square {
	lo, carry := bits.Add64(q.lo, p.lo, 0)
	return square{q.hi + p.hi + carry, lo}
}

func sizeColumns() []Def {
	both := &condition{"fewer than two such packets", func(valid []byte, rows []*Row) {
		for i, r := range rows {
			valid[i] = flag(r.Packets() >= 2)
		}
	}}
	defs := []Def{sizeDef("wire", "of frames, both directions", nil, both, fillWireSizes)}
	defs = append(defs, perSide(func(p, of string, dir int) []Def {
		two := atLeast(2, both.null, func(r *Row) *uint64 { return &r.sides[dir].volume.packets })
		return []Def{sizeDef(p+"wire", "of frames, "+of, ifPackets[dir], two, func(w *spread, rows []*Row) {
			for i, r := range rows {
				s := &r.sides[dir]
				w.set(i, s.volume.packets, s.volume.wireBytes, s.size.wireSq.hi, s.size.wireSq.lo, int64(s.size.wireMin), int64(s.size.wireMax))
			}
		})}
	})...)
	return append(defs, perSide(func(p, of string, dir int) []Def {
		packets := func(r *Row) *uint64 { return &r.sides[dir].volume.data }
		one, two := atLeast(1, "no packet with payload in this direction", packets), atLeast(2, both.null, packets)
		return []Def{sizeDef(p+"payload", "of transport payloads over packets that have one, "+of, one, two, func(w *spread, rows []*Row) {
			for i, r := range rows {
				s := &r.sides[dir]
				w.set(i, s.volume.data, s.volume.payload, s.size.paySq.hi, s.size.paySq.lo, int64(s.size.payMin), int64(s.size.payMax))
			}
		})}
	})...)
}

// sizeDef declares smallest, mean, deviation and largest of one population. A nil
// when says that the population is never empty; two rules the deviation.
func sizeDef(name, of string, when, two *condition, fill func(w *spread, rows []*Row)) Def {
	stat := func(stat string, typ column.Type, when *condition, doc string) column.Column {
		return declare(name+"_"+stat+"_bytes", typ, attr{unit: column.Bytes, when: when}, doc+" "+of+".")
	}
	return Def{
		Columns: []column.Column{
			stat("min", column.Int64, when, "Smallest size"),
			stat("mean", column.Double, when, "Mean size"),
			stat("std", column.Double, two, "Sample standard deviation (divisor n-1) of the size"),
			stat("max", column.Int64, when, "Largest size"),
		},
		when: []*condition{when, when, two, when},
		fill: func(vs []batch.Vector, t *tile) {
			t.spread = newSpread(vs, len(t.rows))
			fill(&t.spread, t.rows)
		},
	}
}

// fillWireSizes joins the frames of both directions. A direction without packets
// has 0 as its smallest size, which must not win.
func fillWireSizes(w *spread, rows []*Row) {
	for i, r := range rows {
		f, b := &r.sides[Fwd], &r.sides[Rev]
		lo := min(f.size.wireMin, b.size.wireMin)
		switch {
		case f.volume.packets == 0:
			lo = b.size.wireMin
		case b.volume.packets == 0:
			lo = f.size.wireMin
		}
		sq := f.size.wireSq.plus(b.size.wireSq)
		w.set(i, r.Packets(), f.volume.wireBytes+b.volume.wireBytes, sq.hi, sq.lo, int64(lo), int64(max(f.size.wireMax, b.size.wireMax)))
	}
}
