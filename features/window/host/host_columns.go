package host

import (
	"math/bits"

	"pcapmill/features/column"
	"pcapmill/features/window/table"
	"pcapmill/ingest/packet"
)

// HostsTable is the name of the table of hosts.
const HostsTable = "hosts"

// hostsVersion is raised with each change of the table that a reader could notice.
const hostsVersion = 1

// hostRow is what a row is made of. Whatever the host has nothing of is empty, never nil.
type hostRow struct {
	frame   *frame
	addr    packet.Addr
	version uint8
	heard   *Heard
	seen    *seen
	known   *known
	period  *period // nil: its series was not looked at
	sums    *sums
	said    *said
}

// Heard says of which protocols messages are read: the others' columns are null.
type Heard struct{ Any, DNS, Hellos bool }

// HostGroups describe the table's groups of columns.
func HostGroups() []table.Group {
	return []table.Group{
		{Name: "window", Doc: "the window and the host, an address that a packet of tunnel depth 0 has as source or destination"},
		{Name: "packets", Doc: "from each packet of depth 0, by the packet clock; out is where the host is the source. A packet from an address to itself counts in both directions"},
		{Name: "periodicity", Doc: "from the packets in each second of the window, from its begin to its end; of windows longer than 1,024 seconds, in each stretch of as many seconds as make no more than 1,024 of them"},
		{Name: "flows", Doc: "flows of depth 0 that began in the window; out is where the host is the initiator. Continuations of flows that the active timeout has cut are in no count here"},
		{Name: "messages", Doc: "what the messages of flows of depth 0 say, the host being the initiator. Messages of DNS count in the window in which their flow's piece began; names and fingerprints of hellos with the flow"},
	}
}

// HostsSchema returns the columns of the hosts table.
func HostsSchema() *column.Schema { return table.Schema(HostsTable, hostsVersion, hostColumns()) }

func hostColumns() []table.Def[hostRow] {
	window := append(frameColumns("hosts", func(r *hostRow) *frame { return r.frame }),
		table.Address("host", "Address of the host.", func(r *hostRow) (*packet.Addr, uint8) { return &r.addr, r.version }),
		table.Small("ip_version", "4 or 6.", func(r *hostRow) int32 { return int32(r.version) }).As(column.Identity),
		table.Shared(table.Small("hour_of_week", "Hour of the week in which the window begins, 0 to 167, from Monday 00:00 UTC on.", func(r *hostRow) int32 { return hourOfWeek(r.frame.start) }).As(column.Time)),
	)
	var all []table.Def[hostRow]
	for _, defs := range [][]table.Def[hostRow]{
		table.Grouped("window", window...), table.Grouped("packets", packetColumns()...), table.Grouped("periodicity", periodColumns()...),
		table.Grouped("flows", flowColumns()...), table.Grouped("messages", messageColumns()...),
	} {
		all = append(all, defs...)
	}
	return all
}

func packetColumns() []table.Def[hostRow] {
	each := func(name string, unit column.Unit, doc string, value func(r *hostRow) uint64) table.Def[hostRow] {
		return table.Count(name, unit, doc, func(r *hostRow) int64 { return int64(value(r)) })
	}
	perSecond := func(r *hostRow, n uint64) float64 { return float64(n) / (float64(r.frame.length) / float64(second)) }
	noGap := "fewer than two packets"
	return []table.Def[hostRow]{
		each("out_packets", column.Packets, "Packets that the host sent.", func(r *hostRow) uint64 { return r.packets(out) }),
		each("in_packets", column.Packets, "Packets to the host.", func(r *hostRow) uint64 { return r.packets(in) }),
		each("out_wire_bytes", column.Bytes, "Wire bytes of the packets that the host sent.", func(r *hostRow) uint64 { return r.seen.bytes[out] }),
		each("in_wire_bytes", column.Bytes, "Wire bytes of the packets to the host.", func(r *hostRow) uint64 { return r.seen.bytes[in] }),
		table.Rate("packets_per_s", column.PerSecond, "Packets in both directions over the length of the window.", func(r *hostRow) float64 { return perSecond(r, r.all()) }),
		table.Rate("wire_bytes_per_s", column.BytesPerS, "Wire bytes in both directions over the length of the window.", func(r *hostRow) float64 { return perSecond(r, r.seen.bytes[out]+r.seen.bytes[in]) }),
		table.Double("gap_mean_ns", column.Nanos, "Mean gap between consecutive packets of the host in the window, sent or received, across all its flows.", noGap, func(r *hostRow) (float64, bool) {
			g := r.gaps()
			return g.mean(), g.n > 0
		}),
		table.Double("gap_std_ns", column.Nanos, "Population standard deviation (divisor n) of these gaps.", "fewer than three packets", func(r *hostRow) (float64, bool) {
			g := r.gaps()
			return g.std(), g.n > 1
		}),
		table.Double("gap_cv", column.Factor, "Coefficient of variation of these gaps: gap_std_ns / gap_mean_ns.", "fewer than three packets, or the mean is 0", func(r *hostRow) (float64, bool) {
			g := r.gaps()
			return g.cv()
		}),
		each("peak_packets_per_s", column.Packets, "Most packets in one aligned second.", func(r *hostRow) uint64 { return uint64(r.seen.peak) }),
		table.Double("burst_score", column.Factor, "Peak over mean: peak_packets_per_s times the seconds from the first to the last packet, at least one, over the packets.", "no packet", func(r *hostRow) (float64, bool) {
			span := max(1, float64(r.seen.last-r.known.first)/float64(second))
			return float64(r.seen.peak) * span / float64(max(1, r.all())), r.all() > 0
		}).From("NetDNA timing_burst_score"),
		each("active_seconds", column.Count, "Aligned seconds with a packet.", func(r *hostRow) uint64 { return uint64(r.seen.active) }),
		table.Double("outbound_ratio", column.Ratio, "out_wire_bytes / (out_wire_bytes + in_wire_bytes).", "no packet, or no byte on the wire", func(r *hostRow) (float64, bool) {
			sent, received := float64(r.seen.bytes[out]), float64(r.seen.bytes[in])
			return sent / (sent + received), sent+received > 0
		}),
		table.Double("byte_asymmetry", column.Ratio, "(out_wire_bytes − in_wire_bytes) / (out_wire_bytes + in_wire_bytes), from −1 to 1.", "no packet, or no byte on the wire", func(r *hostRow) (float64, bool) {
			sent, received := float64(r.seen.bytes[out]), float64(r.seen.bytes[in])
			return (sent - received) / (sent + received), sent+received > 0
		}),
	}
}

