package record

import (
	"pcapmill/features/column"
	"pcapmill/features/flow"
	"pcapmill/ingest/packet"
)

// Packet is the packet that a record was complete with, and its flow.
type Packet struct {
	Flow             *flow.Row // that the packet is of; read where there is a row
	Capture          int32     // number of the input
	Index            int64     // of the packet within its input, from 1
	Time             packet.Nanos
	Src, Dst         packet.Addr // of the packet: the sender of the message is the source
	SrcPort, DstPort uint16
	Version          uint8  // 4 or 6
	Transport        uint8  // IP protocol number
	Forward          bool   // it goes the flow's forward way, as that stands
	Side             uint8  // 0 or 1: which end sent it, the same all along a Conversation
	Payload          []byte // of a datagram
	Cut              bool   // the payload was longer on the wire

	id int64 // of Flow, set where there is a row
}

// packetColumns are the first columns of each table.
func packetColumns(addr flow.AddrFormat) []Def[Packet] {
	defs := []Def[Packet]{
		long("flow_id", column.Int64, "flow_id of the flow, or piece of a flow, that the message is part of.", "", func(p *Packet) (int64, bool) { return p.id, true }).as(column.Identity),
		captureID(func(p *Packet) int32 { return p.Capture }),
		packetIndex("Number of the packet with which the message was complete within its input, from 1, as Wireshark counts frames.", func(p *Packet) int64 { return p.Index }),
	}
	defs = append(defs, instants("that packet", func(p *Packet) packet.Nanos { return p.Time })...)
	if addr != flow.AddrBinary {
		defs = append(defs,
			addrText("src_ip", "Address that the message came from.", func(p *Packet) *packet.Addr { return &p.Src }),
			addrText("dst_ip", "Address that the message went to.", func(p *Packet) *packet.Addr { return &p.Dst }))
	}
	if addr != flow.AddrText {
		defs = append(defs,
			addrBinary("src_ip_binary", "Address that the message came from, 4 or 16 bytes.", func(p *Packet) *packet.Addr { return &p.Src }),
			addrBinary("dst_ip_binary", "Address that the message went to, 4 or 16 bytes.", func(p *Packet) *packet.Addr { return &p.Dst }))
	}
	return append(defs,
		whole("src_port", "Port that the message came from.", func(p *Packet) int32 { return int32(p.SrcPort) }).as(column.LeakProne),
		whole("dst_port", "Port that the message went to.", func(p *Packet) int32 { return int32(p.DstPort) }).as(column.LeakProne),
		whole("protocol", "IP protocol number of the transport: 6 TCP, 17 UDP.", func(p *Packet) int32 { return int32(p.Transport) }),
		word("direction", "fwd where the message goes from the flow's initiator to its responder, as it stood at that packet; else rev.", direction))
}

func direction(p *Packet) string {
	if p.Forward {
		return "fwd"
	}
	return "rev"
}

func addrText(name, doc string, addr func(*Packet) *packet.Addr) Def[Packet] {
	return text(name, column.String, doc, "", func(p *Packet, dst []byte) ([]byte, bool) {
		return flow.AppendAddr(dst, addr(p), p.Version), true
	}).as(column.LeakProne)
}

func addrBinary(name, doc string, addr func(*Packet) *packet.Addr) Def[Packet] {
	return text(name, column.Binary, doc, "", func(p *Packet, dst []byte) ([]byte, bool) {
		return append(dst, flow.AddrBytes(addr(p), p.Version)...), true
	}).as(column.LeakProne)
}
