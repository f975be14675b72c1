package packet_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pcapmill/bench/sharedtest"
	"pcapmill/ingest/packet"
)

// TestCraftedLinkTypes compares one set of packets behind 22 link types: from the
// IP header on they must come out equal.
func TestCraftedLinkTypes(t *testing.T) {
	dir := filepath.Join(sharedtest.Dir(t), "captures", "formats", "crafted_linktypes")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Skip(err)
	}
	want := innerPackets(t, filepath.Join(dir, "en10mb.pcap"))
	if len(want) != 27 {
		t.Fatalf("%d packets", len(want))
	}
	for _, e := range entries {
		wanted := want
		switch e.Name() { // these hold one version
		case "ipv4_228.pcap":
			wanted = slices.DeleteFunc(slices.Clone(want), func(p string) bool { return p[0] != '4' })
		case "ipv6_229.pcap":
			wanted = slices.DeleteFunc(slices.Clone(want), func(p string) bool { return p[0] != '6' })
		}
		if got := innerPackets(t, filepath.Join(dir, e.Name())); !slices.Equal(got, wanted) {
			t.Errorf("%s:\n got %q\nwant %q", e.Name(), got, wanted)
		}
	}
	if len(entries) != 22 {
		t.Errorf("%d captures", len(entries))
	}
}

// innerPackets writes down what the walk says of each packet from its IP header
// on, but sequence numbers, which were drawn anew for some of the captures.
func innerPackets(t *testing.T, path string) (out []string) {
	eachPacket(t, path, func(n int, frame []byte, wire uint32, link packet.LinkType) {
		b, v, got := walkInBlock(frame, link)
		if got != packet.InFlow {
			t.Errorf("%s packet %d: %v", filepath.Base(path), n, got)
			return
		}
		src, dst := plainAddr(&v, v.Src), plainAddr(&v, v.Dst)
		out = append(out, fmt.Sprintf("%d %v:%d %v:%d %d %x %d %d %d %x", v.Version, src, v.SrcPort, dst, v.DstPort, v.Protocol, v.TCPFlags, v.IPLen, v.PayloadLen, v.Quality, v.Payload(b)))
	})
	return out
}
