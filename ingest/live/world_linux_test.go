//go:build !nounsafe

package live_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"pcapmill/ingest/live"
)

// world gives the test a network namespace of its own, with the veth pair va and vb. The test's
// thread stays in it, and ends with the test, and the namespace with it.
func world(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, for a network namespace")
	}
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Skipf("needs a network namespace: %v", err)
	}
	ip(t, "link set lo up")
	addPair(t)
}

// addPair makes the pair and sets it up. No router solicitations, no addresses: nothing is
// on the link but what the test sends.
func addPair(t testing.TB) {
	t.Helper()
	ip(t, "link add va type veth peer name vb")
	for _, name := range []string{"va", "vb"} {
		ip(t, "link set "+name+" addrgenmode none")
		ip(t, "link set "+name+" arp off")
		ip(t, "link set "+name+" up")
	}
}

// ip runs ip(8), in the namespace of the calling thread.
func ip(t testing.TB, args string) {
	t.Helper()
	if out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
		if strings.Contains(string(out), "Unknown device type") {
			t.Skipf("ip %s: %s", args, out)
		}
		t.Fatalf("ip %s: %v\n%s", args, err, out)
	}
}

// sender sends frames on an interface, past its queue, which swallows them until some time after
// the interface came up. Captures of the sending side do not see them.
type sender struct {
	t    testing.TB
	name string
	fd   int
	to   unix.SockaddrLinklayer
}

func sendOn(t testing.TB, name string) *sender {
	t.Helper()
	index, err := net.InterfaceByName(name)
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_QDISC_BYPASS, 1); err != nil {
		t.Fatal(err)
	}
	return &sender{t, name, fd, unix.SockaddrLinklayer{Ifindex: index.Index}}
}

// seen makes captures of the sending side see frames, once the queue takes them.
func (s *sender) seen() *sender {
	s.t.Helper()
	for range 500 {
		if !linkDetail(s.t, s.name, "qdisc noop ") {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := unix.SetsockoptInt(s.fd, unix.SOL_PACKET, unix.PACKET_QDISC_BYPASS, 0); err != nil {
		s.t.Fatal(err)
	}
	return s
}

// send sends a frame, again while there is no room for it.
func (s *sender) send(frame []byte) {
	for range 1_000_000 {
		err := unix.Sendto(s.fd, frame, 0, &s.to)
		switch err {
		case nil:
			return
		case unix.EINTR, unix.ENOBUFS:
			continue
		}
		s.t.Errorf("sending: %v", err)
		return
	}
	s.t.Error("sending: never any room")
}

const (
	udpPort = 4000
	seqAt   = 14 + 20 + 8
)

// udpFrame is an Ethernet frame of an IPv4 datagram with a sequence number in its payload.
func udpFrame(seq uint64, length int, src uint16) []byte {
	f := make([]byte, length)
	copy(f, []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0})
	ip := f[14:]
	copy(ip, []byte{0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2})
	binary.BigEndian.PutUint16(ip[2:], uint16(length-14))
	binary.BigEndian.PutUint16(ip[20:], src)
	binary.BigEndian.PutUint16(ip[22:], udpPort)
	binary.BigEndian.PutUint16(ip[24:], uint16(length-34))
	binary.BigEndian.PutUint64(f[seqAt:], seq)
	return f
}

// withTags puts VLAN tags behind the addresses, the outermost first.
func withTags(frame []byte, tags ...uint32) []byte {
	out := append([]byte(nil), frame[:12]...)
	for _, tag := range tags {
		out = binary.BigEndian.AppendUint32(out, tag)
	}
	return append(out, frame[12:]...)
}

// config is a small ring on vb.
func config(name string) live.Config {
	cfg := live.DefaultConfig(name)
	cfg.Blocks, cfg.Retire = 8, 10*time.Millisecond
	return cfg
}

func open(t testing.TB, cfg live.Config) *live.Capture {
	t.Helper()
	c, err := live.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// captured is a copy of a frame.
type captured struct {
	live.Frame
	bytes []byte
	ring  int
}

// readAll reads until n frames have come or nothing comes for half a second.
func readAll(t testing.TB, c *live.Capture, n int) (all []captured) {
	t.Helper()
	for n < 0 || len(all) < n {
		b, err := c.Next(context.Background(), 500*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		if b == nil {
			break
		}
		for i := range b.Frames {
			all = append(all, captured{b.Frames[i], b.Frames[i].Append(nil), b.Ring})
		}
		b.Release()
	}
	return all
}

func rounds(ordinary, accept int) int {
	if os.Getenv("PCAPMILL_ACCEPT") != "" {
		return accept
	}
	return ordinary
}

func describe(frames []captured) string {
	var b strings.Builder
	for _, f := range frames {
		fmt.Fprintf(&b, "%d/%d %x\n", len(f.bytes), f.WireLen, f.bytes)
	}
	return b.String()
}

// linkDetail reports whether ip(8) says something of an interface.
func linkDetail(t testing.TB, name, what string) bool {
	t.Helper()
	out, err := exec.Command("ip", "-d", "link", "show", name).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return strings.Contains(string(out), what)
}

// readSettled reads what comes of n frames that were sent, at most 2n: until three waits of
// 15 ms, several times the life of a block, bring nothing.
func readSettled(t testing.TB, c *live.Capture, n int) []captured {
	t.Helper()
	var all []captured
	for quiet := 0; quiet < 3 && len(all) <= 2*n; {
		some := readSome(t, c, 1)
		if all = append(all, some...); len(some) == 0 {
			quiet++
		}
	}
	return all
}

// readSome reads some blocks, waiting a little for each.
func readSome(t testing.TB, c *live.Capture, blocks int) (all []captured) {
	t.Helper()
	for range blocks {
		b, err := c.Next(context.Background(), 15*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		if b == nil {
			continue
		}
		for i := range b.Frames {
			all = append(all, captured{b.Frames[i], b.Frames[i].Append(nil), b.Ring})
		}
		b.Release()
	}
	return all
}
