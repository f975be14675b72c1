package packet_test

import (
	"encoding/binary"
	"net/netip"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// linkFrame is one way to carry an IP packet, written down byte by byte.
type linkFrame struct {
	name string
	link packet.LinkType
	head func(version int) []byte
	tail int    // bytes behind the packet
	macs bool   // dstMAC and srcMAC are the frame's
	tags string // VLAN identifiers and labels, "" for none
	only int    // IP version, 0 for both
}

// frame returns the frame around an IP packet.
func (l linkFrame) frame(ip []byte) []byte {
	return join(l.head(int(ip[0]>>4)), ip, repeat(l.tail, 0xee))
}

var (
	dstMAC = []byte{2, 0x10, 0x20, 0x30, 0x40, 0x52}
	srcMAC = []byte{2, 0x10, 0x20, 0x30, 0x40, 0x51}
	bssid  = []byte{2, 0x10, 0x20, 0x30, 0x40, 0x5f}
	relay  = []byte{2, 0x10, 0x20, 0x30, 0x40, 0x5e}
)

// fixed is a header that does not depend on the IP version.
func fixed(parts ...[]byte) func(int) []byte {
	return func(int) []byte { return join(parts...) }
}

// typed is parts, the EtherType of IP, and nothing else.
func typed(parts ...[]byte) func(int) []byte {
	return func(v int) []byte { return join(join(parts...), etype[v]) }
}

// then is parts with the EtherType before the last one.
func then(last []byte, parts ...[]byte) func(int) []byte {
	return func(v int) []byte { return join(join(parts...), etype[v], last) }
}

// inPPP is parts and the PPP protocol of IP.
func inPPP(parts ...[]byte) func(int) []byte {
	return func(v int) []byte { return join(join(parts...), map[int][]byte{4: {0, 0x21}, 6: {0, 0x57}}[v]) }
}

// nlpid is parts and the network layer protocol identifier of IP.
func nlpid(parts ...[]byte) func(int) []byte {
	return func(v int) []byte { return join(join(parts...), map[int][]byte{4: {0xcc}, 6: {0x8e}}[v]) }
}

// family is parts with the address family of IP in the place of 0xfa.
func family(af6 byte, parts ...[]byte) func(int) []byte {
	return func(v int) []byte {
		b := join(parts...)
		for i := range b {
			if b[i] == 0xfa {
				b[i] = map[int]byte{4: 2, 6: af6}[v]
			}
		}
		return b
	}
}

func hexBytes(b ...byte) []byte { return b }

// le32 is a number in little-endian order.
func le32(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }

func be32(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

// The parts that several frames share.
var (
	eth       = join(dstMAC, srcMAC)
	toDS      = join(hexBytes(0x08, 0x01, 0, 0), bssid, srcMAC, dstMAC, hexBytes(0x10, 0))
	fromDS    = join(hexBytes(0x08, 0x02, 0, 0), dstMAC, bssid, srcMAC, hexBytes(0x10, 0))
	adHoc     = join(hexBytes(0x08, 0x00, 0, 0), dstMAC, srcMAC, bssid, hexBytes(0x10, 0))
	fourAddr  = join(hexBytes(0x08, 0x03, 0, 0), bssid, relay, dstMAC, hexBytes(0x10, 0), srcMAC)
	qosToDS   = join(hexBytes(0x88, 0x01, 0, 0), bssid, srcMAC, dstMAC, hexBytes(0x10, 0, 0, 0))
	qosHT     = join(hexBytes(0x88, 0x81, 0, 0), bssid, srcMAC, dstMAC, hexBytes(0x10, 0, 0, 0, 0, 0, 0, 0))
	qosFour   = join(hexBytes(0x88, 0x03, 0, 0), bssid, relay, dstMAC, hexBytes(0x10, 0), srcMAC, hexBytes(0, 0))
	radiotap  = hexBytes(0, 0, 8, 0, 0, 0, 0, 0)
	tapFCS    = hexBytes(0, 0, 9, 0, 2, 0, 0, 0, 0x10)
	tapPadded = hexBytes(0, 0, 9, 0, 2, 0, 0, 0, 0x20)
	tapTime   = join(hexBytes(0, 0, 25, 0, 3, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0), repeat(8, 9), hexBytes(0x10))
	bridged   = hexBytes(0, 0x80, 0xc2, 0, 7)
	mgc       = func(flags byte) []byte { return []byte{'M', 'G', 'C', flags} }
	label     = hexBytes(0, 1, 1, 64)
)

// linkFrames are the link types and forms that lead to IP.
func linkFrames() []linkFrame {
	mac, plain := linkFrame{macs: true}, linkFrame{}
	var out []linkFrame
	add := func(base linkFrame, name string, link packet.LinkType, head func(int) []byte) *linkFrame {
		base.name, base.link, base.head = name, link, head
		out = append(out, base)
		return &out[len(out)-1]
	}

	add(plain, "null", 0, family(30, hexBytes(0xfa, 0, 0, 0)))
	add(plain, "loop", 108, family(24, hexBytes(0, 0, 0, 0xfa)))
	add(mac, "ethernet", 1, typed(eth))
	add(mac, "ethernet SNAP", 1, typed(eth, hexBytes(0, 60), snap))
	add(mac, "VLAN", 1, typed(eth, hexBytes(0x81, 0, 0, 7))).tags = "[7] []"

	add(mac, "token ring", 6, typed(hexBytes(0x10, 0x40), eth, snap))
	add(mac, "token ring, source routing", 6, typed(hexBytes(0x10, 0x40), dstMAC, hexBytes(0x82), srcMAC[1:], hexBytes(0x06, 0x30, 0, 0x11, 0, 0x20), snap))
	add(mac, "FDDI", 10, typed(hexBytes(0x50), eth, snap))
	add(plain, "ARCNET RFC 1201", 7, family6(hexBytes(1, 2, 0xfc, 0, 0, 9), 212, 196))
	add(plain, "ARCNET exception", 7, family6(hexBytes(1, 2, 0xfc, 0xff, 0, 0, 0, 0, 0, 9), 212, 196))
	add(plain, "ARCNET RFC 1051", 7, fixed(hexBytes(1, 2, 240))).only = 4
	add(plain, "ARCNET Linux", 129, family6(hexBytes(1, 2, 0, 0, 0xfc, 0, 0, 9), 212, 196)).only = 4
	add(mac, "fibre channel", 122, typed(hexBytes(0x10, 0), dstMAC, hexBytes(0x10, 0), srcMAC, snap))
	add(plain, "FireWire", 138, typed(repeat(16, 1)))
	add(plain, "Symantec", 99, func(v int) []byte { return join(repeat(6, 0), etype[v], repeat(36, 0)) })

	add(plain, "PPP", 9, inPPP(hexBytes(0xff, 3)))
	add(plain, "PPP without address", 9, inPPP())
	add(plain, "PPP compressed protocol", 9, func(v int) []byte { return map[int][]byte{4: {0x21}, 6: {0x57}}[v] })
	add(plain, "PPP labels", 9, fixed(hexBytes(0xff, 3, 2, 0x81), label)).tags = "[] [16]"
	add(plain, "PPP HDLC", 50, inPPP(hexBytes(0xff, 3)))
	add(plain, "Cisco in PPP HDLC", 50, typed(hexBytes(0x0f, 0)))
	add(plain, "PPPoE", 51, inPPP(hexBytes(0x11, 0, 0, 7, 0, 60)))
	add(plain, "PPPoE labels", 51, fixed(hexBytes(0x11, 0, 0, 7, 0, 60, 2, 0x81), label)).tags = "[] [16]"
	add(plain, "pppd in", 166, inPPP(hexBytes(0, 3)))
	add(plain, "pppd out", 166, inPPP(hexBytes(1, 3)))
	add(plain, "PPP with direction", 204, inPPP(hexBytes(0, 0xff, 3)))
	add(plain, "Cisco HDLC", 104, typed(hexBytes(0x8f, 0)))
	add(plain, "Cisco HDLC with direction", 205, typed(hexBytes(1, 0x0f, 0)))
	add(plain, "MPLS", 219, fixed(label)).tags = "[] [16]"

	add(plain, "frame relay NLPID", 107, nlpid(hexBytes(0x18, 0x41, 3)))
	add(plain, "frame relay long address, padding", 107, nlpid(hexBytes(0x18, 0x40, 0x40, 0x01, 3, 0)))
	add(plain, "frame relay SNAP", 107, typed(hexBytes(0x18, 0x41, 3, 0, 0x80, 0, 0, 0)))
	add(plain, "frame relay Cisco", 107, typed(hexBytes(0x18, 0x41)))
	add(mac, "frame relay bridged", 107, typed(hexBytes(0x18, 0x41, 3, 0, 0x80), bridged, eth))
	add(plain, "frame relay PPP", 107, inPPP(hexBytes(0x18, 0x41, 3, 0xcf)))
	add(plain, "frame relay with direction", 206, nlpid(hexBytes(1, 0x18, 0x41, 3)))
	add(plain, "multilink frame relay", 182, nlpid(hexBytes(0xc4, 1, 0x18, 0x41, 3)))

	add(plain, "RFC 1483 SNAP", 100, typed(snap))
	add(mac, "RFC 1483 bridged", 100, typed(hexBytes(0xaa, 0xaa, 3), bridged, hexBytes(0, 0), eth))
	add(plain, "RFC 1483 NLPID", 100, nlpid(hexBytes(0xfe, 0xfe, 3)))
	add(plain, "classical IP SNAP", 106, typed(snap))
	add(plain, "classical IP alone", 106, fixed())
	add(plain, "SunATM LLC", 123, typed(hexBytes(2, 0, 0, 100), snap))
	add(mac, "SunATM LANE", 123, typed(hexBytes(1, 0, 0, 100, 0, 1), eth))

	add(plain, "SLIP", 8, fixed(repeat(16, 0)))
	add(plain, "PFLOG", 117, family(24, hexBytes(61, 0xfa), repeat(62, 0)))
	add(plain, "IPNET", 226, family(26, hexBytes(1, 0xfa), repeat(22, 0)))
	add(plain, "ENC", 109, family(24, hexBytes(0xfa, 0, 0, 0), repeat(8, 0)))
	add(plain, "NFLOG", 239, func(v int) []byte {
		return join(map[int][]byte{4: {2}, 6: {10}}[v], hexBytes(0, 0, 0, 8, 0, 1, 0, 8, 0, 0, 0, 5, 0, 10, 0, 'a', 0, 0, 0, map[int]byte{4: 37, 6: 57}[v], 0, 9, 0))
	}).tail = 3
	add(plain, "NFLOG big-endian", 239, func(v int) []byte {
		return join(map[int][]byte{4: {2}, 6: {10}}[v], hexBytes(0, 0, 0, 0, 8, 0, 1, 8, 0, 0, 0, 0, map[int]byte{4: 37, 6: 57}[v], 0, 9))
	})
	add(mac, "PKTAP Ethernet", 258, typed(le32(108), le32(1), le32(1), repeat(96, 0), eth))
	add(plain, "PKTAP null", 258, family(30, le32(112), le32(1), le32(0), repeat(100, 0), hexBytes(0xfa, 0, 0, 0)))
	add(mac, "PKTAP as user 2", 149, typed(le32(108), le32(1), le32(1), repeat(96, 0), eth))
	add(plain, "IPoIB", 242, then(hexBytes(0, 0), repeat(40, 0)))
	add(plain, "InfiniBand", 247, then(hexBytes(0, 0), hexBytes(0, 2, 0, 1, 0, 20, 0, 2), hexBytes(0x64, 0, 0xff, 0xff, 0, 0, 2, 1, 0, 0, 0, 1), hexBytes(0, 0, 0xb, 0x1b, 0, 0, 2, 1))).tail = 6
	add(plain, "InfiniBand raw", 247, fixed(hexBytes(0, 1, 0, 1, 0, 20, 0, 2))).only = 6
	l := add(mac, "netANALYZER", 240, typed(repeat(4, 0), eth))
	l.tail = 4
	l = add(mac, "netANALYZER transparent", 241, typed(repeat(4, 0), repeat(7, 0x55), hexBytes(0xd5), eth))
	l.tail = 4

	add(mac, "802.11 to access point", 105, typed(toDS, snap))
	add(mac, "802.11 from access point", 105, typed(fromDS, snap))
	add(mac, "802.11 ad hoc", 105, typed(adHoc, snap))
	add(mac, "802.11 four addresses", 105, typed(fourAddr, snap))
	add(mac, "802.11 QoS", 105, typed(qosToDS, snap))
	add(mac, "802.11 QoS, HT control", 105, typed(qosHT, snap))
	add(mac, "802.11 QoS, four addresses", 105, typed(qosFour, snap))
	add(mac, "radiotap", 127, typed(radiotap, toDS, snap))
	add(mac, "radiotap, check sequence", 127, typed(tapFCS, toDS, snap)).tail = 4
	add(mac, "radiotap, padding", 127, typed(tapPadded, qosToDS, hexBytes(0, 0), snap))
	add(mac, "radiotap, time, two bit maps", 127, typed(tapTime, toDS, snap)).tail = 4
	add(mac, "Prism", 119, typed(le32(0x44), le32(144), repeat(136, 0), toDS, snap))
	add(mac, "AVS in Prism", 119, typed(be32(0x80211001), be32(64), repeat(56, 0), toDS, snap))
	add(mac, "AVS", 163, typed(be32(0x80211001), be32(64), repeat(56, 0), toDS, snap))
	add(mac, "PPI 802.11", 192, typed(hexBytes(0, 0, 8, 0), le32(105), toDS, snap))
	l = add(mac, "PPI 802.11, check sequence", 192, typed(hexBytes(0, 0, 32, 0), le32(105), hexBytes(2, 0, 20, 0), repeat(8, 0), hexBytes(1, 0), repeat(10, 0), toDS, snap))
	l.tail = 4
	add(mac, "PPI Ethernet", 192, typed(hexBytes(0, 0, 8, 0), le32(1), eth))
	add(plain, "PPI PPP", 192, inPPP(hexBytes(0, 0, 8, 0), le32(9), hexBytes(0xff, 3)))

	add(plain, "cooked", 113, typed(repeat(14, 0)))
	add(plain, "cooked 2", 276, func(v int) []byte { return join(etype[v], repeat(6, 0), hexBytes(0, 1), repeat(10, 0)) })
	add(mac, "cooked radiotap", 113, typed(hexBytes(0, 0, 3, 0x23), repeat(12, 0), radiotap, toDS, snap))
	add(plain, "cooked frame relay", 113, nlpid(hexBytes(0, 0, 3, 2), repeat(12, 0), hexBytes(0x18, 0x41, 3)))
	add(plain, "cooked PPP", 113, inPPP(repeat(15, 0), hexBytes(7), hexBytes(0xff, 3)))

	add(mac, "Broadcom tag", 281, typed(eth, hexBytes(0, 0, 0x20, 5)))
	add(mac, "Broadcom tag before", 282, typed(hexBytes(0, 0, 0x20, 5), eth))
	add(mac, "DSA untagged", 284, typed(eth, hexBytes(0xc0, 0x10, 5, 0x39)))
	add(mac, "DSA tagged", 284, typed(eth, hexBytes(0xe0, 0x10, 5, 0x39))).tags = "[1337] []"
	add(mac, "EDSA", 285, typed(eth, hexBytes(0xda, 0xda, 0, 0, 0xe0, 0x10, 5, 0x39))).tags = "[1337] []"

	add(mac, "ISL", 1, typed(hexBytes(1, 0, 0xc, 0, 0, 0), srcMAC, hexBytes(0, 90, 0xaa, 0xaa, 3, 2, 0x10, 0x20, 0, 14, 0, 0, 0, 0), eth)).tags = "[7] []"
	out[len(out)-1].macs = false
	add(mac, "VN-Tag", 1, typed(eth, hexBytes(0x89, 0x26, 0, 0, 0, 1)))
	add(mac, "HSR", 1, typed(eth, hexBytes(0x89, 0x2f, 0, 60, 0, 1)))
	add(mac, "802.1ah", 1, typed(eth, hexBytes(0x81, 0, 0, 7, 0x88, 0xe7, 0, 0, 0, 9), bssid, relay)).tags = "[7] []"
	add(mac, "MACsec, not encrypted", 1, typed(eth, hexBytes(0x88, 0xe5, 0, 0, 0, 0, 0, 1))).tail = 16
	add(mac, "MACsec with SCI", 1, typed(eth, hexBytes(0x88, 0xe5, 0x20, 0, 0, 0, 0, 1), repeat(8, 0))).tail = 16
	add(mac, "NSH", 1, func(v int) []byte {
		return join(eth, hexBytes(0x89, 0x4f, 0x0f, 0xc6, 1, map[int]byte{4: 1, 6: 2}[v], 0, 0, 1, 0xff), repeat(16, 0))
	})
	add(mac, "CMD", 1, typed(eth, hexBytes(0x89, 0x09, 1, 1, 0, 1, 0, 5)))
	add(mac, "FabricPath", 1, typed(eth, hexBytes(0x89, 0x03, 0, 0x60), bssid, relay))
	add(mac, "TRILL", 1, typed(eth, hexBytes(0x22, 0xf3, 0, 0x3f, 0, 1, 0, 2), bssid, relay))
	add(mac, "Realtek 4", 1, typed(eth, hexBytes(0x88, 0x99, 0xa0, 1)))
	add(mac, "Realtek 8", 1, typed(eth, hexBytes(0x88, 0x99, 4, 0, 0, 0, 0, 1)))
	add(mac, "jumbo LLC", 1, typed(eth, hexBytes(0x88, 0x70), snap))

	add(plain, "Juniper without link", 178, fixed(mgc(2), repeat(4, 0)))
	add(mac, "Juniper Ethernet", 178, typed(mgc(0), eth))
	add(mac, "Juniper Ethernet, extended", 178, typed(mgc(0x81), hexBytes(0, 6, 1, 1, 9, 2, 1, 9), eth))
	add(plain, "Juniper PPP", 179, inPPP(mgc(0), hexBytes(0xff, 3)))
	add(plain, "Juniper frame relay", 180, nlpid(mgc(0), hexBytes(0x18, 0x41, 3)))
	add(plain, "Juniper HDLC", 181, typed(mgc(0), hexBytes(0x0f, 0)))
	add(mac, "Juniper PPPoE", 167, typed(mgc(0), eth))
	add(plain, "Juniper PPPoE over ATM", 168, typed(mgc(0)))
	add(plain, "Juniper GGSN", 133, func(v int) []byte { return join(mgc(0), hexBytes(0, 0, map[int]byte{4: 2, 6: 6}[v], 0, 0, 0, 0, 0)) })
	add(plain, "Juniper services", 136, fixed(mgc(0), repeat(8, 0)))
	add(plain, "Juniper monitor", 164, fixed(mgc(0), repeat(8, 0)))
	add(plain, "Juniper MLPPP", 130, inPPP(mgc(0), hexBytes(0, 5)))
	add(plain, "Juniper MLPPP, LS", 130, inPPP(mgc(0), hexBytes(0x54, 5, 0, 0)))
	add(plain, "Juniper MLPPP, AS", 130, family6(join(mgc(0), hexBytes(0x47, 0, 0, 0, 0, 0xfc, 0, 0)), 0, 0x10))
	add(plain, "Juniper MLFR", 131, nlpid(mgc(0), hexBytes(0, 5, 3)))
	add(plain, "Juniper MLFR, LS", 131, nlpid(mgc(0), hexBytes(0x54, 5, 0, 0, 3)))
	add(plain, "Juniper MFR link", 134, nlpid(mgc(0), hexBytes(0xc4, 1, 0x18, 0x41, 3)))
	add(plain, "Juniper MFR, AS", 134, family6(join(mgc(0), hexBytes(0x47, 0, 0, 0, 0, 0xfc, 0, 0)), 0, 0x10))
	add(plain, "Juniper ATM1 SNAP", 137, typed(mgc(0), repeat(4, 0), snap))
	add(plain, "Juniper ATM1 IP", 137, fixed(mgc(0), repeat(4, 0)))
	add(plain, "Juniper ATM1 NLPID", 137, nlpid(mgc(0), repeat(4, 0), hexBytes(3)))
	add(plain, "Juniper ATM2 SNAP", 135, typed(mgc(1), repeat(8, 0), snap))
	add(plain, "Juniper ATM2 IP", 135, fixed(mgc(1), repeat(8, 0)))
	add(plain, "Juniper ATM2 PPP", 135, inPPP(mgc(1), repeat(8, 0)))
	add(mac, "Juniper ATM2 Ethernet", 135, typed(mgc(0), hexBytes(0, 0, 0, 1, 0, 0, 0, 0), eth))
	add(plain, "Juniper ES", 132, fixed(mgc(0), hexBytes(0, 1, 9, 3), repeat(12, 0)))

	erf := func(kind byte, rest ...byte) []byte {
		return join(repeat(8, 0), []byte{kind, 4, 0, 99, 0, 0, 0, 80}, rest)
	}
	add(mac, "ERF Ethernet", 197, typed(erf(2, 0, 0), eth))
	add(mac, "ERF Ethernet, extension", 197, typed(erf(0x82, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0), eth))
	add(plain, "ERF HDLC", 197, inPPP(erf(1), hexBytes(0xff, 3)))
	add(plain, "ERF HDLC, hash", 197, inPPP(erf(19), hexBytes(0xff, 3)))
	add(plain, "ERF HDLC, channels", 197, inPPP(erf(5, 0, 0, 0, 1), hexBytes(0xff, 3)))
	add(plain, "ERF HDLC, channels, color", 197, inPPP(erf(17, 0, 0, 0, 1), hexBytes(0xff, 3)))
	add(plain, "ERF IP", 197, func(v int) []byte { return erf(map[int]byte{4: 22, 6: 23}[v]) })
	return out
}

// family6 is b with one of two bytes in the place of 0xfc.
func family6(b []byte, four, six byte) func(int) []byte {
	return func(v int) []byte {
		b := join(b)
		for i := range b {
			if b[i] == 0xfc {
				b[i] = map[int]byte{4: four, 6: six}[v]
			}
		}
		return b
	}
}

// inner returns the IP packet that frame n carries, told by its source port.
func inner(n, version int) []byte {
	src, dst := clientV4, serverV4
	if version == 6 {
		src, dst = clientV6, serverV6
	}
	return traffic.UDP(netip.AddrPortFrom(src.Addr(), uint16(20000+n)), dst, body(5), traffic.OnLink(packet.LinkRaw))
}
