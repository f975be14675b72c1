package source_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"net/netip"
	"path/filepath"
	"testing"

	"pcapmill/bench/sharedtest"
	"pcapmill/bench/traffic"
	"pcapmill/datasets/label"
	"pcapmill/datasets/label/source"
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
)

// commented is a packet with comments.
type commented struct {
	frame    []byte
	comments []string
}

// enhanced is the body of an enhanced packet block of interface 0, whose clock counts seconds.
func enhanced(seconds uint64, c commented) []byte {
	put := func(b []byte, v uint32) []byte { return binary.LittleEndian.AppendUint32(b, v) }
	pad := func(b []byte) []byte {
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
		return b
	}
	body := put(put(put(put(put(nil, 0), uint32(seconds>>32)), uint32(seconds)), uint32(len(c.frame))), uint32(len(c.frame)))
	body = pad(append(body, c.frame...))
	for _, s := range c.comments {
		body = binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(body, 1), uint16(len(s)))
		body = pad(append(body, s...))
	}
	return append(body, 0, 0, 0, 0)
}

// pcapng writes packets a second apart, from second 1 on.
func pcapng(t testing.TB, packets ...commented) string {
	t.Helper()
	var out bytes.Buffer
	w, err := capfile.NewPcapngWriter(&out, capfile.PcapngConfig{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.AddInterface(capfile.InterfaceConfig{Link: packet.LinkEthernet})
	for i, p := range packets {
		err = errors.Join(err, w.WriteBlock(6, enhanced(uint64(i+1), p)))
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestPcapML(t *testing.T) {
	a, b := netip.MustParseAddrPort("10.0.0.1:1025"), netip.MustParseAddrPort("10.0.0.2:80")
	tcp := traffic.TCP(a, b, packet.SYN, 1, 0, 1024, nil)
	tunnel := traffic.UDP(netip.MustParseAddrPort("192.0.2.1:50000"), netip.MustParseAddrPort("192.0.2.2:4789"), append([]byte{8, 0, 0, 0, 0, 0, 7, 0}, tcp...))
	ping := traffic.ICMP(a.Addr(), b.Addr(), 8, 0, 1, []byte("ping"))
	content := pcapng(t,
		commented{tcp, []string{"looks odd", "s=17,proc=own tool,dir=out,category=web,mitre=T1046", "s=18,proc=late"}},
		commented{tunnel, []string{"18205618432581910911,windows-10,kind=x"}},
		commented{ping, []string{"s=17,label=other"}},
		commented{tcp, nil},
		commented{tcp, []string{"s=17"}},
		commented{traffic.Ethernet(0x88b5, []byte("no IP at all")), []string{"s=17,proc=x"}},
	)
	set, err := read(t, "labelled.pcapng", content, source.Options{Captures: []string{"in/labelled.pcapng"}})
	if err != nil {
		t.Fatal(err)
	}
	if s := set.Sources[0]; s.Kind != label.PcapML || s.Events != 4 || s.Skipped != 3 || s.Refused != 0 || len(s.Notes) != 1 {
		t.Fatalf("%+v", s)
	}
	first := label.Event{
		Meaning: label.Meaning{ID: "own tool", Label: "own tool", Category: "web", MITRE: "T1046", Campaign: "17", Line: 1},
		Time:    1e9, Last: 1e9, Src: a.Addr(), Dst: b.Addr(), SrcPort: 1025, DstPort: 80, Protocol: 6, Packet: 1, Capture: "in/labelled.pcapng",
	}
	if set.Events[0] != first {
		t.Errorf("got  %+v\nwant %+v", set.Events[0], first)
	}
	outer, inner, echo := set.Events[1], set.Events[2], set.Events[3]
	if outer.Label != "windows-10" || outer.Campaign != "18205618432581910911" || outer.Protocol != 17 || outer.Depth != 0 || outer.Packet != 2 || outer.Time != 2e9 {
		t.Errorf("outer %+v", outer)
	}
	if inner.Protocol != 6 || inner.Depth != 1 || inner.SrcPort != 1025 || inner.Packet != 2 {
		t.Errorf("inner %+v", inner)
	}
	if echo.Label != "other" || echo.SrcPort != 8 || echo.DstPort != 0 || echo.Protocol != 1 {
		t.Errorf("ping %+v", echo)
	}
}

func TestPcapMLOnFragmentsHasTheFlowOfTheFirst(t *testing.T) {
	a, b := netip.MustParseAddrPort("10.0.0.1:1025"), netip.MustParseAddrPort("10.0.0.2:53")
	var packets []commented
	for _, frame := range traffic.Fragments(traffic.NewUDP(a, b, make([]byte, 3000)), 1500, 7) {
		packets = append(packets, commented{frame, []string{"s=1,proc=x"}})
	}
	set, err := read(t, "x", pcapng(t, packets...), source.Options{})
	if err != nil || len(packets) != 3 || len(set.Events) != 1 || set.Sources[0].Skipped != 2 || set.Events[0].DstPort != 53 {
		t.Errorf("%d fragments, %v, %+v", len(packets), err, set)
	}
}

func TestPcapMLWithoutCommentsIsAMistake(t *testing.T) {
	tcp := traffic.TCP(netip.MustParseAddrPort("10.0.0.1:1025"), netip.MustParseAddrPort("10.0.0.2:80"), packet.SYN, 1, 0, 1024, nil)
	content := pcapng(t, commented{tcp, nil})
	if _, err := read(t, "x", content, source.Options{}); !errors.Is(err, source.ErrContent) {
		t.Error(err)
	}
	labelled := pcapng(t, commented{tcp, []string{"s=1,proc=x"}}, commented{tcp, []string{"s=1,proc=x"}})
	set, err := read(t, "x", labelled[:len(labelled)-9], source.Options{})
	if err != nil || len(set.Events) != 1 || set.Sources[0].Refused != 1 || set.Sources[0].Refusals[0].Offset < 0 {
		t.Errorf("cut: %v %+v", err, set)
	}
}

// TestSharedPcapML has what the reader of pcapML itself says of its example, in its tests.
func TestSharedPcapML(t *testing.T) {
	path := filepath.Join(sharedtest.Dir(t), "captures", "labels", "pcapml__python__tests__data__keyed", "capture.pcapng")
	set, err := source.Read(context.Background(), []string{path}, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s := set.Sources[0]; s.Events != 9 || s.Skipped+s.Refused != 0 || s.SHA256 != "db03aa6e200541aa13eda1463693e3f72630f31376fac2daa4e88b6b74bed4aa" {
		t.Errorf("%+v", s)
	}
	for i, e := range set.Events {
		if e.Label != "curl" || e.Campaign != "0" || e.Protocol != 6 || e.Packet != int64(i+1) || !e.Src.Is4() {
			t.Errorf("%+v", e)
		}
	}
}

// TestSharedTunnelDepth compares the depth that alerts of Suricata have with that of our layers: the
// tuple of an alert on a packet is found at its depth in that packet.
func TestSharedTunnelDepth(t *testing.T) {
	dir := sharedtest.Dir(t)
	logs, err := filepath.Glob(filepath.Join(dir, "captures", "labels", "*", "eve.json"))
	if err != nil {
		t.Fatal(err)
	}
	found, elsewhere, inTunnels := 0, 0, 0
	for _, path := range logs {
		captures, err := filepath.Glob(filepath.Join(filepath.Dir(path), "capture.*"))
		if err != nil || len(captures) != 1 {
			t.Fatalf("%v of %s, %v", captures, path, err)
		}
		set, err := source.Read(context.Background(), []string{path}, source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		layers := layersByPacket(t, captures[0])
		for i := range set.Events {
			e := &set.Events[i]
			if e.Packet == 0 {
				continue
			}
			if len(layers[e.Packet]) > 0 && !anyHas(layers[e.Packet], e) {
				t.Errorf("%s: packet %d has no such tuple: %+v", path, e.Packet, e)
			}
			for _, l := range layers[e.Packet] {
				if l.has(e) && int32(l.depth) != e.Depth {
					elsewhere++
					t.Errorf("%s: packet %d, depth %d: %+v", path, e.Packet, l.depth, e)
				} else if l.has(e) {
					found++
					inTunnels += min(int(e.Depth), 1)
				}
			}
		}
	}
	t.Logf("%d alerts at their depth, %d of them in tunnels, %d at another", found, inTunnels, elsewhere)
	if found < 900 || inTunnels < 300 {
		t.Error("too few to say")
	}
}
