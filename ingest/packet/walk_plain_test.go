package packet_test

import (
	"bytes"
	"slices"
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// checkShortCut checks that Walk and its steps without the short cut agree, with
// and without other bytes behind the frame.
func checkShortCut(t *testing.T, frame []byte, wire uint32, link packet.LinkType) {
	t.Helper()
	tight, roomy := slices.Clip(bytes.Clone(frame)), append(slices.Clone(frame), bytes.Repeat([]byte{0xa5}, 80)...)[:len(frame)]
	for _, skip := range []bool{false, true} {
		w := packet.Walker{SkipChecksums: skip}
		dirty := packet.View{Time: 1, Clock: 2, Ordinal: 3, Offset: 4, Hash: 5, Seq: 6, Window: 7, TCPFlags: 8, ICMPType: 9, TagType: 10, Quality: 0xffff}
		dirty.Src[3], dirty.Dst[7] = 11, 12
		want := dirty
		out := w.WalkByStep(tight, wire, link, &want)
		for _, f := range [][]byte{tight, roomy} {
			got := dirty
			if o := w.Walk(f, wire, link, &got); o != out || out == packet.InFlow && got != want {
				t.Fatalf("% x, %d on the wire:\n%v %+v, by step\n%v %+v", frame, wire, o, got, out, want)
			}
		}
	}
}

// plainFrames are frames that take the short cut.
func plainFrames() map[string][]byte {
	frames := steadyFrames()
	delete(frames, "frag6_udp6_100B")
	frames["ack"] = traffic.TCP(clientV4, serverV4, packet.ACK, 1, 1, 500, nil, traffic.Padded(60))
	frames["all_flags"] = traffic.TCP(clientV6, serverV6, 0x1ff, 1, 1, 500, body(3), traffic.Class(0xb9), traffic.Hops(1))
	frames["empty_udp"] = traffic.UDP(clientV4, serverV4, nil)
	frames["mpls_udp6"] = traffic.UDP(clientV6, serverV6, body(7), traffic.Labelled(16))
	return frames
}

// TestPlainFramesTakeTheShortCut and the others do not.
func TestPlainFramesTakeTheShortCut(t *testing.T) {
	var w packet.Walker
	for name, frame := range plainFrames() {
		if !w.Plain(frame, packet.LinkEthernet) {
			t.Errorf("%s is not plain", name)
		}
	}
	for name, frame := range map[string][]byte{
		"options":    traffic.UDP(clientV4, serverV4, body(9), traffic.IPOpts([]byte{0x94, 4, 0, 0})),
		"fragment":   traffic.UDP(clientV4, serverV4, body(24), traffic.Fragmented(traffic.Fragment{More: true})),
		"later":      traffic.UDP(clientV4, serverV4, body(24), traffic.Fragmented(traffic.Fragment{Offset: 8})),
		"extensions": traffic.UDP(clientV6, serverV6, body(9), traffic.Extended(traffic.Extension{Type: 60, Data: make([]byte, 6)})),
		"cut":        traffic.UDP(clientV4, serverV4, body(9))[:50],
		"sctp":       traffic.SCTP(clientV4, serverV4, 7, body(16)),
	} {
		if w.Plain(frame, packet.LinkEthernet) {
			t.Errorf("%s is plain", name)
		}
	}
}

// TestShortCutAgrees changes plain frames byte by byte, and cuts them.
func TestShortCutAgrees(t *testing.T) {
	for _, frame := range plainFrames() {
		wire := uint32(len(frame))
		for n := range min(len(frame), 90) {
			checkShortCut(t, frame[:n], wire, packet.LinkEthernet)
			for _, flip := range []byte{1, 2, 4, 8, 16, 32, 64, 128, 0xff, frame[n]} {
				changed := bytes.Clone(frame)
				changed[n] ^= flip
				checkShortCut(t, changed, wire, packet.LinkEthernet)
			}
		}
		for _, claim := range []uint32{0, 13, 40, wire - 1, wire + 1, 1 << 20} {
			checkShortCut(t, frame, claim, packet.LinkEthernet)
		}
	}
}

// FuzzShortCut does so for any frame.
func FuzzShortCut(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, frame []byte, wire uint32, n byte) {
		if len(frame) <= 1<<18 {
			checkShortCut(t, frame, wire, fuzzLink(n))
		}
	})
}
