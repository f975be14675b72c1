package live

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"pcapmill/bench/sharedtest"
	"pcapmill/ingest/packet"
)

// newWorld is a world with the pair va, vb, or the test is skipped.
func newWorld(t testing.TB) *World {
	t.Helper()
	w, err := NewWorld()
	if errors.Is(err, ErrNoWorld) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	if err := w.Pair("va", "vb"); errors.Is(err, ErrNoWorld) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	w.carry(t)
	return w
}

func (w *World) carry(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := errors.Join(w.Carry(ctx, "va"), w.Carry(ctx, "vb")); err != nil {
		t.Fatal(err)
	}
}

func (w *World) sender(t testing.TB) *Sender {
	t.Helper()
	s, err := w.Sender("va")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// tcpdump captures into a file; it is there when it says so.
func (w *World) tcpdump(t testing.TB, file string) *Process {
	t.Helper()
	path, err := exec.LookPath("tcpdump")
	if err != nil {
		t.Skip("tcpdump is not installed")
	}
	p, err := w.Launch(path, "-Z", "root", "-i", "vb", "-B", "65536", "-U", "-w", file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	if err := Until(t.Context(), "tcpdump", func() bool { return strings.Contains(p.Said(), "listening on") }); err != nil {
		t.Fatal(err)
	}
	return p
}

// settled waits until an interface has received so many frames.
func (w *World) settled(t testing.TB, n uint64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var c Counts
	err := Until(ctx, "the last frame", func() bool {
		var err error
		c, err = w.Counts("vb")
		return err != nil || c.Received+c.ReceiveDrops >= n
	})
	if err != nil {
		t.Fatalf("%d frames sent: %v: %+v", n, err, c)
	}
}

// written waits until a file has not grown for longer than tcpdump keeps frames back, which
// it throws away at its end.
func written(t testing.TB, file string) {
	t.Helper()
	size, since := int64(-1), time.Now()
	err := Until(t.Context(), "the end of "+file, func() bool {
		if info, err := os.Stat(file); err == nil && info.Size() != size {
			size, since = info.Size(), time.Now()
		}
		return time.Since(since) > 1500*time.Millisecond
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What the sender sends, another program captures, once each and in order: the harness
// itself loses nothing.
func TestNumberedFramesArrive(t *testing.T) {
	w := newWorld(t)
	file := filepath.Join(t.TempDir(), "seen.pcap")
	dump, send, frames := w.tcpdump(t, file), w.sender(t), NewSequence(10, 600)
	const n = 20_000
	if err := send.Burst(t.Context(), n, 40_000, frames.Next); err != nil {
		t.Fatal(err)
	}
	w.settled(t, n)
	written(t, file)
	if _, code, err := dump.Stop(10 * time.Second); err != nil || code != 0 {
		t.Fatalf("tcpdump: exit code %d, %v", code, err)
	}
	tally, others, err := TallyOf(file)
	if err != nil || others != 0 || tally.Unruly != 0 {
		t.Errorf("%v, %d other frames, %d out of order", err, others, tally.Unruly)
	}
	if err := tally.Complete(n); err != nil {
		t.Error(err)
	}
	if c, err := w.Counts("va"); err != nil || c.Sent != n || c.SendDrops != 0 {
		t.Errorf("counters %+v, %v", c, err)
	}
}

func TestReplayKeepsFrames(t *testing.T) {
	capture := filepath.Join(sharedtest.Dir(t), "captures/flows/ndpi__tcp_scan.pcapng")
	w := newWorld(t)
	file := filepath.Join(t.TempDir(), "seen.pcap")
	dump, send := w.tcpdump(t, file), w.sender(t)
	if err := send.Replay(t.Context(), capture, 5000); err != nil {
		t.Fatal(err)
	}
	w.settled(t, send.Sent)
	written(t, file)
	if _, _, err := dump.Stop(10 * time.Second); err != nil {
		t.Fatal(err)
	}
	want, got := framesOf(t, capture), framesOf(t, file)
	if send.Skipped != 0 || len(want) == 0 || !slices.Equal(want, got) {
		t.Errorf("%d frames, %d skipped, %d seen", len(want), send.Skipped, len(got))
	}
}

func framesOf(t *testing.T, path string) (all []string) {
	t.Helper()
	err := Frames(path, func(frame []byte, _ packet.LinkType) error {
		all = append(all, string(frame))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestProcesses(t *testing.T) {
	w := newWorld(t)
	launch := func(args ...string) *Process {
		p, err := w.Launch("/bin/sh", "-c", strings.Join(args, ";"))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := launch("trap 'exit 3' TERM", "echo up", "sleep 60 & wait")
	if err := Until(t.Context(), "a word", func() bool { return p.Said() == "up\n" }); err != nil {
		t.Fatal(err)
	}
	u, err := UsageOf(p.PID())
	if err != nil || u.RSS < 100<<10 || u.Descriptors < 3 || u.Threads != 1 {
		t.Errorf("%+v, %v", u, err)
	}
	if cpu, err := CPUOf(p.PID()); err != nil || cpu < 0 || cpu > time.Minute {
		t.Errorf("%v of processor time, %v", cpu, err)
	}
	err = Until(t.Context(), "a child", func() bool {
		children, err := Children(p.PID(), "60")
		return err != nil || len(children) == 1
	})
	if err != nil {
		t.Fatal(err)
	}
	if children, err := Children(p.PID(), "6"); err != nil || len(children) != 0 {
		t.Errorf("children %v, %v", children, err)
	}
	if _, code, err := p.Stop(10 * time.Second); code != 3 || err != nil {
		t.Errorf("exit code %d, %v", code, err)
	}
	p = launch("exec sleep 60")
	p.Kill()
	if code, err := p.Wait(time.Second); code != -1 || err != nil {
		t.Errorf("killed: %d, %v", code, err)
	}
	p.Signal(syscall.SIGTERM) // to nobody
	p = launch("trap '' TERM", "while :; do sleep 1; done")
	if code, err := p.Wait(time.Millisecond); code != -1 || err == nil {
		t.Errorf("one that does not end: %d, %v", code, err)
	}
}

// With its world a program ends.
func TestTheEndOfAWorld(t *testing.T) {
	w, err := NewWorld()
	if errors.Is(err, ErrNoWorld) {
		t.Skip(err)
	}
	p, err := w.Launch("/bin/sleep", "60")
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	if code, err := p.Wait(10 * time.Second); code != -1 || err != nil {
		t.Errorf("%d, %v", code, err)
	}
}

func TestCountsOf(t *testing.T) {
	text := []byte(`Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       1       2    3    4    5     6          7         8        9      10   11   12   13    14      15         16
    vb:     100     200    0    7    0     0          0         0      300     400    0    9    0     0       0          0
`)
	if c, err := countsOf(text, "vb"); err != nil || c != (Counts{Received: 200, ReceiveDrops: 7, Sent: 400, SendDrops: 9}) {
		t.Errorf("%+v, %v", c, err)
	}
	for _, name := range []string{"v", "face", ""} {
		if c, err := countsOf(text, name); err == nil {
			t.Errorf("%q: %+v", name, c)
		}
	}
	if _, err := countsOf([]byte("vb: 1 x 3 4 5 6 7 8 9 10 11 12\n"), "vb"); err == nil {
		t.Error("a word is a number")
	}
}
