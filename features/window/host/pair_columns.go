package host

import (
	"pcapmill/features/column"
	"pcapmill/features/flow"
	"pcapmill/features/window/table"
	"pcapmill/ingest/packet"
)

// PairsTable is the name of the table of pairs.
const PairsTable = "pairs"

// pairsVersion is raised with each change of the table that a reader could notice.
const pairsVersion = 1

// pairRow is what a row is made of.
type pairRow struct {
	frame    *frame
	src, dst *packet.Addr
	version  uint8
	pair     pair
	starts   starts
}

// starts are what the first pieces of a pair's flows say of when they begin and how much
// they bring.
type starts struct {
	first, last packet.Nanos // where there is a flow
	gaps        spread       // between consecutive starts
	middle      float64      // median of the gaps
	sent        spread       // wire bytes from the initiator
	sizes       int64        // different numbers of these bytes
}

// PairGroups describe the table's groups of columns.
func PairGroups() []table.Group {
	return []table.Group{
		{Name: "window", Doc: "the window; initiator, responder, the responder's port and the protocol of the flows"},
		{Name: "flows", Doc: "flows of depth 0 that began in the window, and pieces of flows that did, with what the active timeout has cut"},
		{Name: "starts", Doc: "when the flows that began in the window did, and how much the initiator sent in their first pieces"},
	}
}

// PairsSchema returns the columns of the pairs table.
func PairsSchema() *column.Schema { return table.Schema(PairsTable, pairsVersion, pairColumns()) }

func pairColumns() []table.Def[pairRow] {
	window := append(frameColumns("pairs", func(r *pairRow) *frame { return r.frame }),
		table.Address("src_ip", "Address of the initiator.", func(r *pairRow) (*packet.Addr, uint8) { return r.src, r.version }),
		table.Address("dst_ip", "Address of the responder.", func(r *pairRow) (*packet.Addr, uint8) { return r.dst, r.version }),
		table.KnownSmall("dst_port", "Port of the responder.", "not TCP, UDP or SCTP", func(r *pairRow) (int32, bool) { return int32(r.pair.port), hasPorts(r.pair.protocol) }).As(column.LeakProne),
		table.Small("protocol", "IP protocol number.", func(r *pairRow) int32 { return int32(r.pair.protocol) }),
		table.Small("ip_version", "4 or 6.", func(r *pairRow) int32 { return int32(r.version) }),
	)
	all := table.Grouped("window", window...)
	all = append(all, table.Grouped("flows", pieceColumns()...)...)
	return append(all, table.Grouped("starts", startColumns()...)...)
}

func pieceColumns() []table.Def[pairRow] {
	each := func(name string, unit column.Unit, doc string, value func(p *pair) int64) table.Def[pairRow] {
		return table.Count(name, unit, doc, func(r *pairRow) int64 { return value(&r.pair) })
	}
	return []table.Def[pairRow]{
		each("flows", column.Count, "Flows that began in the window; 0 where all pieces continue flows that began before.", func(p *pair) int64 { return p.flows }),
		each("failed_flows", column.Count, "Of these, those whose conn_state is S0, REJ, RSTOS0, RSTRH, SH or SHR.", func(p *pair) int64 { return p.failed }),
		each("pieces", column.Count, "Pieces of flows that began in the window, which the columns below are sums over.", func(p *pair) int64 { return p.pieces }),
		each("fwd_packets", column.Packets, "Packets, initiator to responder.", func(p *pair) int64 { return int64(p.packets[flow.Fwd]) }),
		each("rev_packets", column.Packets, "Packets, responder to initiator.", func(p *pair) int64 { return int64(p.packets[flow.Rev]) }),
		each("fwd_wire_bytes", column.Bytes, "Wire bytes, initiator to responder.", func(p *pair) int64 { return int64(p.bytes[flow.Fwd]) }),
		each("rev_wire_bytes", column.Bytes, "Wire bytes, responder to initiator.", func(p *pair) int64 { return int64(p.bytes[flow.Rev]) }),
		each("duration_ns", column.Nanos, "Durations of the pieces, together.", func(p *pair) int64 { return p.duration }),
		each("duration_max_ns", column.Nanos, "Longest duration of a piece.", func(p *pair) int64 { return p.longest }),
	}
}

func startColumns() []table.Def[pairRow] {
	const noFlow, noGap, oneGap = "flows is 0", "fewer than two flows", "fewer than three flows"
	return []table.Def[pairRow]{
		table.Known("first_start_ns", column.EpochNano, "Time of the first packet of the flow that began first.", noFlow, func(r *pairRow) (int64, bool) { return r.starts.first, r.pair.flows > 0 }).As(column.Time),
		table.Known("last_start_ns", column.EpochNano, "The same of the flow that began last.", noFlow, func(r *pairRow) (int64, bool) { return r.starts.last, r.pair.flows > 0 }).As(column.Time),
		table.Double("start_gap_mean_ns", column.Nanos, "Mean gap between the starts of consecutive flows.", noGap, func(r *pairRow) (float64, bool) { return r.starts.gaps.mean(), r.starts.gaps.n > 0 }),
		table.Double("start_gap_median_ns", column.Nanos, "Median of these gaps, the mean of the two in the middle where they are even in number.", noGap, func(r *pairRow) (float64, bool) { return r.starts.middle, r.starts.gaps.n > 0 }),
		table.Double("start_gap_std_ns", column.Nanos, "Population standard deviation (divisor n) of these gaps.", oneGap, func(r *pairRow) (float64, bool) { return r.starts.gaps.std(), r.starts.gaps.n > 1 }),
		table.Double("start_gap_cv", column.Factor, "Their coefficient of variation: start_gap_std_ns / start_gap_mean_ns. Near 0 for a beacon without jitter.", oneGap+", or the mean is 0", func(r *pairRow) (float64, bool) { return r.starts.gaps.cv() }),
		table.Double("flow_fwd_wire_bytes_mean", column.Bytes, "Mean of the wire bytes that the initiator sent in a flow's first piece.", noFlow, func(r *pairRow) (float64, bool) { return r.starts.sent.mean(), r.pair.flows > 0 }),
		table.Double("flow_fwd_wire_bytes_std", column.Bytes, "Population standard deviation (divisor n) of these.", noGap, func(r *pairRow) (float64, bool) { return r.starts.sent.std(), r.starts.sent.n > 1 }),
		table.Known("flow_fwd_wire_bytes_distinct", column.Count, "How many different numbers of these bytes there are; always exact.", noFlow, func(r *pairRow) (int64, bool) { return r.starts.sizes, r.pair.flows > 0 }),
	}
}
