//go:build !nounsafe

package live_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"pcapmill/ingest/live"
	"pcapmill/ingest/packet"
)

// TestTagsArePutBack sends frames with one and two VLAN tags: they are captured as they were
// sent, though the kernel takes the outer tag out.
func TestTagsArePutBack(t *testing.T) {
	world(t)
	plain := udpFrame(7, 100, 1)
	sent := [][]byte{
		plain,
		withTags(plain, 0x8100_0005),
		withTags(plain, 0x8100_0000), // priority 0 of VLAN 0: a tag all the same
		withTags(plain, 0x88a8_e064, 0x8100_6005),
		withTags(plain, 0x8100_0064, 0x8100_0005),
		plain[:60],
	}
	c := open(t, config("vb"))
	send := sendOn(t, "va")
	for _, f := range sent {
		send.send(f)
	}
	got := readAll(t, c, len(sent))
	if len(got) != len(sent) {
		t.Fatalf("%d of %d frames:\n%s", len(got), len(sent), describe(got))
	}
	for i, f := range got {
		if !bytes.Equal(f.bytes, sent[i]) || f.WireLen != len(sent[i]) || f.Len() != len(f.bytes) {
			t.Errorf("frame %d: %d bytes on the wire\n%x, want %d\n%x", i, f.WireLen, f.bytes, len(sent[i]), sent[i])
		}
		if f.PrefixLen == 0 && i != 0 && i != 5 {
			t.Errorf("frame %d: the kernel left the tag in, so this shows nothing", i)
		}
	}
	cfg := config("vb")
	cfg.SnapLen = 64
	short := open(t, cfg)
	for _, f := range sent {
		send.send(f)
	}
	for i, f := range readAll(t, short, len(sent)) {
		if want := sent[i][:min(64, len(sent[i]))]; !bytes.Equal(f.bytes, want) || f.WireLen != len(sent[i]) {
			t.Errorf("frame %d cut: %d bytes on the wire\n%x, want\n%x", i, f.WireLen, f.bytes, want)
		}
	}
}

// TestAny captures from all interfaces at once: frames have cooked headers that say which, and
// those of the loopback come once.
func TestAny(t *testing.T) {
	world(t)
	plain := udpFrame(7, 100, 1)
	c := open(t, config(live.Any))
	info := c.Info()
	if info.Link != packet.LinkSLL2 || info.Promiscuous || len(info.Notes) != 1 {
		t.Errorf("info %+v", info)
	}
	send := sendOn(t, "va").seen()
	send.send(plain)
	send.send(withTags(plain, 0x8100_0005))
	send.send(withTags(plain, 0x88a8_0064, 0x8100_0005))
	lo := sendOn(t, "lo").seen()
	lo.send(plain)
	var in, out []captured
	for _, f := range readAll(t, c, 7) {
		switch f.bytes[10] {
		case unix.PACKET_OUTGOING:
			out = append(out, f)
		default:
			in = append(in, f)
		}
	}
	if len(in) != 4 || len(out) != 3 {
		t.Fatalf("%d in, %d out, want 4 and 3\n%s%s", len(in), len(out), describe(in), describe(out))
	}
	tci := []byte{0, 5, 8, 0}
	double := []byte{0, 0x64, 0x81, 0, 0, 5, 8, 0}
	for i, want := range [][]byte{plain[14:], append(tci, plain[14:]...), append(double, plain[14:]...), plain[14:]} {
		f := in[i]
		proto := []uint16{0x0800, 0x8100, 0x88a8, 0x0800}[i]
		if !bytes.Equal(f.bytes[20:], want) || binary.BigEndian.Uint16(f.bytes) != proto || f.WireLen != 20+len(want) {
			t.Errorf("frame %d: protocol %x\n%x, want %x\n%x", i, f.bytes[:2], f.bytes[20:], proto, want)
		}
		if index := int(binary.BigEndian.Uint32(f.bytes[4:])); index != f.Interface || index == 0 {
			t.Errorf("frame %d: index %d, in the header %d", i, f.Interface, index)
		}
	}
	for i, f := range out {
		if !bytes.Equal(f.bytes[20:], in[i].bytes[20:]) || !bytes.Equal(f.bytes[:2], in[i].bytes[:2]) {
			t.Errorf("frame %d sent:\n%x, received\n%x", i, f.bytes, in[i].bytes)
		}
	}
}

