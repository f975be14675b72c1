package match

import (
	"math"

	"pcapmill/datasets/label"
	"pcapmill/ingest/packet"
)

// flow is what labels ask of a row of the flows table.
type flow struct {
	row          int64 // number in the table, from 0
	id, conn     int64
	src, dst     address
	start, end   int64 // ns since 1970; end is not before start
	packet       int64 // of its capture, from 1
	capture      int32
	srcPort      int32 // label.None: it has no ports
	dstPort      int32
	icmp         bool // has type and code
	oneWay       bool // of ICMP without reply
	icmpType     int32
	icmpCode     int32
	icmpPeer     int32 // type of the other direction, where it is not oneWay
	depth        int32
	protocol     uint8
	vlans        []int32 // the batch's memory
	community    []byte  // the batch's memory
	at           int     // row of its batch
	hasCommunity bool
}

// setICMP fills what follows from type and code.
func (f *flow) setICMP(kind, code int32) {
	src, dst, oneWay := packet.ICMPPorts(f.protocol, uint8(kind), uint8(code))
	f.icmp, f.oneWay, f.icmpType, f.icmpCode = true, oneWay, int32(src), code
	if !oneWay {
		f.icmpPeer = int32(dst)
	}
}

// fitsPorts reports whether a rule's ports are the flow's, the rule's source being the flow's
// destination where reversed.
func (f *flow) fitsPorts(src, dst label.Ports, reversed bool) bool {
	switch {
	case len(src) == 0 && len(dst) == 0:
		return true
	case !f.icmp && !reversed:
		return src.Has(f.srcPort) && dst.Has(f.dstPort)
	case !f.icmp:
		return src.Has(f.dstPort) && dst.Has(f.srcPort)
	case !reversed:
		return src.Has(f.icmpType) && (dst.Has(f.icmpCode) || !f.oneWay && dst.Has(f.icmpPeer))
	case f.oneWay:
		return src.Has(label.None) && dst.Has(label.None)
	}
	return src.Has(f.icmpPeer) && (dst.Has(f.icmpCode) || dst.Has(f.icmpType))
}

// fitsPort reports whether an event's port is one, which it may not say; 0 is none, too.
func fitsPort(said, port int32) bool {
	return said < 0 || said == port || said == 0 && port < 0
}

// fitsEventPorts is fitsPorts for the ports of an event.
func (f *flow) fitsEventPorts(src, dst int32, reversed bool) bool {
	switch {
	case !f.icmp && !reversed:
		return fitsPort(src, f.srcPort) && fitsPort(dst, f.dstPort)
	case !f.icmp:
		return fitsPort(src, f.dstPort) && fitsPort(dst, f.srcPort)
	case src < 0 && dst < 0:
		return true
	case max(src, dst) > math.MaxUint8: // neither type nor code
		return false
	case f.oneWay:
		return !reversed && fitsPort(src, f.icmpType) && fitsPort(dst, f.icmpCode)
	case reversed:
		return src < 0 || src == f.icmpPeer
	}
	return src < 0 || src == f.icmpType
}
