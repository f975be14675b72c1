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

// population is a set of packets whose sizes are described together.
type population uint8

const (
	wireBoth population = iota
	wireFwd
	wireRev
	payloadFwd
	payloadRev
)

// sizeView is one population of sizes, ready for its statistics.
type sizeView struct {
	n, sum uint64
	sq     square
	lo, hi uint32
}

// of returns the sizes of one population of a Row.
func (p population) of(r *Row) sizeView {
	f, b := &r.sides[Fwd], &r.sides[Rev]
	switch p {
	case wireFwd:
		return f.wireSizes()
	case wireRev:
		return b.wireSizes()
	case payloadFwd:
		return f.payloadSizes()
	case payloadRev:
		return b.payloadSizes()
	}
	return f.wireSizes().join(b.wireSizes())
}

func (s *side) wireSizes() sizeView {
	return sizeView{s.volume.packets, s.volume.wireBytes, s.size.wireSq, s.size.wireMin, s.size.wireMax}
}

func (s *side) payloadSizes() sizeView {
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

func sizeColumns() []Def {
	const (
		frames   = "of frames, "
		payloads = "of transport payloads over packets that have one, "
		up, down = "initiator to responder", "responder to initiator"
		noPacket = "no packet in this direction"
		noData   = "no packet with payload in this direction"
	)
	return []Def{
		sizeDef("wire", wireBoth, frames+"both directions", ""),
		sizeDef("fwd_wire", wireFwd, frames+up, noPacket),
		sizeDef("rev_wire", wireRev, frames+down, noPacket),
		sizeDef("fwd_payload", payloadFwd, payloads+up, noData),
		sizeDef("rev_payload", payloadRev, payloads+down, noData),
	}
}

// sizeDef declares smallest, mean, deviation and largest of one population. An
// empty null says that the population is never empty.
func sizeDef(name string, p population, of, null string) Def {
	stat := func(stat string, typ column.Type, null, doc string) column.Column {
		return column.Column{Name: name + "_" + stat + "_bytes", Type: typ, Unit: column.Bytes, Null: null, Doc: doc + " " + of + "."}
	}
	return Def{
		Columns: []column.Column{
			stat("min", column.Int64, null, "Smallest size"),
			stat("mean", column.Double, null, "Mean size"),
			stat("std", column.Double, "fewer than two such packets", "Sample standard deviation (divisor n-1) of the size"),
			stat("max", column.Int64, null, "Largest size"),
		},
		fill: func(vs []batch.Vector, t *tile) { fillSizes(vs, t, p, null != "") },
	}
}

func fillSizes(vs []batch.Vector, t *tile, p population, optional bool) {
	n := len(t.rows)
	lo, hi := more(&vs[0].Int64, n), more(&vs[3].Int64, n)
	mean, std := more(&vs[1].Float64, n), more(&vs[2].Float64, n)
	stdValid := more(&vs[2].Valid, n)
	for i, r := range t.rows {
		s := p.of(r)
		lo[i], hi[i] = int64(s.lo), int64(s.hi)
		mean[i] = meanOf(s.sum, s.n)
		std[i], stdValid[i] = sampleStd(s.n, s.sum, s.sq.hi, s.sq.lo)
	}
	if !optional {
		return
	}
	valid := more(&vs[0].Valid, n)
	for i := range valid {
		valid[i] = flag(hi[i] > 0 || p.of(t.rows[i]).n > 0)
	}
	vs[1].Valid = append(vs[1].Valid, valid...)
	vs[3].Valid = append(vs[3].Valid, valid...)
}
