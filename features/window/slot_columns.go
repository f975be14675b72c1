package window

import (
	"math"
	"time"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
)

// slotsVersion is raised with each change of the table that a reader could notice.
const slotsVersion = 1

// SlotsSchema returns the columns of the slots table.
func SlotsSchema() *column.Schema {
	s := &column.Schema{Table: Slots, Version: slotsVersion}
	for _, d := range slotColumns() {
		s.Columns = append(s.Columns, d.Column)
	}
	return s
}

// slotGroups describe the table's groups of columns.
func slotGroups() []Group {
	return []Group{
		{"tick", "when the tick is"},
		{"volume", "all packets of the tick, whatever became of them but filtered or dropped as a duplicate"},
		{"protocols", "packets by protocol at tunnel depth 0; those of IP have an IP header that could be read, those of TCP, UDP and ICMP a transport header too, which later fragments lack"},
		{"tcp_flags", "TCP packets by flag"},
		{"distinct", "how many addresses and ports are different"},
		{"netspot3", "the six statistics of netspot 3, over all packets of the tick instead of from a packet on"},
		{"netspot2", "nine of the ten statistics of netspot 2, which knew IPv4 alone; PERF is missing, as it is of the time that netspot took"},
	}
}

// slotColumns are the table's columns.
func slotColumns() []def[slot] {
	var all []def[slot]
	for _, defs := range [][]def[slot]{
		grouped("tick", tickColumns()...), grouped("volume", volumeColumns()...), grouped("protocols", protocolColumns()...),
		grouped("tcp_flags", flagColumns()...), grouped("distinct", distinctColumns()...),
		grouped("netspot3", netspot3()...), grouped("netspot2", netspot2()...),
	} {
		all = append(all, defs...)
	}
	return all
}

func tickColumns() []def[slot] {
	defs := []def[slot]{
		{column.Column{Name: "capture_id", Type: column.Int32, Role: column.Identity, Doc: "Number of the input in the manifest, from 0, which alone the row is of.", Null: "the inputs are read as one sequence or merged: a tick can have packets of several"}, putCapture},
	}
	defs = append(defs, instants("start", "Begin of the tick, a multiple of its length since 1970-01-01 UTC", func(s *slot) packet.Nanos { return s.start })...)
	return append(defs,
		count("duration_ns", column.Nanos, "Length of the tick; of a gap, of all ticks that the row stands for.", func(s *slot) int64 { return s.duration }),
		count("gap_ticks", column.Count, "Ticks without packets that the row stands for; 0: the row is one tick. At most 3,600 such ticks in a row, and 1,048,576 in a run, have rows of their own.", func(s *slot) int64 { return s.gap }),
		bit("partial", "1 for the first and the last tick of a capture, which it can cover in part.", func(s *slot) bool { return s.partial }),
	)
}

func putCapture(v *batch.Vector, s *slot) {
	number, valid := s.capture, byte(1)
	if number < 0 {
		number, valid = 0, 0
	}
	v.Int32, v.Valid = append(v.Int32, number), append(v.Valid, valid)
}

// The sources of the definitions.
const (
	source3 = "netspot 3"
	source2 = "netspot 2"
	both    = "netspot 2 and 3"
)

func volumeColumns() []def[slot] {
	return []def[slot]{
		count("packets", column.Packets, "All packets, also those that are not IP or malformed (PKT, PKTS).", func(s *slot) int64 { return s.total.Packets }).from(both),
		count("captured_bytes", column.Bytes, "Bytes of them that the capture holds (BYTES).", func(s *slot) int64 { return s.total.CapturedBytes }).from(source3),
		count("wire_bytes", column.Bytes, "Bytes that the frames had.", func(s *slot) int64 { return s.total.WireBytes }),
	}
}

