package flow

import "pcapmill/ingest/packet"

// The null rules that several columns share. Those of one direction are indexed
// by it.
var (
	ifTCP = &condition{"the flow is not TCP", func(valid []byte, rows []*Row) {
		for i, r := range rows {
			valid[i] = flag(r.Key.Protocol == packet.ProtoTCP)
		}
	}}
	ifPorts = &condition{"not TCP, UDP or SCTP", func(valid []byte, rows []*Row) {
		for i, r := range rows {
			valid[i] = portsFlag(&r.Key)
		}
	}}
	ifICMP = &condition{"not ICMP", func(valid []byte, rows []*Row) {
		for i, r := range rows {
			valid[i] = icmpFlag(&r.Key)
		}
	}}
	ifDuration = &condition{"the flow's duration is 0", func(valid []byte, rows []*Row) {
		for i, r := range rows {
			valid[i] = flag(r.LastTime > r.StartTime)
		}
	}}

	ifPackets = eachSide(func(dir int) *condition {
		return atLeast(1, "no packet in this direction", func(r *Row) *uint32 { return &r.sides[dir].volume.packets })
	})
	ifPayload = eachSide(func(dir int) *condition {
		return &condition{"no payload captured in this direction, or --payload-bytes 0", func(valid []byte, rows []*Row) {
			for i, r := range rows {
				valid[i] = flag(r.sides[dir].rare.payload.seen)
			}
		}}
	})
	ifSYN    = ifState("no SYN in this direction", hasSYN)
	ifMSS    = ifState("no SYN with that option in this direction", hasMSS)
	ifScale  = ifState("no SYN with that option in this direction", hasScale)
	ifWindow = ifState("no TCP header captured as far as its window, in this direction", hasWindow)
)

// The constructors below are not inlined: the compiler inlines nothing within a
// function literal that came to its place by inlining, and these loop over all rows.

//go:noinline
func eachSide(of func(dir int) *condition) [2]*condition { return [2]*condition{of(Fwd), of(Rev)} }

// atLeast holds where a count of the Row is that high.
//
//go:noinline
func atLeast[T uint32 | uint64](least T, null string, count func(*Row) *T) *condition {
	at := refer(count)
	return &condition{null, func(valid []byte, rows []*Row) {
		for i, r := range rows {
			valid[i] = flag(*at.at(r) >= least)
		}
	}}
}

// ifState holds where a bit of tcpSide.state is set.
//
//go:noinline
func ifState(null string, bit uint8) [2]*condition {
	return eachSide(func(dir int) *condition {
		return &condition{null, func(valid []byte, rows []*Row) {
			for i, r := range rows {
				valid[i] = flag(r.sides[dir].seen.state&bit != 0)
			}
		}}
	})
}

// The rules on protocols are sums of flags and not conditions, because no
// predictor knows the protocol of the next flow.

// portsFlag is 1 for TCP, UDP and SCTP.
func portsFlag(k *Key) byte {
	p := k.Protocol
	return flag(p == packet.ProtoTCP) | flag(p == packet.ProtoUDP) | flag(p == packet.ProtoSCTP)
}

// icmpFlag is 1 for ICMP and ICMPv6.
func icmpFlag(k *Key) byte {
	return flag(k.Protocol == packet.ProtoICMP) | flag(k.Protocol == packet.ProtoICMPv6)
}
