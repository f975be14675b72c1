package flow

import (
	"math/bits"

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

// sizeView is one population of sizes, ready for its statistics.
type sizeView struct {
	n, sum uint64
	sq     square
	lo, hi uint32
}

func wireSizes(r *Row, dir int) sizeView {
	s := &r.sides[dir]
	return sizeView{s.volume.packets, s.volume.wireBytes, s.size.wireSq, s.size.wireMin, s.size.wireMax}
}

func payloadSizes(r *Row, dir int) sizeView {
	s := &r.sides[dir]
	return sizeView{s.volume.data, s.volume.payload, s.size.paySq, s.size.payMin, s.size.payMax}
}

// join is the population of both directions.
func (a sizeView) join(b sizeView) sizeView {
	switch {
	case a.n == 0:
		return b
	case b.n == 0:
		return a
	}
	return sizeView{a.n + b.n, a.sum + b.sum, a.sq.plus(b.sq), min(a.lo, b.lo), max(a.hi, b.hi)}
}

func (a sizeView) mean() (float64, bool) { return ratio(float64(a.sum), float64(a.n)) }
func (a sizeView) std() (float64, bool)  { return sampleStd(a.n, a.sum, a.sq.hi, a.sq.lo) }

func sizeColumns() []Def {
	both := func(r *Row) sizeView { return wireSizes(r, Fwd).join(wireSizes(r, Rev)) }
	defs := sizeDefs("wire", "of frames, both directions", "", both)
	defs = append(defs, perSide(func(p, of string, dir int) []Def {
		return sizeDefs(p+"wire", "of frames, "+of, "no packet in this direction", func(r *Row) sizeView { return wireSizes(r, dir) })
	})...)
	return append(defs, perSide(func(p, of string, dir int) []Def {
		return sizeDefs(p+"payload", "of transport payloads over packets that have one, "+of, "no packet with payload in this direction",
			func(r *Row) sizeView { return payloadSizes(r, dir) })
	})...)
}

func sizeDefs(name, of, null string, get func(*Row) sizeView) []Def {
	a := attr{unit: column.Bytes, null: null}
	return []Def{
		optInt64(name+"_min_bytes", a, "Smallest size "+of+".", func(r *Row) (int64, bool) { s := get(r); return int64(s.lo), s.n > 0 }),
		optDouble(name+"_mean_bytes", a, "Mean size "+of+".", func(r *Row) (float64, bool) { return get(r).mean() }),
		optDouble(name+"_std_bytes", attr{unit: column.Bytes, null: "fewer than two such packets"}, "Sample standard deviation (divisor n-1) of the size "+of+".",
			func(r *Row) (float64, bool) { return get(r).std() }),
		optInt64(name+"_max_bytes", a, "Largest size "+of+".", func(r *Row) (int64, bool) { s := get(r); return int64(s.hi), s.n > 0 }),
	}
}
