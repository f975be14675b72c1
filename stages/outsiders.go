package stages

import (
	"pcapmill/ingest/packet"
)

// isError reports whether packets of an outcome, or layers in tunnels, are rows of the
// errors table.
func isError(o packet.Outcome) bool {
	switch o {
	case packet.UnsupportedLink, packet.MalformedL2, packet.MalformedL3, packet.MalformedL4, packet.FragmentUnresolved, packet.OverLimit:
		return true
	}
	return false
}

// isUnknown reports whether packets of an outcome are among those that no parser claims.
func isUnknown(o packet.Outcome) bool { return o == packet.NonIP || o == packet.OtherLink }

// outsiders notes the packets and layers that are in no flow where somebody wants to
// know of them. They go with the Block in which that became known:
//
//   - what the header walk refuses, at its place among the Views;
//   - fragments where their datagram is given up: the packets before that instant come
//     before them, wherever a Block ends.
type outsiders struct {
	wanted [packet.NumOutcomes]bool // of packets
	inner  [packet.NumOutcomes]bool // of layers in tunnels
	frames bool                     // with their bytes
	list   []packet.Outsider        `snapshot:"-"` // memory for the next list
}

func newOutsiders(cfg *Config) outsiders {
	o := outsiders{frames: cfg.SaveErrors}
	for out := range packet.NumOutcomes {
		wrong := isError(out) && (cfg.Errors || cfg.SaveErrors)
		o.wanted[out] = wrong || isUnknown(out) && cfg.Unknown
		o.inner[out] = wrong
	}
	return o
}

// outside notes the packet of Records[i], which the walk gave the outcome out. before
// is how many Views there are so far.
func (f *feeder) outside(b *packet.Block, i int, v *packet.View, out packet.Outcome, before int) {
	o := f.outsider(b, i, out, before)
	o.Time = v.Time
	switch out {
	case packet.UnsupportedLink:
		o.Fault, o.At = packet.FaultLinkType, 0
		if o.Origin.Face == nil || o.Origin.Face.Note != "" {
			o.Fault = packet.FaultInterface
		}
	case packet.NonIP, packet.OtherLink:
	default:
		fault, at := v.Fault()
		o.Fault, o.At = cutOr(fault, &o), int32(at)
	}
	b.Outsiders = append(b.Outsiders, o)
}

// outsider returns what Records[i] says of its packet.
func (f *feeder) outsider(b *packet.Block, i int, out packet.Outcome, before int) packet.Outsider {
	rec := &b.Records[i]
	o := packet.Outsider{
		Origin: b.OriginOf(i), Clock: f.clock.now, Offset: rec.Offset, CapLen: rec.CapLen, Here: rec.CapLen, WireLen: rec.WireLen,
		Before: uint32(before), Outcome: out, At: -1,
	}
	o.Origin.Face = b.Face(i)
	return o
}

// cutOr tells a frame that is too short from one that was captured too short.
func cutOr(f packet.Fault, o *packet.Outsider) packet.Fault {
	if f == packet.FaultShort && o.CapLen < o.WireLen {
		return packet.FaultCut
	}
	return f
}

// outsideLayer notes a layer within that of outer. v is what the walk left of it.
func (f *feeder) outsideLayer(b *packet.Block, outer, v *packet.View, out packet.Outcome, before int) {
	i := b.RecordOf(outer)
	if i < 0 {
		return
	}
	o := f.outsider(b, i, out, before)
	o.Time, o.Depth = outer.Time, outer.Depth+1
	at := v.Offset
	switch out {
	case packet.UnsupportedLink:
		o.Fault = packet.FaultLinkType
	case packet.OverLimit:
		o.Fault = packet.FaultDepth
	default:
		fault, within := v.Fault()
		o.Fault, at = cutOr(fault, &o), at+within
	}
	if at >= o.Offset && at-o.Offset <= o.CapLen { // else in a datagram that was put together
		o.At = int32(at - o.Offset)
	}
	b.Outsiders = append(b.Outsiders, o)
}

// outsidePiece notes a fragment whose datagram is decided.
func (f *feeder) outsidePiece(b *packet.Block, origin packet.Origin, v *packet.View, kept []byte, out packet.Outcome, fault packet.Fault) {
	if v.Depth > 0 || !f.outsiders.wanted[out] {
		return
	}
	o := packet.Outsider{
		Origin: origin, Time: v.Time, Clock: f.clock.now, Offset: v.Offset, CapLen: v.CapLen, Here: v.CapLen, WireLen: v.WireLen,
		Before: uint32(len(b.Views)), Outcome: out, Fault: fault, At: -1,
	}
	if fault >= packet.FaultLength {
		o.At = int32(v.L3)
	}
	if kept != nil {
		o.Offset, o.Here = uint32(len(b.Data)), 0
		if f.outsiders.frames {
			b.Data = append(b.Data, kept...)
			o.Here = uint32(len(kept))
		}
	}
	b.Outsiders = append(b.Outsiders, o)
}

// begin takes a block's list, which is filled anew, in order with what its fragments
// come to.
func (o *outsiders) begin(b *packet.Block) (noted []packet.Outsider) {
	noted, b.Outsiders = b.Outsiders, o.list[:0]
	o.list = noted
	return noted
}

// pass hands on what was noted before the View of the given number, and returns the
// rest. Datagrams whose time was up before come before it.
func (f *feeder) pass(b *packet.Block, noted []packet.Outsider, view int) []packet.Outsider {
	for len(noted) > 0 && noted[0].Before <= uint32(view) {
		f.expire(b, noted[0].Clock)
		noted[0].Before = uint32(len(b.Views))
		b.Outsiders = append(b.Outsiders, noted[0])
		noted = noted[1:]
	}
	return noted
}
