package packet_test

import (
	"bytes"
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// fuzzLinks are the link types that a fuzz input's number chooses from.
var fuzzLinks = []packet.LinkType{
	packet.LinkEthernet, packet.LinkNull, packet.LinkRaw, packet.LinkLoop, packet.LinkSLL, packet.LinkSLL2,
	packet.LinkIPv4, packet.LinkIPv6, packet.LinkRawBSD, packet.LinkRawOpen, 147,
}

func fuzzLink(n byte) packet.LinkType { return fuzzLinks[int(n)%len(fuzzLinks)] }

// seedFrames are Ethernet frames of each kind that the walk tells apart.
func seedFrames() [][]byte {
	a4, b4, a6, b6 := clientV4.Addr(), serverV4.Addr(), clientV6.Addr(), serverV6.Addr()
	frames := [][]byte{
		traffic.ICMP(a4, b4, 8, 0, 1, body(9)),
		traffic.ICMP(a6, b6, 135, 0, 0, body(20)),
		traffic.SCTP(clientV4, serverV4, 7, body(16)),
		traffic.IP(a4, b4, packet.ProtoIGMP, body(8), traffic.IPOpts([]byte{0x94, 4, 0, 0})),
		traffic.IP(a4, b4, 51, append([]byte{17, 4, 0, 0}, body(40)...)),
		traffic.UDP(clientV4, serverV4, body(30), traffic.InPPPoE(7)),
		traffic.UDP(clientV6, serverV6, body(30), traffic.InPPPoE(7), traffic.Labelled(5)),
		traffic.UDP(clientV4, serverV4, body(30), traffic.Labelled(16, 17), traffic.Tagged(3)),
		traffic.UDP(clientV6, serverV6, body(30), traffic.Extended(
			traffic.Extension{Type: 0, Data: []byte{1, 0}}, traffic.Extension{Type: 43, Data: body(22)},
			traffic.Extension{Type: 60, Data: []byte{201, 16}}, traffic.Extension{Type: 135, Data: body(6)})),
		traffic.TCP(clientV4, serverV4, packet.SYN, 1, 0, 1024, nil, traffic.TCPOpts(traffic.MSS(1460), traffic.SACKPermitted()), traffic.Padded(60)),
		traffic.TCP(clientV4, serverV4, packet.ACK, 1, 2, 1024, body(40), traffic.Fragmented(traffic.Fragment{More: true})),
		traffic.Ethernet(40, append([]byte{0xaa, 0xaa, 3, 0, 0, 0, 0x81, 0, 0, 1, 8, 0}, traffic.UDP(clientV4, serverV4, nil)[14:]...)),
		traffic.Ethernet(31, append([]byte{6, 6, 3}, traffic.UDP(clientV4, serverV4, nil)[14:]...)),
		traffic.Ethernet(0x0806, body(28)),
	}
	for _, f := range steadyFrames() {
		frames = append(frames, f)
	}
	return frames
}

func addSeeds(f *testing.F) {
	for _, frame := range seedFrames() {
		for n := range fuzzLinks {
			f.Add(frame, uint32(len(frame)), byte(n))
			f.Add(frame[14:], uint32(len(frame)-14), byte(n))
		}
	}
}

// FuzzWalk holds the walk to what its callers rely on, for any bytes.
func FuzzWalk(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, frame []byte, wire uint32, n byte) {
		if len(frame) > 1<<18 {
			return
		}
		link := fuzzLink(n)
		var w packet.Walker
		v := packet.View{Time: 5, Clock: 6, Ordinal: 7, Offset: 3, Quality: 0xffff, SrcPort: 9, Seq: 9, TagOffset: 9}
		out := w.Walk(frame, wire, link, &v)
		if v.Time != 5 || v.Clock != 6 || v.Ordinal != 7 || v.Offset != 3 {
			t.Fatal("Walk changed what the caller set")
		}
		if out >= packet.NumOutcomes || out != packet.InFlow && out < packet.NonIP {
			t.Fatalf("outcome %v", out)
		}
		if (out == packet.UnsupportedLink) == packet.Supported(link) {
			t.Fatalf("link type %v: %v", link, out)
		}
		checkSurroundings(t, frame, wire, link, v, out)
		checkFault(t, out, &v)
		if out == packet.InFlow {
			checkView(t, frame, &v)
			checkUnchecked(t, frame, wire, link, v)
		}
	})
}

// checkFragment checks that a fragment's place in frame and datagram can be.
func checkFragment(t *testing.T, frame []byte, v *packet.View) {
	p := packet.FragmentOf(frame, v)
	inFrame := p.Header <= p.Data && p.Data <= v.L4 && int(p.Data) <= len(frame) && p.Header >= v.L3+20 && (v.Version == 4 || p.Next >= v.L3 && p.Next < p.Header)
	if !inFrame || p.From > p.To || p.From%8 != 0 || p.From == 0 && v.Quality&packet.FirstFragment == 0 {
		t.Fatalf("fragment %+v of %+v", p, *v)
	}
	if h, ok := p.AppendHeaders(nil, frame, v, p.To); ok && len(h) != int(p.Header) {
		t.Fatalf("%d bytes of headers, want %d", len(h), p.Header)
	}
}

