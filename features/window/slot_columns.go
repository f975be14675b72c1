package window

import (
	"math"
	"time"

	"pcapmill/features/column"
	"pcapmill/features/window/table"
	"pcapmill/ingest/packet"
)

// slotsVersion is raised with each change of the table that a reader could notice.
const slotsVersion = 1

// SlotsSchema returns the columns of the slots table.
func SlotsSchema() *column.Schema {
	return table.Schema(Slots, slotsVersion, slotColumns())
}

// slotGroups describe the table's groups of columns.
func slotGroups() []table.Group {
	return []table.Group{
		{Name: "tick", Doc: "when the tick is"},
		{Name: "volume", Doc: "all packets of the tick, whatever became of them but filtered or dropped as a duplicate"},
		{Name: "protocols", Doc: "packets by protocol at tunnel depth 0; those of IP have an IP header that could be read, those of TCP, UDP and ICMP a transport header too, which later fragments lack"},
		{Name: "tcp_flags", Doc: "TCP packets by flag"},
		{Name: "distinct", Doc: "how many addresses and ports are different"},
		{Name: "netspot3", Doc: "the six statistics of netspot 3, over all packets of the tick instead of from a packet on"},
		{Name: "netspot2", Doc: "nine of the ten statistics of netspot 2, which knew IPv4 alone; PERF is missing, as it is of the time that netspot took"},
	}
}

// slotColumns are the table's columns.
func slotColumns() []table.Def[slot] {
	var all []table.Def[slot]
	for _, defs := range [][]table.Def[slot]{
		table.Grouped("tick", tickColumns()...), table.Grouped("volume", volumeColumns()...), table.Grouped("protocols", protocolColumns()...),
		table.Grouped("tcp_flags", flagColumns()...), table.Grouped("distinct", distinctColumns()...),
		table.Grouped("netspot3", netspot3()...), table.Grouped("netspot2", netspot2()...),
	} {
		all = append(all, defs...)
	}
	return all
}

func tickColumns() []table.Def[slot] {
	const begin = "Begin of the tick, a multiple of its length since 1970-01-01 UTC"
	return []table.Def[slot]{
		table.KnownSmall("capture_id", "Number of the input in the manifest, from 0, which alone the row is of.", "the inputs are read as one sequence or merged: a tick can have packets of several", func(s *slot) (int32, bool) { return s.capture, s.capture >= 0 }).As(column.Identity),
		table.Count("start_ns", column.EpochNano, begin+".", func(s *slot) int64 { return s.start }).As(column.Time),
		table.Timestamp("start_time", begin+", for people and SQL.", func(s *slot) packet.Nanos { return s.start }).As(column.Time),
		table.Count("duration_ns", column.Nanos, "Length of the tick; of a gap, of all ticks that the row stands for.", func(s *slot) int64 { return s.duration }),
		table.Count("gap_ticks", column.Count, "Ticks without packets that the row stands for; 0: the row is one tick. At most 3,600 such ticks in a row, and 1,048,576 in a run, have rows of their own.", func(s *slot) int64 { return s.gap }),
		table.Bit("partial", "1 for the first and the last tick of a capture, which it can cover in part.", func(s *slot) bool { return s.partial }),
	}
}

// The sources of the definitions.
const (
	source3 = "netspot 3"
	source2 = "netspot 2"
	both    = "netspot 2 and 3"
)

func volumeColumns() []table.Def[slot] {
	return []table.Def[slot]{
		table.Count("packets", column.Packets, "All packets, also those that are not IP or malformed (PKT, PKTS).", func(s *slot) int64 { return s.total.Packets }).From(both),
		table.Count("captured_bytes", column.Bytes, "Bytes of them that the capture holds (BYTES).", func(s *slot) int64 { return s.total.CapturedBytes }).From(source3),
		table.Count("wire_bytes", column.Bytes, "Bytes that the frames had.", func(s *slot) int64 { return s.total.WireBytes }),
	}
}

func protocolColumns() []table.Def[slot] {
	return []table.Def[slot]{
		packets("ipv4_packets", "IPv4 (IP).", func(s *slot) int64 { return s.ip[ipv4].packets }).From(both),
		table.Count("ipv4_bytes", column.Bytes, "IP total length of the IPv4 packets (IP_BYTES).", func(s *slot) int64 { return s.ip[ipv4].bytes }).From(source2),
		packets("ipv6_packets", "IPv6 (IP6).", func(s *slot) int64 { return s.ip[ipv6].packets }).From(source3),
		table.Count("ipv6_bytes", column.Bytes, "IPv6 header and payload length of the IPv6 packets.", func(s *slot) int64 { return s.ip[ipv6].bytes }),
		packets("arp_packets", "Frames of EtherType ARP (ARP).", func(s *slot) int64 { return s.arp }).From(both),
		packets("tcp_packets", "TCP over either IP version (TCP).", (*slot).tcp).From(source3),
		packets("udp_packets", "UDP over either IP version (UDP).", func(s *slot) int64 { return s.ip[ipv4].udp + s.ip[ipv6].udp }).From(source3),
		packets("ipv4_udp_packets", "UDP over IPv4 (UDP of netspot 2).", func(s *slot) int64 { return s.ip[ipv4].udp }).From(source2),
		packets("icmp_packets", "ICMP over IPv4 (ICMP).", func(s *slot) int64 { return s.ip[ipv4].icmp }).From(both),
		packets("icmpv6_packets", "ICMPv6 over IPv6 (ICMP6).", func(s *slot) int64 { return s.ip[ipv6].icmp }).From(source3),
		packets("ipv4_fragment_packets", "IPv4 fragments: an offset, or more to follow (FRAG).", func(s *slot) int64 { return s.ip[ipv4].fragments }).From(source3),
		packets("ipv6_fragment_packets", "IPv6 fragments: an offset, or more to follow (FRAG of the XDP collector).", func(s *slot) int64 { return s.ip[ipv6].fragments }).From(source3),
	}
}