func protocolColumns() []def[slot] {
	return []def[slot]{
		packets("ipv4_packets", "IPv4 (IP).", func(s *slot) int64 { return s.ip[ipv4].packets }).from(both),
		count("ipv4_bytes", column.Bytes, "IP total length of the IPv4 packets (IP_BYTES).", func(s *slot) int64 { return s.ip[ipv4].bytes }).from(source2),
		packets("ipv6_packets", "IPv6 (IP6).", func(s *slot) int64 { return s.ip[ipv6].packets }).from(source3),
		count("ipv6_bytes", column.Bytes, "IPv6 header and payload length of the IPv6 packets.", func(s *slot) int64 { return s.ip[ipv6].bytes }),
		packets("arp_packets", "Frames of EtherType ARP (ARP).", func(s *slot) int64 { return s.arp }).from(both),
		packets("tcp_packets", "TCP over either IP version (TCP).", (*slot).tcp).from(source3),
		packets("udp_packets", "UDP over either IP version (UDP).", func(s *slot) int64 { return s.ip[ipv4].udp + s.ip[ipv6].udp }).from(source3),
		packets("ipv4_udp_packets", "UDP over IPv4 (UDP of netspot 2).", func(s *slot) int64 { return s.ip[ipv4].udp }).from(source2),
		packets("icmp_packets", "ICMP over IPv4 (ICMP).", func(s *slot) int64 { return s.ip[ipv4].icmp }).from(both),
		packets("icmpv6_packets", "ICMPv6 over IPv6 (ICMP6).", func(s *slot) int64 { return s.ip[ipv6].icmp }).from(source3),
		packets("ipv4_fragment_packets", "IPv4 fragments: an offset, or more to follow (FRAG).", func(s *slot) int64 { return s.ip[ipv4].fragments }).from(source3),
		packets("ipv6_fragment_packets", "IPv6 fragments: an offset, or more to follow (FRAG of the XDP collector).", func(s *slot) int64 { return s.ip[ipv6].fragments }).from(source3),
	}
}

func packets(name, doc string, value func(*slot) int64) def[slot] {
	return count(name, column.Packets, doc, value)
}

// Flags as places in counters.
const (
	fin = 0
	syn = 1
	rst = 2
	ack = 4
	urg = 5
)

func flagColumns() []def[slot] {
	type named struct {
		flag       int
		name, word string
	}
	var defs []def[slot]
	flags := []named{{fin, "fin", "FIN"}, {syn, "syn", "SYN"}, {rst, "rst", "RST"}, {ack, "ack", "ACK"}, {urg, "urg", "URG"}}
	for _, f := range flags {
		source, also := both, ""
		switch f.flag {
		case urg:
			source = "" // netspot 3 counts none
		case syn:
			also = ", with and without ACK"
		}
		defs = append(defs, packets("tcp_"+f.name+"_packets", "TCP packets with "+f.word+also+" ("+f.word+").", func(s *slot) int64 { return s.flagged(f.flag) }).from(source))
	}
	for _, f := range flags {
		defs = append(defs, packets("ipv4_tcp_"+f.name+"_packets", "Of these, those over IPv4 ("+f.word+" of netspot 2).", func(s *slot) int64 { return s.ip[ipv4].flags[f.flag] }).from(source2))
	}
	return defs
}

func distinctColumns() []def[slot] {
	var defs []def[slot]
	defs = append(defs, unique("ipv4_unique_src_ips", "Source addresses of IPv4 packets (NB_UNIQ_SRC_ADDR)", source2, func(s *slot) distinct { return s.ip[ipv4].src })...)
	defs = append(defs, unique("ipv4_unique_dst_ips", "Destination addresses of IPv4 packets (NB_UNIQ_DST_ADDR)", source2, func(s *slot) distinct { return s.ip[ipv4].dst })...)
	defs = append(defs, unique("ipv6_unique_src_ips", "Source addresses of IPv6 packets", "", func(s *slot) distinct { return s.ip[ipv6].src })...)
	defs = append(defs, unique("ipv6_unique_dst_ips", "Destination addresses of IPv6 packets", "", func(s *slot) distinct { return s.ip[ipv6].dst })...)
	return append(defs,
		count("tcp_unique_src_ports", column.Count, "Source ports of TCP packets over either IP version; exact.", func(s *slot) int64 { return s.srcPorts }),
		count("tcp_unique_dst_ports", column.Count, "Destination ports of TCP packets over either IP version; exact.", func(s *slot) int64 { return s.dstPorts }),
		count("ipv4_tcp_unique_src_ports", column.Count, "Source ports of TCP packets over IPv4 (NB_UNIQ_SRC_PORT); exact.", func(s *slot) int64 { return s.ip[ipv4].srcPorts }).from(source2),
		count("ipv4_tcp_unique_dst_ports", column.Count, "Destination ports of TCP packets over IPv4 (NB_UNIQ_DST_PORT); exact.", func(s *slot) int64 { return s.ip[ipv4].dstPorts }).from(source2),
	)
}

// unique declares a number of different addresses and whether it is exact.
func unique(name, doc, source string, value func(*slot) distinct) []def[slot] {
	return []def[slot]{
		count(name, column.Count, doc+": how many are different; beyond 16,384 an estimate from a sample, with a standard error of 1.33 % at most.", func(s *slot) int64 { return value(s).n }).from(source),
		bit(name+"_exact", "1 where "+name+" is exact, 0 where it is an estimate.", func(s *slot) bool { return value(s).exact }),
	}
}

