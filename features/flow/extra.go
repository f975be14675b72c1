package flow

import (
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
)

// MaxFirstPackets bounds --first-packets.
const MaxFirstPackets = 1000

// Extra is the state of the opt-in list groups of one flow piece. It lives
// beside the Row, and only where such a group was asked for, because it would
// double the memory of every flow.
type Extra struct {
	hist  [2]histograms
	first []firstPacket // its capacity is the number asked for
}

type histograms struct {
	size [sizeBins]uint32
	gap  [gapBins]uint32
}

type firstPacket struct {
	gap   int64
	size  uint32
	flags uint16
	dir   int8
}

const (
	sizeBins = 8
	gapBins  = 8
)

// Upper edges of the bins, exclusive; the last bin is open.
var (
	sizeEdges = [sizeBins - 1]uint32{64, 128, 256, 512, 1024, 1519, 9000}
	gapEdges  = [gapBins - 1]int64{10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000}
)

// NewExtras returns n Extras that keep the first packets of each flow.
func NewExtras(n, packets int) []Extra {
	extras := make([]Extra, n)
	flat := make([]firstPacket, n*packets)
	for i := range extras {
		extras[i].first = flat[i*packets : i*packets : (i+1)*packets]
	}
	return extras
}

// ExtraBytes is the memory of an Extra that keeps the given number of packets.
func ExtraBytes(packets int) int64 { return 2*4*(sizeBins+gapBins) + 24 + 16*int64(packets) }

// Clear empties the Extra, keeping its memory.
func (x *Extra) Clear() { *x = Extra{first: x.first[:0]} }

// CopyFrom makes x equal to y in memory of its own. Both come from NewExtras
// with the same number of packets.
func (x *Extra) CopyFrom(y *Extra) {
	x.hist = y.hist
	x.first = append(x.first[:0], y.first...)
}

// Flip exchanges initiator and responder of what was counted so far.
func (x *Extra) Flip() {
	x.hist[Fwd], x.hist[Rev] = x.hist[Rev], x.hist[Fwd]
	for i := range x.first {
		x.first[i].dir = Rev - x.first[i].dir
	}
}

// Observe counts one packet; it is called before Row.Observe.
func (x *Extra) Observe(r *Row, v *packet.View, dir int) {
	s := &r.sides[dir]
	h := &x.hist[dir]
	h.size[bin(sizeEdges[:], v.WireLen)]++
	if s.volume.packets > 0 && v.Time >= s.volume.last {
		h.gap[bin(gapEdges[:], v.Time-s.volume.last)]++
	}
	if len(x.first) == cap(x.first) {
		return
	}
	p := firstPacket{size: v.WireLen, flags: v.TCPFlags, dir: int8(dir)}
	if len(x.first) > 0 {
		p.gap = v.Time - r.LastTime
	}
	x.first = append(x.first, p)
}

// bin returns the index of the first edge above x.
func bin[T int64 | uint32](edges []T, x T) int {
	for i, e := range edges {
		if x < e {
			return i
		}
	}
	return len(edges)
}

// listDef declares a list column over Extras; get appends the elements.
func listDef[T int32 | int64](name string, typ column.Type, a attr, doc string, elements func(*batch.Vector) *[]T, get func(x *Extra, dst []T) []T) Def {
	return single(name, typ, a, doc, func(v *batch.Vector, t *tile) {
		startOffsets(v)
		e := elements(v)
		for _, x := range t.extras {
			*e = get(x, *e)
			v.Offsets = append(v.Offsets, int32(len(*e)))
		}
	})
}

func elements64(v *batch.Vector) *[]int64 { return &v.Int64 }
func elements32(v *batch.Vector) *[]int32 { return &v.Int32 }

func histogramColumns() []Def {
	return perSide(func(p, of string, dir int) []Def {
		return []Def{
			listDef(p+"size_histogram", column.ListInt64, attr{unit: column.Packets}, "Packets by wire length, bins below 64, 128, 256, 512, 1024, 1519, 9000 bytes and from 9000, "+of+".",
				elements64, func(x *Extra, dst []int64) []int64 { return appendCounts(dst, x.hist[dir].size[:]) }),
			listDef(p+"iat_histogram", column.ListInt64, attr{unit: column.Packets}, "Gaps between packets of the direction by length, bins below 10 µs, 100 µs, 1 ms, 10 ms, 100 ms, 1 s, 10 s and from 10 s, "+of+".",
				elements64, func(x *Extra, dst []int64) []int64 { return appendCounts(dst, x.hist[dir].gap[:]) }),
		}
	})
}

func appendCounts(dst []int64, counts []uint32) []int64 {
	for _, c := range counts {
		dst = append(dst, int64(c))
	}
	return dst
}

func firstPacketColumns() []Def {
	each := func(get func(*firstPacket) int32) func(*Extra, []int32) []int32 {
		return func(x *Extra, dst []int32) []int32 {
			for i := range x.first {
				dst = append(dst, get(&x.first[i]))
			}
			return dst
		}
	}
	return []Def{
		listDef("first_sizes_bytes", column.ListInt64, attr{unit: column.Bytes}, "Wire lengths of the first packets (--first-packets), in order of arrival.", elements64,
			func(x *Extra, dst []int64) []int64 {
				for i := range x.first {
					dst = append(dst, int64(x.first[i].size))
				}
				return dst
			}),
		listDef("first_directions", column.ListInt32, attr{}, "Directions of the same packets: 0 initiator to responder, 1 responder to initiator.", elements32,
			each(func(p *firstPacket) int32 { return int32(p.dir) })),
		listDef("first_iats_ns", column.ListInt64, attr{unit: column.Nanos}, "Time since the flow's latest packet before; 0 for the first, negative for late packets.", elements64,
			func(x *Extra, dst []int64) []int64 {
				for i := range x.first {
					dst = append(dst, x.first[i].gap)
				}
				return dst
			}),
		listDef("first_tcp_flags", column.ListInt32, attr{unit: column.Bits}, "TCP flags of the same packets; 0 where not TCP.", elements32,
			each(func(p *firstPacket) int32 { return int32(p.flags) })),
	}
}