// periodNull is when nothing is known of periods.
const periodNull = "fewer than 8 active_seconds; a window shorter than 8 seconds; or more hosts and seconds in the window than are remembered"

func periodColumns() []table.Def[hostRow] {
	return []table.Def[hostRow]{
		table.Double("period_s", column.Seconds, "Dominant period: the lag, from 2 seconds to half of the window, at which the autocorrelation of the series has its highest peak, if that is higher than any of 95 % of series of white noise.", "no such peak; "+periodNull, func(r *hostRow) (float64, bool) {
			if r.period == nil || r.period.seconds == 0 {
				return 0, false
			}
			return float64(r.period.seconds), true
		}),
		table.Double("periodicity_score", column.Ratio, "Correlation of the series with itself at that lag, 0 to 1; 0 where there is no peak.", "all samples are the same; "+periodNull, func(r *hostRow) (float64, bool) {
			if r.period == nil {
				return 0, false
			}
			return r.period.score, r.period.varies
		}),
		table.Double("spectral_dominance", column.Ratio, "Share of the power of the series without its mean, under a Hann window, that is at the frequency of period_s: of the nearest line of the spectrum with the two beside it, over which the window spreads one. 1 for a sine, 2/(period_s−1) for one packet a period; 0 where there is no peak.", "all samples are the same; "+periodNull, func(r *hostRow) (float64, bool) {
			if r.period == nil {
				return 0, false
			}
			return r.period.dominance, r.period.varies
		}),
		table.Double("regularity", column.Ratio, "1/(1+cv) of the gaps between the starts of bursts, which are seconds with packets behind one without, or first in the window: 1 where they come as a clock ticks.", "fewer than three bursts; "+periodNull, func(r *hostRow) (float64, bool) {
			if r.period == nil {
				return 0, false
			}
			return r.period.regularity, r.period.regularity >= 0
		}),
	}
}

// distinct declares a number of different values and whether it is exact; null says when
// it is unknown.
func distinct(name, doc, null string, value func(r *hostRow) (n int64, exact, ok bool)) []table.Def[hostRow] {
	return []table.Def[hostRow]{
		table.Known(name, column.Count, doc, null, func(r *hostRow) (int64, bool) { n, _, ok := value(r); return n, ok }),
		table.KnownBit(name+"_exact", "1 where that number is exact; 0 where it is an estimate by HyperLogLog, beyond 1,024.", null, func(r *hostRow) (bool, bool) {
			_, exact, ok := value(r)
			return exact, ok
		}).As(column.Identity),
	}
}

