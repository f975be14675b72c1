package packet_test

import (
	"encoding/binary"
	"testing"
	"time"

	"pcapmill/ingest/packet"
)

// FuzzLinks holds every link type's decoder to what FuzzWalk asks of the walk, and
// the MAC addresses to lie in the frame. The number chooses a known link type, or
// is one that is not known.
func FuzzLinks(f *testing.F) {
	known := packet.LinkTypes()
	number := map[packet.LinkType]uint16{}
	for i, l := range known {
		number[l.Link] = uint16(i)
	}
	for n, l := range linkFrames() {
		for _, version := range []int{4, 6} {
			frame := l.frame(inner(n, version))
			f.Add(frame, uint32(len(frame)), number[l.link])
			cut := frame[:len(frame)-20]
			f.Add(cut, uint32(len(frame)), number[l.link])
		}
	}
	for _, o := range malformedLinkFrames() {
		f.Add(o.data, uint32(len(o.data)), number[o.link])
	}
	f.Fuzz(func(t *testing.T, frame []byte, wire uint32, n uint16) {
		if len(frame) > 1<<18 {
			return
		}
		link := packet.LinkType(n)
		if int(n) < len(known) {
			link = known[n].Link
		}
		checkLink(t, frame, wire, link)
	})
}

// checkLink walks one frame and checks all that callers rely on.
func checkLink(t *testing.T, frame []byte, wire uint32, link packet.LinkType) {
	var w packet.Walker
	v := packet.View{Time: 5, Clock: 6, Ordinal: 7, Offset: 3}
	out := w.Walk(frame, wire, link, &v)
	if out >= packet.NumOutcomes || out != packet.InFlow && out < packet.NonIP {
		t.Fatalf("outcome %v", out)
	}
	if packet.Supported(link) == (out == packet.UnsupportedLink || out == packet.OtherLink) {
		t.Fatalf("link type %v: %v", link, out)
	}
	checkSurroundings(t, frame, wire, link, v, out)
	checkFault(t, out, &v)
	l3, version, byTable, bare := packet.LinkByTable(frame, wire, link)
	if out != packet.InFlow {
		if byTable != packet.InFlow && byTable != out {
			t.Fatalf("%v, by the table %v", out, byTable)
		}
		return
	}
	const bits = packet.LinkTagBits
	if l3 != int(v.L3) || version != v.Version || byTable != out || bare.Link&bits != v.Link&bits || bare.TagOffset != v.TagOffset || bare.TagType != v.TagType {
		t.Fatalf("%+v, by the table IPv%d at %d, %v, %+v", v, version, l3, byTable, bare)
	}
	checkView(t, frame, &v)
	checkUnchecked(t, frame, wire, link, v)
	b := &packet.Block{Data: append([]byte{1, 2, 3}, frame...), Interfaces: []packet.Interface{{Link: link}}, FirstOrdinal: 7}
	b.Records = []packet.Record{{Offset: 3, CapLen: uint32(len(frame)), WireLen: wire}}
	if _, _, ok := b.MACs(&v); ok != (v.Link&packet.LinkHasMAC != 0) {
		t.Fatalf("addresses %v, bits %b", ok, v.Link)
	}
}

// TestLinkFramesCut walks each frame cut at every byte, as the snaplen would.
func TestLinkFramesCut(t *testing.T) {
	for n, l := range linkFrames() {
		whole := l.frame(inner(n, 4))
		for size := range len(whole) {
			frame := whole[:size:size]
			checkLink(t, frame, uint32(len(whole)), l.link)
			_, v, out := walkInBlock(frame, l.link)
			if at := len(l.head(4)); out == packet.InFlow && l.only != 6 && int(v.L3) != at {
				t.Errorf("%s cut to %d: IP at %d, is at %d", l.name, size, v.L3, at)
			}
		}
	}
}

// TestLinkHeadersCut cuts the frame of each link type and form, a long one on the wire, at every byte:
// within the link headers it is malformed there, and behind them as the packet alone would be.
func TestLinkHeadersCut(t *testing.T) {
	const wire = 9000
	for n, l := range linkFrames() {
		for _, version := range []int{4, 6} {
			if l.only != 0 && l.only != version {
				continue
			}
			ip := inner(n, version)
			head, frame := len(l.head(version)), l.frame(ip)
			for size := range head + len(ip) {
				var w packet.Walker
				var v, plain packet.View
				out := w.Walk(frame[:size], wire, l.link, &v)
				ok := out == packet.MalformedL2
				switch {
				case l.link == packet.LinkUser2 && size < 12: // not known to be a packet tap
					ok = out == packet.NonIP
				case size >= head+3:
					ok = out == w.Walk(ip[:size-head], wire, packet.LinkRaw, &plain)
				case size >= head: // that it is IP may be seen by its first bytes alone
					ok = ok || out == packet.MalformedL3
				}
				if !ok {
					t.Errorf("%s/IPv%d, %d of %d bytes before IP: %v", l.name, version, size, head, out)
				}
			}
		}
	}
}

