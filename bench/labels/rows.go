package labels

import (
	"context"
	"fmt"
	"net/netip"
	"path/filepath"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/tables"
)

// Row is what a flows table says of a flow, as far as it is compared. Of ICMP ports are 0.
type Row struct {
	FlowID, ConnID   int64
	Capture          int32
	First            int64 // number of its first packet in the capture, from 0
	Depth            int32
	Src, Dst         netip.Addr
	SrcPort, DstPort uint16
	Proto            uint8
	ICMPType         uint8 // of the initiator's messages
	ICMPCode         uint8
	Start, End       packet.Nanos
	Packets          int64
	Community        string
}

var rowColumns = []string{
	"flow_id", "conn_id", "capture_id", "first_packet_index", "tunnel_depth", "src_ip", "dst_ip", "src_port", "dst_port",
	"protocol", "icmp_type", "icmp_code", "start_ns", "end_ns", "fwd_packets", "rev_packets", "community_id",
}

// ReadRows reads the flows of a dataset, in the table's order.
func ReadRows(dataset string) (rows []Row, err error) {
	var at map[string]int
	pick := func(s *column.Schema) ([]string, error) { return rowColumns, nil }
	err = tables.Read(context.Background(), filepath.Join(dataset, "flows"), pick, func(b *batch.Batch) error {
		if at == nil {
			at = map[string]int{}
			for i := range b.Schema.Columns {
				at[b.Schema.Columns[i].Name] = i
			}
		}
		for i := range b.Rows {
			r, err := rowOf(func(name string) *batch.Vector { return &b.Vectors[at[name]] }, i)
			if err != nil {
				return err
			}
			rows = append(rows, r)
		}
		return nil
	})
	return rows, err
}

// rowOf reads row i; nulls are 0, and addresses must be there.
func rowOf(of func(string) *batch.Vector, i int) (r Row, err error) {
	for name, to := range map[string]*int64{
		"flow_id": &r.FlowID, "conn_id": &r.ConnID, "first_packet_index": &r.First, "start_ns": &r.Start, "end_ns": &r.End,
	} {
		*to = of(name).Int64[i]
	}
	r.Packets = of("fwd_packets").Int64[i] + of("rev_packets").Int64[i]
	r.Capture, r.Depth = of("capture_id").Int32[i], of("tunnel_depth").Int32[i]
	r.SrcPort, r.DstPort = uint16(of("src_port").Int32[i]), uint16(of("dst_port").Int32[i])
	r.Proto, r.ICMPType, r.ICMPCode = uint8(of("protocol").Int32[i]), uint8(of("icmp_type").Int32[i]), uint8(of("icmp_code").Int32[i])
	r.Community = of("community_id").String(i)
	if r.Src, err = netip.ParseAddr(of("src_ip").String(i)); err != nil {
		return r, fmt.Errorf("row %d: %w", i, err)
	}
	if r.Dst, err = netip.ParseAddr(of("dst_ip").String(i)); err != nil {
		return r, fmt.Errorf("row %d: %w", i, err)
	}
	return r, nil
}

// tuple is what both directions of a flow have in common.
type tuple struct {
	a, b  netip.AddrPort // the lower first
	proto uint8
}

// tupleOf returns the tuple of two ends.
func tupleOf(src, dst netip.AddrPort, proto uint8) tuple {
	if src.Compare(dst) > 0 {
		src, dst = dst, src
	}
	return tuple{src, dst, proto}
}

// tuple returns the row's. Of ICMP, type and code are mapped to ports as Community ID does.
func (r *Row) tuple() tuple {
	sport, dport := r.SrcPort, r.DstPort
	if r.Proto == packet.ProtoICMP || r.Proto == packet.ProtoICMPv6 {
		sport, dport, _ = packet.ICMPPorts(r.Proto, r.ICMPType, r.ICMPCode)
	}
	return tupleOf(netip.AddrPortFrom(r.Src, sport), netip.AddrPortFrom(r.Dst, dport), r.Proto)
}
