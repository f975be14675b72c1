package flow

import (
	"net/netip"

	"pcapmill/features/column"
	"pcapmill/ingest/packet"
)

// coreColumns are the columns whose names the design fixes, in its order.
func coreColumns() []Def {
	defs := identityColumns()
	defs = append(defs, endpointColumns()...)
	defs = append(defs, timeColumns()...)
	defs = append(defs, coreVolume()...)
	return append(defs, outcomeColumns()...)
}

func identityColumns() []Def {
	id := attr{role: column.Identity}
	opt := func(null string) attr { return attr{role: column.Identity, null: null} }
	cid := opt("fragments without a transport header")
	cid.source = "Community ID v1, seed 0"
	return []Def{
		int64Def("flow_id", id, "First 63 bits of SHA-256 over the endpoints in canonical order, protocol, start_ns and a repeat count: the same in every run over the same packets.", flowID),
		int64Def("conn_id", id, "flow_id of the connection's first piece: the same for all pieces that the active timeout cut.", connID),
		int32Def("piece_no", id, "Number of the piece within its connection, from 0.", func(r *Row) int32 { return r.PieceNo }),
		int32Def("tunnel_depth", id, "Tunnel headers around this flow; 0 is the outermost layer, the only one that packet accounting counts.", func(*Row) int32 { return 0 }),
		optInt64("parent_flow_id", opt("no enclosing tunnel flow"), "flow_id of the tunnel flow that carried the first packet.", func(*Row) (int64, bool) { return 0, false }),
		optText("community_id", column.Text, cid, "Community ID, which joins with Zeek, Suricata and others.", communityID),
		int32Def("capture_id", id, "Number of the input in the manifest, from 0, that holds the first packet.", func(r *Row) int32 { return r.Capture }),
		int64Def("first_packet_index", id, "Number of the first packet within its input, from 1, as Wireshark counts frames.", func(r *Row) int64 { return r.FirstIndex }),
	}
}

func endpointColumns() []Def {
	leak := attr{role: column.LeakProne}
	port := attr{role: column.LeakProne, null: "not TCP, UDP or SCTP, or a fragment without a transport header"}
	icmp := attr{null: "not ICMP"}
	return []Def{
		textDef("src_ip", column.String, leak, "Initiator's address.", func(r *Row, dst []byte) []byte { return appendAddr(dst, &r.Key.Src, r.Key.Version) }),
		optInt32("src_port", port, "Initiator's port.", func(r *Row) (int32, bool) { return int32(r.Key.SrcPort), hasPorts(&r.Key) }),
		textDef("dst_ip", column.String, leak, "Responder's address.", func(r *Row, dst []byte) []byte { return appendAddr(dst, &r.Key.Dst, r.Key.Version) }),
		optInt32("dst_port", port, "Responder's port.", func(r *Row) (int32, bool) { return int32(r.Key.DstPort), hasPorts(&r.Key) }),
		optInt32("icmp_type", icmp, "ICMP type of the initiator's messages.", func(r *Row) (int32, bool) { return int32(r.Key.SrcPort), isICMP(&r.Key) }),
		optInt32("icmp_code", icmp, "ICMP code of the first message.", func(r *Row) (int32, bool) { return int32(r.ICMPCode), isICMP(&r.Key) }),
		int32Def("protocol", attr{source: "IANA protocol numbers"}, "IP protocol number; for IPv6 that behind the extension headers.", func(r *Row) int32 { return int32(r.Key.Protocol) }),
		int32Def("ip_version", attr{}, "4 or 6.", func(r *Row) int32 { return int32(r.Key.Version) }),
		vlanColumn(),
	}
}

func timeColumns() []Def {
	ns := attr{unit: column.EpochNano, role: column.Time}
	us := attr{role: column.Time}
	return []Def{
		int64Def("start_ns", ns, "Time of the first packet.", func(r *Row) int64 { return r.StartTime }),
		timestampDef("start_time", us, "start_ns for people and SQL, rounded down to microseconds.", func(r *Row) int64 { return r.StartTime }),
		int64Def("end_ns", ns, "Latest packet time.", func(r *Row) int64 { return r.LastTime }),
		timestampDef("end_time", us, "end_ns for people and SQL, rounded down to microseconds.", func(r *Row) int64 { return r.LastTime }),
		int64Def("duration_ns", attr{unit: column.Nanos}, "end_ns − start_ns.", func(r *Row) int64 { return r.LastTime - r.StartTime }),
	}
}

func outcomeColumns() []Def {
	return []Def{
		enumDef("conn_state", attr{source: "Zeek conn.log"}, "State of the connection up to the end of this piece: S0, S1, SF, REJ, S2, S3, RSTO, RSTR, RSTOS0, RSTRH, SH, SHR or OTH.",
			connStates, func(r *Row) int32 { return int32(r.Conn.ConnState()) }),
		textDef("history", column.String, attr{source: "Zeek conn.log"}, "What happened on the connection up to the end of this piece, one letter an event, upper case from the initiator.",
			func(r *Row, dst []byte) []byte { return r.Conn.History(dst) }),
		enumDef("end_reason", attr{}, "Why the piece ended: idle_timeout, active_timeout, tcp_closed, tcp_reset, ports_reused, end_of_capture or evicted.",
			endNames, func(r *Row) int32 { return int32(r.End) }),
		int32Def("end_reason_code", attr{source: "IPFIX flowEndReason, RFC 5102"}, "1 idle timeout, 2 active timeout, 3 end of flow detected, 4 forced end, 5 lack of resources.",
			func(r *Row) int32 { return endIPFIX[r.End] }),
		enumDef("direction_evidence", attr{}, "How the initiator was found: syn, syn_ack (its receiver), port (well-known port answers), icmp (request type) or first_packet.",
			evidenceNames, func(r *Row) int32 { return int32(r.Evidence) }),
	}
}

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

func appendAddr(dst []byte, a *packet.Addr, version uint8) []byte {
	if version == 4 {
		return netip.AddrFrom4([4]byte(a[12:])).AppendTo(dst)
	}
	return netip.AddrFrom16(*a).AppendTo(dst)
}
