package traffic_test

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// tuple is a conversation without direction: the lower end first.
type tuple struct {
	a, b  netip.AddrPort
	proto uint8
}

// tally is what the oracle counts of one conversation.
type tally struct {
	packets, wire, ip, payload [2]int64 // by direction, 0: sent by tuple.a
	syn, fin, rst, again       int64
	first, last                packet.Nanos
	seen                       map[[2]uint32][]byte // direction and sequence number → payload
}

// oracle decodes packets with gopacket and counts them on its own.
type oracle struct {
	t     *testing.T
	flows map[tuple]*tally
	total packet.Tally
	last  packet.Nanos
	bad   int64 // wrong transport checksums
	frags int64
	keep  bool // compare retransmitted payloads
}

func newOracle(t *testing.T) *oracle { return &oracle{t: t, flows: map[tuple]*tally{}} }

// WritePacket implements traffic.PacketWriter.
func (o *oracle) WritePacket(ts packet.Nanos, wire uint32, data []byte) error {
	o.t.Helper()
	if ts < o.last {
		o.t.Fatalf("packet %d goes back in time", o.total.Packets)
	}
	o.last = ts
	o.total.Add(uint32(len(data)), wire)
	if data[12] == 0x91 { // gopacket does not know the QinQ type of old
		data = bytes.Clone(data)
		data[12] = 0x81
	}
	p := gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.NoCopy)
	if e := p.ErrorLayer(); e != nil && p.TransportLayer() == nil {
		o.t.Fatalf("packet %d: %v\n%x", o.total.Packets, e.Error(), data)
	}
	o.count(ts, int64(wire), p)
	return nil
}

// ipOf is the IP layer: addresses, total length, payload, protocol.
func ipOf(p gopacket.Packet) (src, dst netip.Addr, length int, l4 []byte, proto uint8, fragment bool) {
	if ip, ok := p.Layer(layers.LayerTypeIPv4).(*layers.IPv4); ok {
		src, _ = netip.AddrFromSlice(ip.SrcIP.To4())
		dst, _ = netip.AddrFromSlice(ip.DstIP.To4())
		fragment = ip.FragOffset != 0 || ip.Flags&layers.IPv4MoreFragments != 0
		return src, dst, int(ip.Length), ip.Payload, uint8(ip.Protocol), fragment
	}
	ip, ok := p.Layer(layers.LayerTypeIPv6).(*layers.IPv6)
	if !ok {
		return
	}
	src, _ = netip.AddrFromSlice(ip.SrcIP)
	dst, _ = netip.AddrFromSlice(ip.DstIP)
	proto, l4 = uint8(ip.NextHeader), ip.Payload
	if ip.HopByHop != nil {
		proto, l4 = uint8(ip.HopByHop.NextHeader), ip.HopByHop.Payload
	}
	for proto == 43 || proto == 44 || proto == 60 {
		size := 8 * (1 + int(l4[1]))
		if proto == 44 {
			size, fragment = 8, true
		}
		proto, l4 = l4[0], l4[size:]
	}
	return src, dst, int(ip.Length) + 40, l4, proto, fragment
}

