package flow

import (
	"math/bits"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// sizes are the statistics of the sizes of one population beyond the sum that
// volume keeps. smallest is the complement of the smallest size, so that 0 means
// none.
type sizes struct {
	sq       uint64 // low bits of the sum of squares; the carries are in rare
	smallest uint32
	largest  uint32
}

// observe counts a size and returns the carry out of the sum of squares: the wire
// length of a hostile record can be 2³²−1, whose square alone nearly fills 64 bits.
func (s *sizes) observe(x uint32) (carry uint32) {
	s.smallest = max(s.smallest, ^x)
	s.largest = max(s.largest, x)
	sum, c := bits.Add64(s.sq, uint64(x)*uint64(x), 0)
	s.sq = sum
	return uint32(c)
}

// smallestOf returns the smallest of n sizes, 0 where there are none.
func (s *sizes) smallestOf(n uint32) int64 {
	if n == 0 {
		return 0
	}
	return int64(^s.smallest)
}

func sizeColumns() []Def {
	both := &condition{"fewer than two such packets", func(valid []byte, rows []*Row) {
		for i, r := range rows {
			valid[i] = flag(r.Packets() >= 2)
		}
	}}
	defs := []Def{sizeDef("wire", "of frames, both directions", nil, both, fillWireSizes)}
	defs = append(defs, perSide(func(p, of string, dir int) []Def {
		two := atLeast(2, both.null, func(r *Row) *uint32 { return &r.sides[dir].volume.packets })
		return []Def{sizeDef(p+"wire", "of frames, "+of, ifPackets[dir], two, func(w *spread, rows []*Row) {
			for i, r := range rows {
				s := &r.sides[dir]
				w.set(i, uint64(s.volume.packets), s.volume.wireBytes, uint64(s.rare.wireSqHi), s.wire.sq, s.wire.smallestOf(s.volume.packets), int64(s.wire.largest))
			}
		})}
	})...)
	return append(defs, perSide(func(p, of string, dir int) []Def {
		packets := func(r *Row) *uint32 { return &r.sides[dir].volume.data }
		one, two := atLeast(1, "no packet with payload in this direction", packets), atLeast(2, both.null, packets)
		return []Def{sizeDef(p+"payload", "of transport payloads over packets that have one, "+of, one, two, func(w *spread, rows []*Row) {
			for i, r := range rows {
				s := &r.sides[dir]
				w.set(i, uint64(s.volume.data), s.volume.payload, uint64(s.rare.paySqHi), s.pay.sq, s.pay.smallestOf(s.volume.data), int64(s.pay.largest))
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

// fillWireSizes joins the frames of both directions.
func fillWireSizes(w *spread, rows []*Row) {
	for i, r := range rows {
		f, b := &r.sides[Fwd], &r.sides[Rev]
		lo := ^max(f.wire.smallest, b.wire.smallest)
		sq, carry := bits.Add64(f.wire.sq, b.wire.sq, 0)
		hi := uint64(f.rare.wireSqHi) + uint64(b.rare.wireSqHi) + carry
		w.set(i, r.Packets(), f.volume.wireBytes+b.volume.wireBytes, hi, sq, int64(lo), int64(max(f.wire.largest, b.wire.largest)))
	}
}