func packets(name, doc string, value func(*slot) int64) table.Def[slot] {
	return table.Count(name, column.Packets, doc, value)
}

// Flags as places in counters.
const (
	fin = 0
	syn = 1
	rst = 2
	ack = 4
	urg = 5
)

func flagColumns() []table.Def[slot] {
	type named struct {
		flag       int
		name, word string
	}
	var defs []table.Def[slot]
	flags := []named{{fin, "fin", "FIN"}, {syn, "syn", "SYN"}, {rst, "rst", "RST"}, {ack, "ack", "ACK"}, {urg, "urg", "URG"}}
	for _, f := range flags {
		source, also := both, ""
		switch f.flag {
		case urg:
			source = "" // netspot 3 counts none
		case syn:
			also = ", with and without ACK"
		}
		defs = append(defs, packets("tcp_"+f.name+"_packets", "TCP packets with "+f.word+also+" ("+f.word+").", func(s *slot) int64 { return s.flagged(f.flag) }).From(source))
	}
	for _, f := range flags {
		defs = append(defs, packets("ipv4_tcp_"+f.name+"_packets", "Of these, those over IPv4 ("+f.word+" of netspot 2).", func(s *slot) int64 { return s.ip[ipv4].flags[f.flag] }).From(source2))
	}
	return defs
}

func distinctColumns() []table.Def[slot] {
	var defs []table.Def[slot]
	defs = append(defs, unique("ipv4_unique_src_ips", "Source addresses of IPv4 packets (NB_UNIQ_SRC_ADDR)", source2, func(s *slot) distinct { return s.ip[ipv4].src })...)
	defs = append(defs, unique("ipv4_unique_dst_ips", "Destination addresses of IPv4 packets (NB_UNIQ_DST_ADDR)", source2, func(s *slot) distinct { return s.ip[ipv4].dst })...)
	defs = append(defs, unique("ipv6_unique_src_ips", "Source addresses of IPv6 packets", "", func(s *slot) distinct { return s.ip[ipv6].src })...)
	defs = append(defs, unique("ipv6_unique_dst_ips", "Destination addresses of IPv6 packets", "", func(s *slot) distinct { return s.ip[ipv6].dst })...)
	return append(defs,
		table.Count("tcp_unique_src_ports", column.Count, "Source ports of TCP packets over either IP version; exact.", func(s *slot) int64 { return s.srcPorts }),
		table.Count("tcp_unique_dst_ports", column.Count, "Destination ports of TCP packets over either IP version; exact.", func(s *slot) int64 { return s.dstPorts }),
		table.Count("ipv4_tcp_unique_src_ports", column.Count, "Source ports of TCP packets over IPv4 (NB_UNIQ_SRC_PORT); exact.", func(s *slot) int64 { return s.ip[ipv4].srcPorts }).From(source2),
		table.Count("ipv4_tcp_unique_dst_ports", column.Count, "Destination ports of TCP packets over IPv4 (NB_UNIQ_DST_PORT); exact.", func(s *slot) int64 { return s.ip[ipv4].dstPorts }).From(source2),
	)
}

// unique declares a number of different addresses and whether it is exact.
func unique(name, doc, source string, value func(*slot) distinct) []table.Def[slot] {
	return []table.Def[slot]{
		table.Count(name, column.Count, doc+": how many are different; beyond 16,384 an estimate from a sample, with a standard error of 1.33 % at most.", func(s *slot) int64 { return value(s).n }).From(source),
		table.Bit(name+"_exact", "1 where "+name+" is exact, 0 where it is an estimate.", func(s *slot) bool { return value(s).exact }),
	}
}

const (
	noPackets = "there is no packet"
	noIPv4    = "there is no IPv4 packet"
	noTCP     = "there is no TCP packet"
)