// checkView checks that the view describes places inside the frame, when it lies
// in a block with other bytes before and after.
func checkView(t *testing.T, frame []byte, v *packet.View) {
	b := &packet.Block{Data: append(append([]byte{1, 2, 3}, frame...), 4, 5)}
	length := uint32(len(frame))
	got, want := v.Frame(b), frame
	if v.IsFragment() { // ends with its data
		checkFragment(t, frame, v)
		want = frame[:min(len(got), len(frame))]
	}
	if v.CapLen != length || !bytes.Equal(got, want) {
		t.Fatal("frame is not the frame")
	}
	if uint32(v.L3) > length || v.L4 < v.L3+20 || uint32(v.L4)+uint32(v.L4Len)+v.PayloadCap > length {
		t.Fatalf("layers outside the frame of %d: %+v", length, *v)
	}
	if v.PayloadCap > v.CapLen || v.PayloadCap > v.PayloadLen || v.PayloadLen > v.IPLen {
		t.Fatalf("lengths contradict: %+v", *v)
	}
	if (v.Quality&packet.TruncatedPayload == 0) && v.PayloadCap != v.PayloadLen && v.Quality&packet.TruncatedL4 == 0 {
		t.Fatalf("payload cut without a mark: %+v", *v)
	}
	end := uint32(v.L4) + uint32(v.L4Len)
	if !bytes.Equal(v.Payload(b), frame[end:end+v.PayloadCap]) || !bytes.Equal(v.Transport(b), frame[v.L4:end+v.PayloadCap]) {
		t.Fatal("payload or transport is not the frame's")
	}
	if v.Version != frame[v.L3]>>4 {
		t.Fatalf("version %d", v.Version)
	}
	if v.Protocol == packet.ProtoTCP && v.Quality&(packet.TruncatedL4|packet.LaterFragment) == 0 && v.L4Len < 20 {
		t.Fatalf("TCP header of %d bytes without a mark", v.L4Len)
	}
	tags := 0
	packet.LinkTags(v.Frame(b), v, func(id uint16) { tags++; inRange(t, id < 4096) }, func(l uint32) { tags++; inRange(t, l < 1<<20) })
	if tagged := v.Link&(packet.LinkHasVLAN|packet.LinkHasMPLS) != 0; tagged != (tags > 0) || tags > 64 {
		t.Fatalf("%d tags, link bits %b", tags, v.Link)
	}
}

func inRange(t *testing.T, ok bool) {
	if !ok {
		t.Fatal("tag out of range")
	}
}

// checkSurroundings checks that nothing but the frame decides.
func checkSurroundings(t *testing.T, frame []byte, wire uint32, link packet.LinkType, v packet.View, out packet.Outcome) {
	var w packet.Walker
	block := append(append([]byte{}, frame...), bytes.Repeat([]byte{0x45}, 64)...)
	again := packet.View{Time: 5, Clock: 6, Ordinal: 7, Offset: 3}
	if o := w.Walk(block[:len(frame)], wire, link, &again); o != out || out == packet.InFlow && again != v {
		t.Fatalf("%v %+v, followed by other bytes %v %+v", out, v, o, again)
	}
	if !bytes.Equal(block[:len(frame)], frame) {
		t.Fatal("Walk changed the frame")
	}
}

// checkUnchecked checks that leaving checksums out changes their marks only.
func checkUnchecked(t *testing.T, frame []byte, wire uint32, link packet.LinkType, v packet.View) {
	again := packet.View{Time: 5, Clock: 6, Ordinal: 7, Offset: 3}
	w := packet.Walker{SkipChecksums: true}
	out := w.Walk(frame, wire, link, &again)
	if again.Quality&(packet.BadIPChecksum|packet.BadL4Checksum) != 0 {
		t.Fatalf("marks %b without verification", again.Quality)
	}
	const marks = packet.BadIPChecksum | packet.BadL4Checksum | packet.UncheckedL4
	again.Quality = again.Quality&^marks | v.Quality&marks
	if out != packet.InFlow || again != v {
		t.Fatalf("with checksums %+v, without %v %+v", v, out, again)
	}
}

// gopacketSeeds are Ethernet frames of each kind that leads to IP.
func gopacketSeeds() [][]byte {
	frames := seedFrames()
	for n, l := range linkFrames() {
		if l.link == packet.LinkEthernet {
			frames = append(frames, l.frame(inner(n, 4)), l.frame(inner(n, 6)))
		}
	}
	return frames
}

// FuzzWalkAgainstGopacket compares the walk with gopacket on any frame that
// gopacket decodes cleanly.
func FuzzWalkAgainstGopacket(f *testing.F) {
	for _, frame := range gopacketSeeds() {
		f.Add(frame, uint32(len(frame)))
	}
	f.Fuzz(func(t *testing.T, frame []byte, wire uint32) {
		if len(frame) > 4096 {
			return
		}
		frame = frame[:len(frame):len(frame)]
		if d := compareFrame(frame, wire, packet.LinkEthernet); d != nil && d.explain() == "" {
			t.Error(d)
		}
	})
}