// TestLinksBounded gives each decoder the longest frames there can be, made of
// what keeps its loops going.
func TestLinksBounded(t *testing.T) {
	const size = 1 << 18
	fills := [][]byte{{0}, {0xff}, {0x80}, {0x81, 0, 0, 1}, {0x45}, {4, 0, 0, 0}, {0xaa, 0xaa, 3, 0}, {0, 0, 0, 0x80}}
	heads := [][]byte{nil, join(radiotap, hexBytes(0x88, 1, 0, 0), repeat(20, 0), hexBytes(0x80, 0)), hexBytes(2, 0, 0, 0), hexBytes(0, 0, 0xff, 0xff), {0x4d, 0x47, 0x43, 0x80}, repeat(20, 0x84)}
	var frames [][]byte
	for _, head := range heads {
		for _, fill := range fills {
			frames = append(frames, join(head, repeat((size-len(head))/len(fill), fill...)))
		}
	}
	var w packet.Walker
	var v packet.View
	for _, l := range packet.LinkTypes() {
		for _, frame := range frames {
			least := time.Hour
			for try := 0; try < 3 && least > 20*time.Millisecond; try++ { // a hundred times what it takes
				began := time.Now()
				w.Walk(frame, size, l.Link, &v)
				least = min(least, time.Since(began))
			}
			if least > 20*time.Millisecond {
				t.Errorf("%s: %v for a frame that begins % x", l.Name, least, frame[:16])
			}
		}
	}
}

// oddFrame is a frame that leads to no IP packet.
type oddFrame struct {
	name string
	link packet.LinkType
	data []byte
	out  packet.Outcome
}