func netspot3() []table.Def[slot] {
	return []table.Def[slot]{
		table.Rate("captured_bytes_per_s", column.BytesPerS, "BPS: captured_bytes per second of duration_ns.", func(s *slot) float64 { return s.per(s.total.CapturedBytes, time.Second) }).From(source3),
		table.Rate("packets_per_s", column.PerSecond, "PPS: packets per second of duration_ns.", func(s *slot) float64 { return s.per(s.total.Packets, time.Second) }).From(source3),
		quotient("captured_packet_mean_bytes", column.Bytes, "APS: captured_bytes / packets.", noPackets, func(s *slot) (int64, int64) { return s.total.CapturedBytes, s.total.Packets }).From(source3),
		table.Double("tcp_dst_port_entropy_nats", column.Nats, "DPE as netspot documents it: the entropy −Σ p ln p of the destination ports' shares p of the TCP packets. 0 where all go to one port.", noTCP, func(s *slot) (float64, bool) { return s.entropy, s.entropic }).From(source3),
		table.Double("netspot_defective_dpe_nats", column.Nats, "DPE as netspot 3.0 computes it, by a wrong sign: ln N + Σ N_i ln N_i / N over N TCP packets, N_i to port i, which is 2 ln N less the entropy. It rises where packets go to one port and falls in a port scan: for comparison with netspot's output alone.", noTCP, (*slot).defectiveDPE).From(source3),
		quotient("tcp_ack_packets_ratio", column.Ratio, "RACK: tcp_ack_packets / packets, of any protocol.", noPackets, func(s *slot) (int64, int64) { return s.flagged(ack), s.total.Packets }).From(source3),
		quotient("tcp_syn_fin_ratio", column.Ratio, "SYNFIN: tcp_syn_packets / tcp_fin_packets.", "there is no FIN, where netspot says Inf or NaN", func(s *slot) (int64, int64) { return s.flagged(syn), s.flagged(fin) }).From(source3),
	}
}

func netspot2() []table.Def[slot] {
	v4 := func(name string, unit column.Unit, doc string, upper func(c *ipCounts) int64) table.Def[slot] {
		return quotient(name, unit, doc, noIPv4, func(s *slot) (int64, int64) { return upper(&s.ip[ipv4]), s.ip[ipv4].packets }).From(source2)
	}
	return []table.Def[slot]{
		v4("ipv4_packet_mean_bytes", column.Bytes, "AVG_PKT_SIZE: ipv4_bytes / ipv4_packets.", func(c *ipCounts) int64 { return c.bytes }),
		v4("ipv4_tcp_ack_ratio", column.Ratio, "R_ACK: ipv4_tcp_ack_packets / ipv4_packets.", func(c *ipCounts) int64 { return c.flags[ack] }),
		v4("ipv4_tcp_syn_ratio", column.Ratio, "R_SYN: ipv4_tcp_syn_packets / ipv4_packets.", func(c *ipCounts) int64 { return c.flags[syn] }),
		v4("ipv4_icmp_ratio", column.Ratio, "R_ICMP: icmp_packets / ipv4_packets.", func(c *ipCounts) int64 { return c.icmp }),
		quotient("arp_packets_ratio", column.Ratio, "R_ARP: arp_packets / packets.", noPackets, func(s *slot) (int64, int64) { return s.arp, s.total.Packets }).From(source2),
		quotient("ipv4_packets_ratio", column.Ratio, "R_IP: ipv4_packets / packets.", noPackets, func(s *slot) (int64, int64) { return s.ip[ipv4].packets, s.total.Packets }).From(source2),
		quotient("ipv4_dst_src_ips_ratio", column.Ratio, "R_DST_SRC: ipv4_unique_dst_ips / ipv4_unique_src_ips.", noIPv4, func(s *slot) (int64, int64) { return s.ip[ipv4].dst.n, s.ip[ipv4].src.n }).From(source2),
		quotient("ipv4_tcp_dst_src_ports_ratio", column.Ratio, "R_DST_SRC_PORT: ipv4_tcp_unique_dst_ports / ipv4_tcp_unique_src_ports.", "there is no TCP packet over IPv4", func(s *slot) (int64, int64) { return s.ip[ipv4].dstPorts, s.ip[ipv4].srcPorts }).From(source2),
		table.Rate("ipv4_packets_per_ms", column.PerMilli, "TRAFFIC: ipv4_packets per millisecond of duration_ns.", func(s *slot) float64 { return s.per(s.ip[ipv4].packets, time.Millisecond) }).From(source2),
	}
}

// quotient declares the quotient of two counts, null where the lower one is 0.
func quotient(name string, unit column.Unit, doc, null string, value func(*slot) (upper, lower int64)) table.Def[slot] {
	return table.Double(name, unit, doc, null, func(s *slot) (float64, bool) {
		upper, lower := value(s)
		if lower == 0 {
			return 0, false
		}
		return float64(upper) / float64(lower), true
	})
}

// per returns how many n are per unit of the slot's duration.
func (s *slot) per(n int64, unit time.Duration) float64 {
	return float64(n) * float64(unit) / float64(s.duration)
}

// defectiveDPE is ln N + Σ N_i ln N_i / N = 2 ln N − H.
func (s *slot) defectiveDPE() (float64, bool) {
	if !s.entropic {
		return 0, false
	}
	return 2*math.Log(float64(s.tcp())) - s.entropy, true
}