func flowColumns() []table.Def[hostRow] {
	sum := func(name, doc string, value func(s *sums) int64) table.Def[hostRow] {
		return table.Count(name, column.Count, doc, func(r *hostRow) int64 { return value(r.sums) })
	}
	exact := func(name, doc string, value func(s *sums) int64) []table.Def[hostRow] {
		return []table.Def[hostRow]{
			sum(name, doc, value),
			table.Shared(table.Small(name+"_exact", "1, as this number is always exact.", func(*hostRow) int32 { return 1 }).As(column.Identity)),
		}
	}
	const failedDoc = "conn_state S0, REJ, RSTOS0, RSTRH, SH or SHR: of TCP, no connection came about; of UDP, only one side sent data."
	defs := []table.Def[hostRow]{
		sum("out_flows", "Flows of which the host is the initiator.", func(s *sums) int64 { return int64(s.flows[out]) }),
		sum("in_flows", "Flows of which the host is the responder.", func(s *sums) int64 { return int64(s.flows[in]) }),
		sum("failed_out_flows", "Of out_flows, those that failed: "+failedDoc, func(s *sums) int64 { return int64(s.failed[out]) }),
		sum("failed_in_flows", "The same of in_flows.", func(s *sums) int64 { return int64(s.failed[in]) }),
	}
	defs = append(defs, exact("fan_out", "Different responders of out_flows.", func(s *sums) int64 { return int64(s.peers[out]) })...)
	defs = append(defs, exact("fan_in", "Different initiators of in_flows.", func(s *sums) int64 { return int64(s.peers[in]) })...)
	defs = append(defs, exact("out_ports", "Different responder ports of out_flows of TCP, UDP and SCTP.", func(s *sums) int64 { return int64(s.ports[out]) })...)
	defs = append(defs, exact("in_ports", "Different responder ports, which are the host's, of in_flows.", func(s *sums) int64 { return int64(s.ports[in]) })...)
	defs = append(defs, exact("protocols", "Different IP protocols of flows in both directions.", (*sums).protocolCount)...)
	return append(defs, distinct("app_protocols", "Different protocols that payloads of flows in both directions were recognised to speak.", "--records none", func(r *hostRow) (int64, bool, bool) {
		return int64(bits.OnesCount64(r.sums.apps)), true, r.heard.Any
	})...)
}

func messageColumns() []table.Def[hostRow] {
	const noDNS, noHellos = "--records without dns", "--records without tls and quic"
	dns := func(name, doc string, value func(s *said) int64) table.Def[hostRow] {
		return table.Known(name, column.Count, doc, noDNS, func(r *hostRow) (int64, bool) { return value(r.said), r.heard.DNS })
	}
	defs := []table.Def[hostRow]{
		dns("dns_queries", "DNS queries of opcode QUERY; mDNS, LLMNR and NetBIOS names left out.", func(s *said) int64 { return s.lookups.Queries }),
		dns("dns_responses", "DNS responses of that opcode.", func(s *said) int64 { return s.lookups.Responses }),
		dns("dns_nxdomain", "Of these, those that say that there is no such name (NXDOMAIN).", func(s *said) int64 { return s.lookups.NXDomain }),
		table.Double("nxdomain_ratio", column.Ratio, "dns_nxdomain / dns_responses.", "no response; "+noDNS, func(r *hostRow) (float64, bool) {
			l := &r.said.lookups
			return float64(l.NXDomain) / float64(max(1, l.Responses)), r.heard.DNS && l.Responses > 0
		}).From("NetDNA"),
	}
	defs = append(defs, distinct("dns_names", "Different names that DNS queries ask for, in lower case.", noDNS, func(r *hostRow) (int64, bool, bool) {
		n, exact := r.said.lookups.Names()
		return n, exact, r.heard.DNS
	})...)
	defs = append(defs,
		table.Double("dns_name_entropy_bits", column.Bits, "Mean Shannon entropy of the bytes of these names; where dns_names is not exact, of 1,024 of them, chosen by hash.", "no name; "+noDNS, func(r *hostRow) (float64, bool) {
			mean, ok := r.said.lookups.NameEntropy()
			return mean, ok && r.heard.DNS
		}).From("NetDNA dns_entropy"),
		table.Known("tls_hellos", column.Count, "Of out_flows, those with a TLS or QUIC client hello in their first piece that has a JA4, as one in the format of SSL 2.0 has not.", noHellos, func(r *hostRow) (int64, bool) { return r.said.hellos, r.heard.Hellos }),
	)
	defs = append(defs, distinct("tls_server_names", "Different server_name of these flows, as in the table flows.", noHellos, func(r *hostRow) (int64, bool, bool) {
		return int64(r.said.servers.Count()), r.said.servers.Exact(), r.heard.Hellos
	})...)
	return append(defs, distinct("ja4_prints", "Different JA4 fingerprints of these hellos.", noHellos, func(r *hostRow) (int64, bool, bool) {
		return int64(r.said.ja4.Count()), r.said.ja4.Exact(), r.heard.Hellos
	})...)
}

// packets returns the packets of a direction.
func (r *hostRow) packets(direction int) uint64 {
	return uint64(r.known.carried[direction])<<32 + uint64(r.seen.packets[direction])
}

// all returns the packets in both directions.
func (r *hostRow) all() uint64 { return r.packets(out) + r.packets(in) }

// gaps returns the spread of the gaps between the host's packets.
func (r *hostRow) gaps() spread {
	return spread{max(1, r.all()) - 1, uint64(r.seen.last - r.known.first), r.seen.gaps}
}