// plainSum is the Internet checksum the slow way, two bytes at a time.
func plainSum(b []byte) uint16 {
	var sum uint32
	for i := 0; i < len(b); i += 2 {
		word := uint32(b[i]) << 8
		if i+1 < len(b) {
			word |= uint32(b[i+1])
		}
		sum += word
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// transportSum is 0 where the transport checksum is right.
func transportSum(src, dst netip.Addr, proto uint8, l4 []byte) uint16 {
	if proto == packet.ProtoICMP {
		return plainSum(l4)
	}
	pseudo := append(src.AsSlice(), dst.AsSlice()...)
	pseudo = binary.BigEndian.AppendUint32(pseudo, uint32(len(l4)))
	pseudo = append(pseudo, 0, 0, 0, proto)
	return plainSum(append(pseudo, l4...))
}

// headerChecksum fails the test where the IPv4 header does not sum up.
func (o *oracle) headerChecksum(p gopacket.Packet) {
	if ip, ok := p.Layer(layers.LayerTypeIPv4).(*layers.IPv4); ok && plainSum(ip.Contents) != 0 {
		o.t.Fatalf("packet %d: bad IPv4 header checksum", o.total.Packets)
	}
}

func (o *oracle) count(ts packet.Nanos, wire int64, p gopacket.Packet) {
	src, dst, length, l4, proto, fragment := ipOf(p)
	if !src.IsValid() {
		o.t.Fatalf("packet %d: no IP layer: %v", o.total.Packets, p)
	}
	o.headerChecksum(p)
	key := tuple{netip.AddrPortFrom(src, 0), netip.AddrPortFrom(dst, 0), proto}
	header := 8
	switch {
	case fragment:
		o.frags++
		return
	case proto == packet.ProtoSCTP:
		header = 12
	case proto == packet.ProtoTCP:
		header = int(l4[12]>>4) * 4
	}
	if proto == packet.ProtoTCP || proto == packet.ProtoUDP || proto == packet.ProtoSCTP {
		key.a = netip.AddrPortFrom(src, binary.BigEndian.Uint16(l4))
		key.b = netip.AddrPortFrom(dst, binary.BigEndian.Uint16(l4[2:]))
	}
	if proto != packet.ProtoSCTP && transportSum(src, dst, proto, l4) != 0 {
		o.bad++
	}
	o.add(ts, key, wire, length, header, l4)
}

func (o *oracle) add(ts packet.Nanos, key tuple, wire int64, length, header int, l4 []byte) {
	dir := 0
	if key.b.Compare(key.a) < 0 {
		key.a, key.b, dir = key.b, key.a, 1
	}
	f := o.flows[key]
	if f == nil {
		f = &tally{first: ts, seen: map[[2]uint32][]byte{}}
		o.flows[key] = f
	}
	f.last = ts
	f.packets[dir]++
	f.wire[dir] += wire
	f.ip[dir] += int64(length)
	f.payload[dir] += int64(len(l4) - header)
	if key.proto != packet.ProtoTCP {
		return
	}
	f.fin += int64(l4[13] & 1)
	f.syn += int64(l4[13] >> 1 & 1)
	f.rst += int64(l4[13] >> 2 & 1)
	o.repeats(f, uint32(dir), l4, header)
}

// repeats compares segments of one sequence number.
func (o *oracle) repeats(f *tally, dir uint32, l4 []byte, header int) {
	if !o.keep || len(l4) == header {
		return
	}
	at := [2]uint32{dir, binary.BigEndian.Uint32(l4[4:])}
	before, ok := f.seen[at]
	if !ok {
		f.seen[at] = bytes.Clone(l4[header:])
		return
	}
	f.again++
	if !bytes.Equal(before, l4[header:]) {
		o.t.Fatalf("packet %d: retransmission differs from the original", o.total.Packets)
	}
}

// compare fails the test where a flow's truth differs from the oracle's count.
func (o *oracle) compare(truth *traffic.FlowTruth) {
	o.t.Helper()
	key := tuple{netip.AddrPortFrom(truth.Src, truth.SrcPort), netip.AddrPortFrom(truth.Dst, truth.DstPort), truth.Proto}
	fwd, rev := 0, 1
	if key.b.Compare(key.a) < 0 {
		key.a, key.b, fwd, rev = key.b, key.a, 1, 0
	}
	f := o.flows[key]
	if f == nil {
		o.t.Fatalf("flow %+v was not seen", truth)
	}
	got := traffic.FlowTruth{
		Src: truth.Src, SrcPort: truth.SrcPort, Dst: truth.Dst, DstPort: truth.DstPort, Proto: truth.Proto,
		FirstNs: f.first, LastNs: f.last, FwdPackets: f.packets[fwd], RevPackets: f.packets[rev],
		FwdWireBytes: f.wire[fwd], RevWireBytes: f.wire[rev], FwdIPBytes: f.ip[fwd], RevIPBytes: f.ip[rev],
		FwdPayloadBytes: f.payload[fwd], RevPayloadBytes: f.payload[rev], SYN: f.syn, FIN: f.fin, RST: f.rst,
		Retransmissions: f.again, OutOfOrder: truth.OutOfOrder, State: truth.State,
	}
	want := *truth
	want.VLANs = nil
	if got.FwdPackets != want.FwdPackets || !equal(got, want) {
		o.t.Fatalf("oracle counts\n%+v\ntruth says\n%+v", got, want)
	}
	delete(o.flows, key)
}

func equal(a, b traffic.FlowTruth) bool {
	a.VLANs, b.VLANs = nil, nil
	x, y := a, b
	return x.Src == y.Src && x.Dst == y.Dst && x.FirstNs == y.FirstNs && x.LastNs == y.LastNs &&
		x.RevPackets == y.RevPackets && x.FwdWireBytes == y.FwdWireBytes && x.RevWireBytes == y.RevWireBytes &&
		x.FwdIPBytes == y.FwdIPBytes && x.RevIPBytes == y.RevIPBytes && x.FwdPayloadBytes == y.FwdPayloadBytes &&
		x.RevPayloadBytes == y.RevPayloadBytes && x.SYN == y.SYN && x.FIN == y.FIN && x.RST == y.RST &&
		x.Retransmissions == y.Retransmissions
}