// malformedLinkFrames are frames that contradict themselves, are encrypted, or
// hold something else.
func malformedLinkFrames() []oddFrame {
	ip := udp4
	with := func(b []byte, at int, change ...byte) []byte {
		b = join(b)
		copy(b[at:], change)
		return b
	}
	fromTap := func(tap []byte) []byte { return join(tap, toDS, snap, etype[4], ip) }
	long := make([]byte, 70000) // beyond what a View's offsets can say
	binary.LittleEndian.PutUint32(long, 69000)
	binary.LittleEndian.PutUint32(long[4:], 1)
	binary.LittleEndian.PutUint32(long[8:], 228)
	copy(long[69000:], ip)
	return []oddFrame{
		{"802.11 beacon", 105, join(hexBytes(0x80, 0), repeat(40, 0)), packet.NonIP},
		{"802.11 acknowledgment", 105, join(hexBytes(0xd4, 0), repeat(8, 0)), packet.NonIP},
		{"802.11 null", 105, with(join(toDS, snap, etype[4], ip), 0, 0x48), packet.NonIP},
		{"802.11 QoS null", 105, with(join(qosToDS, ip), 0, 0xc8), packet.NonIP},
		{"802.11 encrypted", 105, with(join(toDS, ip), 1, 0x41), packet.NonIP},
		{"802.11 later version", 105, with(join(toDS, snap, etype[4], ip), 0, 0x09), packet.NonIP},
		{"802.11 second fragment", 105, with(join(toDS, snap, etype[4], ip), 22, 0x11), packet.FragmentUnresolved},
		{"802.11 cut in QoS", 105, qosToDS[:25], packet.MalformedL2},
		{"802.11 cut in HT control", 105, qosHT[:28], packet.MalformedL2},
		{"802.11 of one byte", 105, hexBytes(8), packet.MalformedL2},
		{"radiotap version", 127, with(fromTap(radiotap), 0, 1), packet.MalformedL2},
		{"radiotap short", 127, with(fromTap(radiotap), 2, 7), packet.MalformedL2},
		{"radiotap long", 127, with(fromTap(radiotap), 2, 200), packet.MalformedL2},
		{"radiotap bit maps without end", 127, with(fromTap(tapTime), 4, 0, 0, 0, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0x80), packet.MalformedL2},
		{"radiotap flags beyond it", 127, with(fromTap(radiotap), 4, 2), packet.MalformedL2},
		{"AVS long", 163, join(be32(0x80211001), be32(5000), toDS), packet.MalformedL2},
		{"AVS huge", 163, join(be32(0x80211001), be32(0xffffffff), toDS), packet.MalformedL2},
		{"AVS without magic", 163, repeat(100, 0), packet.MalformedL2},
		{"Prism short", 119, repeat(100, 0), packet.MalformedL2},
		{"PPI long", 192, hexBytes(0, 0, 99, 0, 105, 0, 0, 0), packet.MalformedL2},
		{"PPI unknown type", 192, join(hexBytes(0, 0, 8, 0), le32(147), ip), packet.NonIP},
		{"PPI in PPI", 192, repeat(100, join(hexBytes(0, 0, 8, 0), le32(192))...), packet.MalformedL2},
		{"PKTAP short", 258, repeat(107, 0), packet.MalformedL2},
		{"PKTAP long", 258, join(le32(109), repeat(104, 0)), packet.MalformedL2},
		{"PKTAP no packet", 258, join(le32(108), le32(0), repeat(100, 0), ip), packet.NonIP},
		{"PKTAP of USB", 258, join(le32(108), le32(1), le32(189), repeat(96, 0), ip), packet.NonIP},
		{"PKTAP, packet beyond 64 KiB", 258, long, packet.MalformedL2},
		{"user 2, something else", 149, repeat(200, 7), packet.NonIP},
		{"NFLOG version", 239, hexBytes(2, 1, 0, 0), packet.MalformedL2},
		{"NFLOG attribute of no length", 239, hexBytes(2, 0, 0, 0, 0, 0, 0, 0, 0, 0), packet.MalformedL2},
		{"NFLOG attribute too long", 239, hexBytes(2, 0, 0, 0, 99, 0, 1, 0), packet.MalformedL2},
		{"NFLOG without packet", 239, hexBytes(2, 0, 0, 0, 8, 0, 1, 0, 1, 2, 3, 4), packet.NonIP},
		{"PFLOG short", 117, join(hexBytes(44, 2), repeat(100, 0)), packet.MalformedL2},
		{"PFLOG long", 117, join(hexBytes(255, 2), repeat(100, 0)), packet.MalformedL2},
		{"PFLOG family", 117, join(hexBytes(61, 9), repeat(100, 0)), packet.NonIP},
		{"IPNET family", 226, join(hexBytes(1, 10), repeat(60, 0)), packet.NonIP},
		{"token ring, route of no length", 6, with(join(hexBytes(0x10, 0x40), dstMAC, srcMAC, hexBytes(0, 0), snap), 8, 0x82), packet.MalformedL2},
		{"token ring, route too long", 6, with(join(hexBytes(0x10, 0x40), dstMAC, srcMAC, hexBytes(0x1e, 0), snap), 8, 0x82), packet.MalformedL2},
		{"token ring MAC frame", 6, join(hexBytes(0x10, 0), eth, repeat(20, 0)), packet.NonIP},
		{"FDDI management", 10, join(hexBytes(0x41), eth, repeat(20, 0)), packet.NonIP},
		{"ARCNET ARP", 7, hexBytes(1, 2, 213, 0, 0, 1, 0), packet.NonIP},
		{"ARCNET second part", 7, hexBytes(1, 2, 212, 2, 0, 1, 0), packet.FragmentUnresolved},
		{"frame relay, address without end", 107, repeat(40, 0x18), packet.MalformedL2},
		{"frame relay, address of one byte", 107, join(hexBytes(0x19, 3, 0xcc), ip), packet.MalformedL2},
		{"frame relay LMI", 107, join(hexBytes(0, 1, 3, 8), repeat(20, 0)), packet.NonIP},
		{"FRF.12 second fragment", 107, join(hexBytes(0x18, 0x41, 3, 0xb1, 0, 1), ip), packet.FragmentUnresolved},
		{"FRF.16 second fragment", 182, join(hexBytes(0x44, 1), ip), packet.FragmentUnresolved},
		{"FRF.16 control", 182, join(hexBytes(0xe4, 1), ip), packet.NonIP},
		{"PPP LCP", 9, join(hexBytes(0xff, 3, 0xc0, 0x21), ip), packet.NonIP},
		{"PPP cut", 9, hexBytes(0xff, 3, 0), packet.MalformedL2},
		{"PPP of nothing", 204, nil, packet.MalformedL2},
		{"SLARP", 104, join(hexBytes(0x8f, 0, 0x80, 0x35), repeat(14, 0)), packet.NonIP},
		{"ATM OAM", 123, join(hexBytes(0, 0, 0, 4), repeat(20, 0)), packet.NonIP},
		{"LANE control", 123, join(hexBytes(1, 0, 0, 100, 0xff, 0), repeat(20, 0)), packet.NonIP},
		{"Juniper without magic", 178, repeat(30, 0), packet.MalformedL2},
		{"Juniper extension too long", 178, join(mgc(0x80), hexBytes(0xff, 0xff), ip), packet.MalformedL2},
		{"Juniper without link, no IP", 178, join(mgc(2), repeat(9, 0)), packet.NonIP},
		{"Juniper ATM1 OAM", 137, join(mgc(0), hexBytes(0x80, 0, 0, 0), ip), packet.NonIP},
		{"InfiniBand connected", 247, join(hexBytes(0, 2, 0, 1, 0, 20, 0, 2), repeat(40, 0)), packet.NonIP},
		{"ERF extensions without end", 197, join(repeat(8, 0), repeat(40, 0x82)), packet.MalformedL2},
		{"MACsec encrypted", 1, join(eth, hexBytes(0x88, 0xe5, 0x2c, 0, 0, 0, 0, 1), repeat(60, 9)), packet.NonIP},
		{"MACsec cut", 1, join(eth, hexBytes(0x88, 0xe5, 0, 0, 0, 0, 0)), packet.MalformedL2},
		{"NSH of no length", 1, join(eth, hexBytes(0x89, 0x4f, 0, 0, 1, 1, 0, 0, 0, 0)), packet.MalformedL2},
		{"HSR without end", 1, join(eth, repeat(30, 0x89, 0x2f, 0, 0, 0, 0)), packet.MalformedL2},
		{"VN-Tag cut", 1, join(eth, hexBytes(0x89, 0x26, 0, 0)), packet.MalformedL2},
		{"PRP supervision", 1, join(eth, hexBytes(0x88, 0xfb), repeat(40, 0)), packet.NonIP},
		{"Realtek management", 1, join(eth, hexBytes(0x88, 0x99, 1), repeat(40, 0)), packet.NonIP},
		{"USB", 189, join(repeat(64, 0), ip), packet.OtherLink},
		{"Bluetooth", 201, ip, packet.OtherLink},
		{"CAN", 227, repeat(16, 0), packet.OtherLink},
		{"802.15.4", 195, ip, packet.OtherLink},
		{"DOCSIS", 143, ip, packet.OtherLink},
		{"private number", 147, ip, packet.UnsupportedLink},
		{"beyond 16 bits", 1<<31 | 1, ip, packet.UnsupportedLink},
	}
}

