package capture_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"pcapmill/cmd/capture"
	"pcapmill/cmd/capture/replay"
	"pcapmill/ingest/filter"
	"pcapmill/ingest/live"
)

// inNamespace runs f on a thread in a network namespace of its own with the veth pair va, vb.
func inNamespace(t *testing.T, f func()) {
	done := make(chan string)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			done <- fmt.Sprintf("no network namespaces here: %v", err)
			return
		}
		for _, args := range [][]string{
			{"link", "add", "va", "type", "veth", "peer", "name", "vb"}, {"link", "set", "va", "up"}, {"link", "set", "vb", "up"},
		} {
			if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
				done <- fmt.Sprintf("no veth pairs here: %v %s", err, out)
				return
			}
		}
		defer close(done)
		f()
	}()
	if why := <-done; why != "" {
		t.Skip(why)
	}
}

// sender returns what sends frames out of vb.
func sender(t *testing.T) func(data []byte) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
	must(t, err)
	t.Cleanup(func() { unix.Close(fd) })
	face, err := net.InterfaceByName("vb")
	must(t, err)
	to := &unix.SockaddrLinklayer{Ifindex: face.Index, Halen: 6}
	return func(data []byte) {
		for range 1000 { // a queue may be full for a moment
			if err = unix.Sendto(fd, data, 0, to); err == nil {
				return
			}
			time.Sleep(time.Millisecond)
		}
		t.Error(err)
	}
}

// TestRingLosesNothing sends numbered frames over a real interface while segments end by
// packets and time: all that were sent are in the segments once or counted as dropped.
func TestRingLosesNothing(t *testing.T) {
	const n = 20_000
	inNamespace(t, func() {
		w := newWorld(t, noon)
		w.cfg.Clock = capture.SystemClock()
		w.cfg.Rotate = capture.Rotate{Packets: 97, Every: 200 * time.Millisecond}
		ring := live.DefaultConfig("va")
		parsed, err := filter.Parse("ether proto 0x88b5")
		must(t, err)
		ring.Filter = parsed
		folder, err := capture.Open(w.cfg)
		must(t, err)
		defer folder.Close()
		src, err := live.Open(ring)
		if err != nil {
			t.Skip("no capture here:", err)
		}
		defer src.Close()
		send := sender(t)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		sent := make(chan struct{})
		go func() {
			for _, f := range replay.Numbered(n, 100, 0, 0) {
				send(f.Data)
			}
			close(sent)
			time.Sleep(300 * time.Millisecond)
			cancel()
		}()
		report, err := folder.Run(ctx, src)
		must(t, err)
		<-sent
		if report.Packets+report.KernelDrops+report.Unread != n || report.KernelPackets != n {
			t.Errorf("%d sent: %+v", n, report)
		}
		if report.Missing() == 0 {
			w.wantNumbers(n)
		}
		if report.Segments < n/97 {
			t.Errorf("%d segments", report.Segments)
		}
		if report.Unread != 0 {
			t.Errorf("%d packets were left in a ring that was stopped", report.Unread)
		}
		for _, s := range w.segments()[:5] {
			w.contents(s)
			data, err := os.ReadFile(filepath.Join(w.dir, s.Name))
			must(t, err)
			if n := bytes.Count(data, []byte{2, 0, 4, 0, 0x11, 0, 0, 0, 0, 0, 0, 0}); s.Packets > 0 && int64(n) != s.Packets { // epb_flags: inbound, for others
				t.Errorf("%s: %d packets of %d have flags", s.Name, n, s.Packets)
			}
		}
	})
}
