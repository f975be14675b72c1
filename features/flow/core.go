package flow

import (
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
	parent := attr{role: column.Identity, when: ifParent}
	return []Def{
		idDef(),
		field32("piece_no", id, "Number of the piece within its connection, from 0.", func(r *Row) *int32 { return &r.PieceNo }),
		field32("tunnel_depth", id, "Tunnel headers around this flow; 0 is the outermost layer, the only one that packet accounting counts.", func(r *Row) *uint8 { return &r.Key.Depth }),
		field64("parent_flow_id", parent, "flow_id of the tunnel flow that carried the first packet.", func(r *Row) *int64 { return &r.Parent }),
		single("community_id", column.Text, attr{role: column.Identity, source: "Community ID v1, seed 0"},
			"Community ID, which joins with Zeek, Suricata and others.", fillCommunityIDs),
		field32("capture_id", id, "Number of the input in the manifest, from 0, that holds the first packet.", func(r *Row) *int32 { return &r.Capture }),
		field64("first_packet_index", id, "Number of the first packet within its input, from 1, as Wireshark counts frames.", func(r *Row) *int64 { return &r.FirstIndex }),
	}
}

// idDef declares flow_id and conn_id, which are the same for a first piece.
func idDef() Def {
	id := attr{role: column.Identity}
	return Def{
		Columns: []column.Column{
			declare("flow_id", column.Int64, id, "First 63 bits of SHA-256 over the endpoints in canonical order, protocol, start_ns and a number that tells flows of the same key and start apart, with tunnel_depth and what --key names where they are not 0: the same in every run over the same packets."),
			declare("conn_id", column.Int64, id, "flow_id of the connection's first piece: the same for all pieces that the active timeout cut."),
		},
		fill: fillIDs,
	}
}

func endpointColumns() []Def {
	leak := attr{role: column.LeakProne}
	port := attr{role: column.LeakProne, when: ifPorts}
	icmp := attr{when: ifICMP}
	return []Def{
		addrText("src_ip", leak, "Initiator's address.", func(r *Row) *packet.Addr { return &r.Key.Src }),
		addrBinary("src_ip_binary", leak, "Initiator's address in network byte order: 4 bytes of IPv4, 16 of IPv6. Written with --addr-format binary or both.", func(r *Row) *packet.Addr { return &r.Key.Src }),
		value32("src_port", port, "Initiator's port.", func(dst []int32, rows []*Row) {
			for i, r := range rows {
				dst[i] = int32(r.Key.SrcPort) * int32(portsFlag(&r.Key))
			}
		}),
		addrText("dst_ip", leak, "Responder's address.", func(r *Row) *packet.Addr { return &r.Key.Dst }),
		addrBinary("dst_ip_binary", leak, "Responder's address in network byte order: 4 bytes of IPv4, 16 of IPv6. Written with --addr-format binary or both.", func(r *Row) *packet.Addr { return &r.Key.Dst }),
		value32("dst_port", port, "Responder's port.", func(dst []int32, rows []*Row) {
			for i, r := range rows {
				dst[i] = int32(r.Key.DstPort) * int32(portsFlag(&r.Key))
			}
		}),
		value32("icmp_type", icmp, "ICMP type of the initiator's messages.", func(dst []int32, rows []*Row) {
			for i, r := range rows {
				dst[i] = int32(r.Key.SrcPort) * int32(icmpFlag(&r.Key))
			}
		}),
		value32("icmp_code", icmp, "ICMP code of the first message.", func(dst []int32, rows []*Row) {
			for i, r := range rows {
				dst[i] = int32(r.ICMPCode) * int32(icmpFlag(&r.Key))
			}
		}),
		field32("protocol", attr{source: "IANA protocol numbers"}, "IP protocol number; for IPv6 that behind the extension headers.", func(r *Row) *uint8 { return &r.Key.Protocol }),
		field32("ip_version", attr{}, "4 or 6.", func(r *Row) *uint8 { return &r.Key.Version }),
		vlanColumn(),
	}
}

func timeColumns() []Def {
	ns := attr{unit: column.EpochNano, role: column.Time}
	us := attr{role: column.Time}
	start, end := func(r *Row) *int64 { return &r.StartTime }, func(r *Row) *int64 { return &r.LastTime }
	return []Def{
		field64("start_ns", ns, "Time of the first packet.", start),
		timestamp("start_time", us, "start_ns for people and SQL, rounded down to microseconds.", start),
		field64("end_ns", ns, "Latest packet time.", end),
		timestamp("end_time", us, "end_ns for people and SQL, rounded down to microseconds.", end),
		value64("duration_ns", attr{unit: column.Nanos}, "end_ns − start_ns.", func(dst []int64, rows []*Row) {
			for i, r := range rows {
				dst[i] = r.LastTime - r.StartTime
			}
		}),
	}
}

func outcomeColumns() []Def {
	return []Def{
		enum("conn_state", attr{source: "Zeek conn.log"}, "State of the connection up to the end of this piece: S0, S1, SF, REJ, S2, S3, RSTO, RSTR, RSTOS0, RSTRH, SH, SHR or OTH.",
			connStates, func(dst []int32, rows []*Row) {
				for i, r := range rows {
					dst[i] = int32(r.Conn.ConnState())
				}
			}),
		coded("history", attr{source: "Zeek conn.log"}, "What happened on the connection up to the end of this piece, one letter an event, upper case from the initiator.",
			historyKey, func(r *Row, dst []byte) []byte { return r.Conn.History(dst) }),
		enum("end_reason", attr{}, "Why the piece ended: idle_timeout, active_timeout, tcp_closed, tcp_reset, ports_reused, end_of_capture or evicted.",
			endNames, func(dst []int32, rows []*Row) {
				for i, r := range rows {
					dst[i] = int32(r.End)
				}
			}),
		value32("end_reason_code", attr{source: "IPFIX flowEndReason, RFC 5102"}, "1 idle timeout, 2 active timeout, 3 end of flow detected, 4 forced end, 5 lack of resources.",
			func(dst []int32, rows []*Row) {
				for i, r := range rows {
					dst[i] = endIPFIX[r.End]
				}
			}),
		enum("direction_evidence", attr{}, "How the initiator was found: syn, syn_ack (its receiver), port (well-known port answers), icmp (request type) or first_packet.",
			evidenceNames, func(dst []int32, rows []*Row) {
				for i, r := range rows {
					dst[i] = int32(r.Evidence)
				}
			}),
	}
}

// historyKey marks the key of an empty history, which is a word too.
func historyKey(r *Row) wordKey {
	a, b, c := r.Conn.HistoryKey()
	return wordKey{a | 1<<63, b, c} // twelve letters of five bits leave the top bit free
}