// TestLoopback captures each frame once, though the interface sends and receives it.
func TestLoopback(t *testing.T) {
	world(t)
	for _, rings := range []int{1, 2} {
		cfg := config("lo")
		cfg.Rings = rings
		c := open(t, cfg)
		if c.Info().Link != packet.LinkEthernet {
			t.Errorf("link type %v", c.Info().Link)
		}
		send := sendOn(t, "lo").seen()
		for i := range 100 {
			send.send(udpFrame(uint64(i), 90, uint16(i)))
		}
		got := readAll(t, c, -1)
		s, err := c.Stats()
		if err != nil || len(got) != 100 || s.Packets != 100 || s.Drops != 0 {
			t.Errorf("%d rings: %d frames, %+v, %v", rings, len(got), s, err)
		}
	}
}

// TestTunnel captures IP without a link header.
func TestTunnel(t *testing.T) {
	world(t)
	fd, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("needs /dev/net/tun: %v", err)
	}
	defer fd.Close() //nolint:errcheck // a device
	request, err := unix.NewIfreq("tun7")
	if err != nil {
		t.Fatal(err)
	}
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(int(fd.Fd()), unix.TUNSETIFF, request); err != nil {
		t.Skipf("needs a tunnel: %v", err)
	}
	ip(t, "link set tun7 addrgenmode none")
	ip(t, "link set tun7 up")
	c := open(t, config("tun7"))
	if c.Info().Link != packet.LinkRaw || c.Info().Driver != "tun" {
		t.Errorf("info %+v", c.Info())
	}
	six := append([]byte{0x60, 0, 0, 0, 0, 4, 59, 64}, make([]byte, 36)...)
	for _, p := range [][]byte{udpFrame(3, 100, 1)[14:], six} {
		if _, err := fd.Write(p); err != nil {
			t.Fatal(err)
		}
		got := readAll(t, c, 1)
		if len(got) != 1 || !bytes.Equal(got[0].bytes, p) {
			t.Errorf("%s, want\n%x", describe(got), p)
		}
	}
}

// TestJumboAndIPv6 captures frames above the usual size, whole.
func TestJumboAndIPv6(t *testing.T) {
	world(t)
	for _, name := range []string{"va", "vb"} {
		ip(t, "link set "+name+" mtu 9000")
	}
	c := open(t, config("vb"))
	jumbo := udpFrame(1, 9014, 1)
	six := udpFrame(1, 300, 1)
	binary.BigEndian.PutUint16(six[12:], 0x86dd)
	copy(six[14:], []byte{0x60, 0, 0, 0, 0, 246, 17, 64})
	send := sendOn(t, "va")
	for _, f := range [][]byte{jumbo, six} {
		send.send(f)
		got := readAll(t, c, 1)
		if len(got) != 1 || !bytes.Equal(got[0].bytes, f) || got[0].WireLen != len(f) {
			t.Errorf("got %d frames, want one of %d bytes", len(got), len(f))
		}
	}
	if c.Info().MTU != 9000 {
		t.Errorf("MTU %d", c.Info().MTU)
	}
}

// TestFlowsKeepTheirRing sends both directions of many flows: those of one flow come to one
// ring, in order, and all rings have some.
func TestFlowsKeepTheirRing(t *testing.T) {
	world(t)
	cfg := config("vb")
	cfg.Rings, cfg.Blocks = 4, 4
	c := open(t, cfg)
	send := sendOn(t, "va")
	const flows, each = 200, 4
	for seq := range each {
		for flow := range flows {
			f := udpFrame(uint64(seq), 80, uint16(1000+flow))
			if seq%2 == 1 { // the other way
				copy(f[26:], []byte{10, 0, 0, 2, 10, 0, 0, 1})
				binary.BigEndian.PutUint16(f[34:], udpPort)
				binary.BigEndian.PutUint16(f[36:], uint16(1000+flow))
			}
			send.send(f)
		}
	}
	got := readAll(t, c, -1)
	if s, err := c.Stats(); err != nil || len(got) != flows*each || s.Packets != flows*each {
		t.Fatalf("%d of %d frames, %+v, %v", len(got), flows*each, s, err)
	}
	rings, next, used := map[uint16]int{}, map[uint16]uint64{}, map[int]bool{}
	for _, f := range got {
		flow := min(binary.BigEndian.Uint16(f.bytes[34:]), binary.BigEndian.Uint16(f.bytes[36:]))
		if ring, ok := rings[flow]; ok && ring != f.ring {
			t.Errorf("flow %d in rings %d and %d", flow, ring, f.ring)
		}
		if seq := binary.BigEndian.Uint64(f.bytes[seqAt:]); seq != next[flow] {
			t.Errorf("flow %d: frame %d, want %d", flow, seq, next[flow])
		}
		rings[flow], used[f.ring] = f.ring, true
		next[flow]++
	}
	if len(used) != cfg.Rings {
		t.Errorf("%d of %d rings used", len(used), cfg.Rings)
	}
}

