//go:build !nounsafe

package live_test

import (
	"bytes"
	"encoding/binary"
	"net"
	"strings"
	"testing"

	"pcapmill/ingest/filter"
	"pcapmill/ingest/live"
	"pcapmill/ingest/packet"
)

// zoo are frames of many kinds, each followed by the same with one and two VLAN tags.
func zoo() (all [][]byte) {
	tcp := udpFrame(1, 400, 1234)
	tcp[23], tcp[46] = 6, 0x50
	options := udpFrame(2, 120, 53) // an IPv4 header with options
	options[14] = 0x46
	fragment := udpFrame(3, 200, 53)
	binary.BigEndian.PutUint16(fragment[20:], 0x2003)
	six := udpFrame(4, 300, 1)
	binary.BigEndian.PutUint16(six[12:], 0x86dd)
	copy(six[14:], []byte{0x60, 0, 0, 0, 0, 246, 17, 64})
	arp := udpFrame(5, 60, 1)
	binary.BigEndian.PutUint16(arp[12:], 0x0806)
	llc := udpFrame(6, 60, 1)
	copy(llc[12:], []byte{0, 40, 0x42, 0x42, 3})
	broadcast := udpFrame(7, 90, 68)
	copy(broadcast, bytes.Repeat([]byte{0xff}, 6))
	large := udpFrame(8, 1400, 443)
	for _, f := range [][]byte{udpFrame(0, 100, 53), tcp, options, fragment, six, arp, llc, broadcast, large} {
		all = append(all, f, withTags(f, 0x8100_0005), withTags(f, 0x8100_e064), withTags(f, 0x88a8_0064, 0x8100_0005), withTags(f, 0x8100_0064, 0x8100_0007))
	}
	return all
}

// expressions are filters of all kinds: their kernel form must agree with what they say of
// the frame as captured.
var expressions = []string{
	"ip", "ip6", "arp", "udp", "tcp", "udp port 53", "tcp or udp port 53", "not udp",
	"vlan", "vlan 5", "vlan 100", "vlan and udp", "vlan 100 and vlan 5", "vlan and vlan and udp port 53", "not vlan",
	"udp or vlan 5", "ether host 02:00:00:00:00:01", "ether broadcast", "ether multicast", "host 10.0.0.2", "src net 10.0.0.0/8",
	"len > 1000", "greater 300 and udp", "vlan and len <= 104", "ether[0] & 1 = 1", "ether[12:2] = 0x8100", "ether[14:2] & 0xfff = 5",
	"ether[12] = 0x81", "ether[15] = 5", "ether[13] = 0xa8", "ether[10:4] = 0x00018100", "ip[8] = 64", "udp[4:2] > 100", "tcp[13] = 0", "tcp[(tcp[12] & 0xf0) >> 2] = 0",
	"ip[2:2] - 20 > 200", "ip[6:2] & 0x1fff != 0", "portrange 1000-2000", "udp[(ip[2:2] * 65537):1] = 0",
}

// TestFiltersAgree attaches filters and compares what comes with what the same filter says of
// the same frames in user space, on one interface and on all.
func TestFiltersAgree(t *testing.T) {
	world(t)
	send := sendOn(t, "va").seen()
	frames := zoo()
	kernel, tested := 0, 0
	for _, name := range []string{"vb", live.Any} {
		everything := open(t, config(name))
		for _, f := range frames {
			send.send(f)
		}
		all := readAll(t, everything, -1)
		_ = everything.Close()
		if len(all) < len(frames) {
			t.Fatalf("%d of %d frames", len(all), len(frames))
		}
		for _, text := range expressions {
			inside := agrees(t, name, text, send, frames, all)
			if tested++; inside {
				kernel++
			}
		}
	}
	if kernel < tested/2 {
		t.Errorf("%d of %d filters ran in the kernel", kernel, tested)
	}
	t.Logf("%d of %d filters in the kernel", kernel, tested)
}