// TestMalformedLinkFrames pins the outcome of each.
func TestMalformedLinkFrames(t *testing.T) {
	for _, o := range malformedLinkFrames() {
		if out, _ := walk(o.link, o.data); out != o.out {
			t.Errorf("%s: %v, want %v", o.name, out, o.out)
		}
		checkLink(t, o.data, uint32(len(o.data)), o.link)
	}
}

// TestAggregates takes the first IP packet of an A-MSDU and counts it once.
func TestAggregates(t *testing.T) {
	head := join(qosToDS[:24], hexBytes(0x80, 0))
	sub := func(body ...[]byte) []byte {
		b := join(body...)
		b = join(dstMAC, srcMAC, hexBytes(byte(len(b)>>8), byte(len(b))), b)
		return join(b, repeat((4-len(b)%4)%4, 0))
	}
	arp := sub(snap, hexBytes(8, 6), body(28))
	first, second := sub(snap, etype[4], udp4), sub(snap, etype[6], udp6)
	for _, test := range []struct {
		name  string
		frame []byte
		out   packet.Outcome
		l3    int
	}{
		{"two packets", join(head, first, second), packet.InFlow, 26 + 14 + 8},
		{"the other order", join(head, second, first), packet.InFlow, 26 + 14 + 8},
		{"behind ARP", join(head, arp, first, second), packet.InFlow, 26 + len(arp) + 14 + 8},
		{"ARP alone", join(head, arp), packet.NonIP, 0},
		{"nothing", head, packet.MalformedL2, 0},
		{"cut in the second", join(head, arp, first[:20]), packet.NonIP, 0},
		{"length beyond the frame", join(head, dstMAC, srcMAC, hexBytes(0xff, 0xff), snap, etype[4], udp4), packet.InFlow, 26 + 14 + 8},
	} {
		b, v, out := walkInBlock(test.frame, 105)
		if out != test.out || out == packet.InFlow && int(v.L3) != test.l3 {
			t.Errorf("%s: %v, IP at %d", test.name, out, v.L3)
		}
		if dst, src, ok := b.MACs(&v); out == packet.InFlow && (!ok || string(dst[:]) != string(dstMAC) || string(src[:]) != string(srcMAC)) {
			t.Errorf("%s: addresses %x %x", test.name, dst, src)
		}
	}
}