// TestCaught checks the promise over bursts and silence: no frame is earlier than what was
// promised before it came, and on a silent link time goes on.
func TestCaught(t *testing.T) {
	world(t)
	cfg := config("vb")
	cfg.Retire = 50 * time.Millisecond
	c := open(t, cfg)
	send := sendOn(t, "va")
	start := time.Now().UnixNano()
	promised := c.Caught()
	for burst := range 40 {
		for i := range burst % 7 * 50 {
			send.send(udpFrame(uint64(i), 400, 1))
		}
		b, err := c.Next(context.Background(), 40*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		if b != nil {
			for _, f := range b.Frames {
				if f.Time < promised {
					t.Fatalf("frame of %d after %d was promised", f.Time, promised)
				}
			}
			b.Release()
		}
		now := c.Caught()
		if now < promised || now > time.Now().UnixNano() {
			t.Fatalf("promised %d, then %d", promised, now)
		}
		promised = now
	}
	readAll(t, c, -1) // to silence
	if late := time.Now().UnixNano() - c.Caught(); c.Caught() < start-int64(2*time.Second) || late > int64(30*time.Second) {
		t.Errorf("on a silent link the promise is %v behind", time.Duration(late))
	}
	before := c.Caught()
	if b, err := c.Next(context.Background(), 30*time.Millisecond); b != nil || err != nil {
		t.Fatalf("%v, %v on a silent link", b, err)
	}
	if after := c.Caught(); after < before+int64(20*time.Millisecond) {
		t.Errorf("the promise went from %d to %d in 30 ms of silence", before, after)
	}
	send.send(udpFrame(1, 100, 1)) // lies in a block that is open: no promise behind its time
	held := c.Caught()
	got := readAll(t, c, 1)
	if len(got) != 1 || got[0].Time < held {
		t.Errorf("a frame of %v after %d was promised", got, held)
	}
}

// TestCaughtSeesOpenBlocks has a frame lie in a block that is not handed over for a minute: time
// does not go on while it does, as its own may be promised away.
func TestCaughtSeesOpenBlocks(t *testing.T) {
	world(t)
	cfg := config("vb")
	cfg.Retire = time.Minute
	c := open(t, cfg)
	before := c.Caught()
	time.Sleep(time.Millisecond)
	if after := c.Caught(); after <= before {
		t.Errorf("time stands still on a silent link: %d, %d", before, after)
	}
	sendOn(t, "va").send(udpFrame(1, 100, 1))
	for range 1000 { // the frame may be on its way
		if s, err := c.Stats(); err != nil || s.Packets == 1 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	at := c.Caught()
	if b, err := c.Next(context.Background(), 50*time.Millisecond); b != nil || err != nil {
		t.Fatalf("%v, %v: the block was handed over", b, err)
	}
	if after := c.Caught(); after != at {
		t.Errorf("promised %d, then %d, with a frame not read", at, after)
	}
	if s, err := c.Stats(); err != nil || s.Packets != 1 || s.Read != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestPromiscuousIsUndone counts what the interface was asked for.
func TestPromiscuousIsUndone(t *testing.T) {
	world(t)
	for _, want := range []bool{true, false} {
		cfg := config("vb")
		cfg.Promiscuous = want
		c := open(t, cfg)
		if got := promiscuous(t, "vb"); got != want || c.Info().Promiscuous != want {
			t.Errorf("asked for %v, is %v", want, got)
		}
		sendOn(t, "va").send(udpFrame(1, 100, 1))
		b, err := c.Next(context.Background(), time.Second)
		if err != nil || b == nil {
			t.Fatal(b, err)
		}
		if err := c.Close(); err == nil {
			t.Error("closed with a batch that was not released, and no error")
		}
		if promiscuous(t, "vb") {
			t.Error("still promiscuous after Close")
		}
		if binary.BigEndian.Uint64(b.Frames[0].Data[seqAt:]) != 1 {
			t.Error("the batch changed by Close")
		}
		b.Release()
		b.Release()
		if _, err := c.Next(context.Background(), 0); !errors.Is(err, live.ErrClosed) {
			t.Errorf("Next after Close: %v", err)
		}
		if err := c.Close(); err != nil {
			t.Errorf("the second Close: %v", err)
		}
	}
}

func promiscuous(t *testing.T, name string) bool {
	t.Helper()
	return linkDetail(t, name, "promiscuity 1")
}

// TestCloseWakesNext closes while Next waits, and cancels.
func TestCloseWakesNext(t *testing.T) {
	world(t)
	c := open(t, config("vb"))
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := c.Next(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	time.AfterFunc(20*time.Millisecond, func() { _ = c.Close() })
	if _, err := c.Next(context.Background(), time.Hour); !errors.Is(err, live.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

// TestStopLeavesNothing stops under full load and reads to the end: every packet that the kernel
// counted was read or dropped.
func TestStopLeavesNothing(t *testing.T) {
	world(t)
	send := sendOn(t, "va")
	stop, stopped := make(chan bool), make(chan bool)
	go func() {
		defer close(stopped)
		for i := uint64(0); ; i++ {
			select {
			case <-stop:
				return
			default:
				send.send(udpFrame(i, 200, uint16(i)))
			}
		}
	}()
	for rings := 1; rings <= 3; rings++ {
		cfg := config("vb")
		cfg.Rings = rings
		c := open(t, cfg)
		n := len(readSome(t, c, 3))
		if err := c.Stop(); err != nil {
			t.Fatal(err)
		}
		for ended := false; !ended; {
			b, err := c.Next(context.Background(), 10*time.Second)
			switch {
			case errors.Is(err, io.EOF):
				ended = true
			case err != nil || b == nil:
				t.Fatalf("%v, %v", b, err)
			default:
				n += len(b.Frames)
				b.Release()
			}
		}
		s, err := c.Stats()
		if err != nil || s.Read != int64(n) || s.Packets != s.Read+s.Drops || n == 0 {
			t.Errorf("%d rings: got %d, %+v, %v", rings, n, s, err)
		}
		_ = c.Close()
	}
	close(stop)
	<-stopped
}

// TestHeldBlocks keeps all batches: the kernel drops what finds no room, and Next neither
// fails nor spins.
func TestHeldBlocks(t *testing.T) {
	world(t)
	cfg := config("vb")
	cfg.BlockBytes, cfg.Blocks, cfg.SnapLen = 64<<10, 2, 128
	c := open(t, cfg)
	send := sendOn(t, "va")
	const n = 3000
	for i := range n {
		send.send(udpFrame(uint64(i), 120, 1))
	}
	var held []*live.Batch
	for range 3 {
		b, err := c.Next(context.Background(), 50*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		if b != nil {
			held = append(held, b)
		}
	}
	if len(held) != 2 {
		t.Errorf("%d batches of 2 blocks", len(held))
	}
	for _, b := range held {
		b.Release()
	}
	readAll(t, c, -1)
	s, err := c.Stats()
	if err != nil || s.Read+s.Drops != n || s.Drops == 0 || s.Freezes == 0 {
		t.Errorf("%+v, %v", s, err)
	}
	send.send(udpFrame(9, 120, 1))
	if got := readAll(t, c, 1); len(got) != 1 {
		t.Error("nothing comes after the ring was full")
	}
}

// TestDefrag has fragments joined where it is asked for, and only there.
func TestDefrag(t *testing.T) {
	world(t)
	send := sendOn(t, "va")
	first, second := udpFrame(1, 14+20+800, 1), udpFrame(2, 14+20+200, 1)
	binary.BigEndian.PutUint16(first[20:], 0x2000)
	binary.BigEndian.PutUint16(second[20:], 100)
	for _, f := range [][]byte{first, second} {
		binary.BigEndian.PutUint16(f[24:], 0)
		binary.BigEndian.PutUint16(f[24:], headerSum(f[14:34]))
	}
	for _, joined := range []bool{false, true} {
		cfg := config("vb")
		cfg.Rings, cfg.Defrag = 2, joined
		c := open(t, cfg)
		send.send(first)
		send.send(second)
		got := readAll(t, c, -1)
		switch {
		case !joined && len(got) != 2:
			t.Errorf("fragments:\n%s", describe(got))
		case joined && (len(got) != 1 || got[0].WireLen != 14+20+1000):
			t.Errorf("a datagram:\n%s", describe(got))
		}
		_ = c.Close()
	}
}

// headerSum is the checksum of an IPv4 header that has 0 in its place.
func headerSum(b []byte) uint16 {
	var sum uint32
	for i := 0; i < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for sum > 0xffff {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}