func agrees(t *testing.T, name, text string, send *sender, frames [][]byte, all []captured) (inside bool) {
	t.Helper()
	expr, err := filter.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	link, err := live.LinkOf(name)
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := expr.Compile(link)
	if err != nil {
		if link == packet.LinkSLL2 {
			return false // of the link layer's addresses and tags cooked headers have no answer
		}
		t.Fatal(err)
	}
	cfg := config(name)
	cfg.Filter, cfg.Retire = expr, cfg.Retire/5
	c := open(t, cfg)
	for _, f := range frames {
		send.send(f)
	}
	var want []captured
	for _, f := range all {
		if compiled.Program().Match(f.bytes, uint32(f.WireLen)) {
			want = append(want, f)
		}
	}
	got := readSettled(t, c, len(frames))
	if len(got) != len(want) {
		t.Errorf("%s: %s: %d frames, want %d (%s)", name, text, len(got), len(want), c.Info().FilterIn)
		return false
	}
	for i := range got {
		if !bytes.Equal(got[i].bytes, want[i].bytes) {
			t.Errorf("%s: %s: frame %d is\n%x, want\n%x", name, text, i, got[i].bytes, want[i].bytes)
		}
	}
	info := c.Info()
	s, err := c.Stats()
	inside = info.FilterIn == "kernel"
	switch {
	case err != nil || s.Read != int64(len(want)) || s.Drops != 0:
		t.Errorf("%s: %s: %+v, %v", name, text, s, err)
	case inside && (s.Filtered != 0 || s.Packets != s.Read):
		t.Errorf("%s: %s: in the kernel, but %+v", name, text, s)
	case !inside && (!strings.HasPrefix(info.FilterIn, "user space: ") || s.Filtered+s.Read != s.Packets):
		t.Errorf("%s: %s: %q, %+v", name, text, info.FilterIn, s)
	case info.Filter != text || len(info.FilterSHA256) != 64:
		t.Errorf("%s: %s: info %+v", name, text, info)
	}
	_ = c.Close()
	return inside
}

// TestFilterReachesFragments asks for bytes that the kernel has not in a packet's own buffer but in
// pages beside it, as it has what programs send by TCP.
func TestFilterReachesFragments(t *testing.T) {
	world(t)
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // of the test
	conn, err := net.Dial("tcp4", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // of the test
	for _, name := range []string{live.Any, "lo"} {
		cfg := config(name)
		if cfg.Filter, err = filter.Parse("tcp[1000:4] = 0x5a5a5a5a"); err != nil {
			t.Fatal(err)
		}
		c := open(t, cfg)
		for _, b := range []string{"Y", "Z", "Y", "Z"} {
			if _, err := conn.Write([]byte(strings.Repeat(b, 5000))); err != nil {
				t.Fatal(err)
			}
		}
		got := readSettled(t, c, 4)
		for _, f := range got {
			if f.bytes[len(f.bytes)-1] != 'Z' {
				t.Errorf("%s: a packet of %c", name, f.bytes[len(f.bytes)-1])
			}
		}
		if len(got) == 0 {
			t.Errorf("%s: nothing (filter in %s)", name, c.Info().FilterIn)
		}
		t.Logf("%s: %d packets, filter in %s", name, len(got), c.Info().FilterIn)
	}
}

// TestNothingOfBefore floods while captures with filters open: not one frame that the filter
// rejects is read, nor one twice where rings share.
func TestNothingOfBefore(t *testing.T) {
	world(t)
	send := sendOn(t, "va")
	expr, err := filter.Parse("udp port 9")
	if err != nil {
		t.Fatal(err)
	}
	stop, stopped := make(chan bool), make(chan bool)
	go func() {
		defer close(stopped)
		for i := uint64(0); ; i++ {
			select {
			case <-stop:
				return
			default:
				send.send(udpFrame(i, 90, uint16(i)))
			}
		}
	}()
	for round := range rounds(20, 200) {
		cfg := config("vb")
		cfg.Filter, cfg.Rings = expr, 1+round%3
		c := open(t, cfg)
		got := map[uint64]bool{}
		for _, f := range readSome(t, c, 5) {
			seq := binary.BigEndian.Uint64(f.bytes[seqAt:])
			if port := binary.BigEndian.Uint16(f.bytes[34:]); port != 9 && binary.BigEndian.Uint16(f.bytes[36:]) != 9 {
				t.Fatalf("round %d: a frame of port %d", round, port)
			}
			if got[seq] {
				t.Fatalf("round %d: frame %d twice", round, seq)
			}
			got[seq] = true
		}
		_ = c.Close()
	}
	close(stop)
	<-stopped
}
