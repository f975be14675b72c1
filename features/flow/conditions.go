package flow

import "pcapmill/ingest/packet"

// The null rules that several columns share. Those of one direction are indexed
// by it.
var (
	ifTCP      = &condition{null: "the flow is not TCP", ok: isTCP}
	ifPorts    = &condition{null: "not TCP, UDP or SCTP, or a fragment without a transport header", ok: func(r *Row) bool { return hasPorts(&r.Key) }}
	ifICMP     = &condition{null: "not ICMP", ok: func(r *Row) bool { return isICMP(&r.Key) }}
	ifHeader   = &condition{null: "fragments without a transport header", ok: func(r *Row) bool { return !r.Key.NoPorts }}
	ifDuration = &condition{null: "the flow's duration is 0", ok: func(r *Row) bool { return r.LastTime > r.StartTime }}

	ifPackets = eachSide("no packet in this direction", func(s *side) bool { return s.volume.packets > 0 })
	ifSYN     = eachSide("no SYN in this direction", func(s *side) bool { return s.tcp.state&hasSYN != 0 })
	ifMSS     = eachSide("no SYN with that option in this direction", func(s *side) bool { return s.tcp.state&hasMSS != 0 })
	ifScale   = eachSide("no SYN with that option in this direction", func(s *side) bool { return s.tcp.state&hasScale != 0 })
	ifWindow  = eachSide("no whole TCP header in this direction", func(s *side) bool { return s.tcp.state&hasWindow != 0 })
	ifPayload = eachSide("no payload captured in this direction, or --payload-bytes 0", func(s *side) bool { return s.payload.seen })
)

func eachSide(null string, ok func(*side) bool) [2]*condition {
	return [2]*condition{
		{null: null, ok: func(r *Row) bool { return ok(&r.sides[Fwd]) }},
		{null: null, ok: func(r *Row) bool { return ok(&r.sides[Rev]) }},
	}
}

func isTCP(r *Row) bool { return r.Key.Protocol == packet.ProtoTCP && !r.Key.NoPorts }

func isICMP(k *Key) bool {
	return (k.Protocol == packet.ProtoICMP || k.Protocol == packet.ProtoICMPv6) && !k.NoPorts
}

func hasPorts(k *Key) bool {
	switch k.Protocol {
	case packet.ProtoTCP, packet.ProtoUDP, packet.ProtoSCTP:
		return !k.NoPorts
	}
	return false
}
