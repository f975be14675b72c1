package stages

import (
	"pcapmill/features/flow"
	"pcapmill/features/flow/connstate"
	"pcapmill/ingest/packet"
)

// orient sets the key of a new flow so that Src is the initiator, and returns
// the direction of the packet that opens it.
func (t *flowTable) orient(r *flow.Row, v *packet.View) int {
	r.Key = t.keyOf(v)
	if !t.judge(r, v) {
		return flow.Fwd
	}
	k := &r.Key
	k.Src, k.Dst, k.SrcPort, k.DstPort = k.Dst, k.Src, k.DstPort, k.SrcPort
	return flow.Rev
}

// keyOf returns the key of the flow that a packet's sender would have begun.
func (t *flowTable) keyOf(v *packet.View) flow.Key {
	return flow.Key{
		Src: v.Src, Dst: v.Dst, SrcPort: v.SrcPort, DstPort: v.DstPort,
		Protocol: v.Protocol, Version: v.Version,
		Depth: v.Depth, Scope: flow.Scope{VLAN: v.VLANKey, Tunnel: v.TunnelID & t.tunnels},
	}
}

// judge sets the evidence for the initiator and reports whether the packet's
// sender is the responder.
func (t *flowTable) judge(r *flow.Row, v *packet.View) bool {
	switch v.Protocol {
	case packet.ProtoICMP, packet.ProtoICMPv6:
		_, _, oneWay := packet.ICMPPorts(v.Protocol, v.ICMPType, v.ICMPCode)
		r.Key.OneWay, r.ICMPCode = oneWay, v.ICMPCode
		reply := packet.ICMPReply(v.Protocol, v.ICMPType)
		if oneWay || t.timeouts.Zeek || reply && toGroup(v) { // Zeek takes the sender of the first message
			return false
		}
		r.Evidence = flow.EvidenceICMP
		return reply
	case packet.ProtoTCP, packet.ProtoUDP:
		return t.judgePorts(r, v)
	}
	return false
}

func (t *flowTable) judgePorts(r *flow.Row, v *packet.View) bool {
	if v.SrcPort == v.DstPort && v.Src == v.Dst {
		return false // both directions look alike: all packets count as forward
	}
	handshake := v.TCPFlags & (packet.SYN | packet.ACK)
	flip := connstate.StartsFlipped(v)
	switch {
	case handshake == packet.SYN:
		r.Evidence = flow.EvidenceSYN
		flip = false
	case handshake == packet.SYN|packet.ACK && !t.timeouts.Zeek:
		r.Evidence = flow.EvidenceSYNACK
		flip = true
	case flip:
		r.Evidence = flow.EvidencePort
	}
	if flip {
		r.Conn.Flip()
	}
	return flip
}

// toGroup reports whether a packet goes to many hosts, of which none can have asked for it:
// router advertisements to all nodes, for example.
func toGroup(v *packet.View) bool {
	if v.Version == 6 {
		return v.Dst[0] == 0xff
	}
	return v.Dst[12]>>4 == 0xe || [4]byte(v.Dst[12:]) == [4]byte{255, 255, 255, 255}
}