const (
	noPackets = "there is no packet"
	noIPv4    = "there is no IPv4 packet"
	noTCP     = "there is no TCP packet"
)

func netspot3() []def[slot] {
	return []def[slot]{
		rate("captured_bytes_per_s", column.BytesPerS, "BPS: captured_bytes per second of duration_ns.", func(s *slot) float64 { return s.per(s.total.CapturedBytes, time.Second) }).from(source3),
		rate("packets_per_s", column.PerSecond, "PPS: packets per second of duration_ns.", func(s *slot) float64 { return s.per(s.total.Packets, time.Second) }).from(source3),
		quotient("captured_packet_mean_bytes", column.Bytes, "APS: captured_bytes / packets.", noPackets, func(s *slot) (int64, int64) { return s.total.CapturedBytes, s.total.Packets }).from(source3),
		real("tcp_dst_port_entropy_nats", column.Nats, "DPE as netspot documents it: the entropy −Σ p ln p of the destination ports' shares p of the TCP packets. 0 where all go to one port.", noTCP, func(s *slot) (float64, bool) { return s.entropy, s.entropic }).from(source3),
		real("netspot_defective_dpe_nats", column.Nats, "DPE as netspot 3.0 computes it, by a wrong sign: ln N + Σ N_i ln N_i / N over N TCP packets, N_i to port i, which is 2 ln N less the entropy. It rises where packets go to one port and falls in a port scan: for comparison with netspot's output alone.", noTCP, (*slot).defectiveDPE).from(source3),
		quotient("tcp_ack_packets_ratio", column.Ratio, "RACK: tcp_ack_packets / packets, of any protocol.", noPackets, func(s *slot) (int64, int64) { return s.flagged(ack), s.total.Packets }).from(source3),
		quotient("tcp_syn_fin_ratio", column.Ratio, "SYNFIN: tcp_syn_packets / tcp_fin_packets.", "there is no FIN, where netspot says Inf or NaN", func(s *slot) (int64, int64) { return s.flagged(syn), s.flagged(fin) }).from(source3),
	}
}

func netspot2() []def[slot] {
	v4 := func(name string, unit column.Unit, doc string, upper func(c *ipCounts) int64) def[slot] {
		return quotient(name, unit, doc, noIPv4, func(s *slot) (int64, int64) { return upper(&s.ip[ipv4]), s.ip[ipv4].packets }).from(source2)
	}
	return []def[slot]{
		v4("ipv4_packet_mean_bytes", column.Bytes, "AVG_PKT_SIZE: ipv4_bytes / ipv4_packets.", func(c *ipCounts) int64 { return c.bytes }),
		v4("ipv4_tcp_ack_ratio", column.Ratio, "R_ACK: ipv4_tcp_ack_packets / ipv4_packets.", func(c *ipCounts) int64 { return c.flags[ack] }),
		v4("ipv4_tcp_syn_ratio", column.Ratio, "R_SYN: ipv4_tcp_syn_packets / ipv4_packets.", func(c *ipCounts) int64 { return c.flags[syn] }),
		v4("ipv4_icmp_ratio", column.Ratio, "R_ICMP: icmp_packets / ipv4_packets.", func(c *ipCounts) int64 { return c.icmp }),
		quotient("arp_packets_ratio", column.Ratio, "R_ARP: arp_packets / packets.", noPackets, func(s *slot) (int64, int64) { return s.arp, s.total.Packets }).from(source2),
		quotient("ipv4_packets_ratio", column.Ratio, "R_IP: ipv4_packets / packets.", noPackets, func(s *slot) (int64, int64) { return s.ip[ipv4].packets, s.total.Packets }).from(source2),
		quotient("ipv4_dst_src_ips_ratio", column.Ratio, "R_DST_SRC: ipv4_unique_dst_ips / ipv4_unique_src_ips.", noIPv4, func(s *slot) (int64, int64) { return s.ip[ipv4].dst.n, s.ip[ipv4].src.n }).from(source2),
		quotient("ipv4_tcp_dst_src_ports_ratio", column.Ratio, "R_DST_SRC_PORT: ipv4_tcp_unique_dst_ports / ipv4_tcp_unique_src_ports.", "there is no TCP packet over IPv4", func(s *slot) (int64, int64) { return s.ip[ipv4].dstPorts, s.ip[ipv4].srcPorts }).from(source2),
		rate("ipv4_packets_per_ms", column.PerMilli, "TRAFFIC: ipv4_packets per millisecond of duration_ns.", func(s *slot) float64 { return s.per(s.ip[ipv4].packets, time.Millisecond) }).from(source2),
	}
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
