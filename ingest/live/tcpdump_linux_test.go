//go:build !nounsafe

package live_test

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/live"
	"pcapmill/ingest/packet"
)

// BenchmarkAgainstTcpdump replays a capture at full speed over a veth pair and reads it from the
// other end, here and with `tcpdump -w /dev/null`, each with as much memory for the ring.
// cpu-ns/packet is what the reading process takes, of its own and of the kernel.
//
//	go test ./ingest/live -run '^$' -bench Tcpdump -benchtime 3x
func BenchmarkAgainstTcpdump(b *testing.B) {
	for _, tool := range []string{"tcpreplay", "tcpdump"} {
		if _, err := exec.LookPath(tool); err != nil {
			b.Skipf("needs %s", tool)
		}
	}
	for _, length := range []int{90, 700} {
		file := replayFile(b, length)
		for _, by := range []struct {
			name string
			run  func(*testing.B, string) reading
		}{{"ring", readReplay}, {"tcpdump", dumpReplay}} {
			b.Run(by.name+"/"+strconv.Itoa(length), func(b *testing.B) {
				world(b)
				var sum reading
				for range b.N {
					r := by.run(b, file)
					sum.packets, sum.drops, sum.cpu, sum.took = sum.packets+r.packets, sum.drops+r.drops, sum.cpu+r.cpu, sum.took+r.took
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(sum.packets)/sum.took.Seconds(), "packets/s")
				b.ReportMetric(100*float64(sum.drops)/float64(sum.packets+sum.drops), "%lost")
				b.ReportMetric(float64(sum.cpu.Nanoseconds())/float64(sum.packets), "cpu-ns/packet")
			})
		}
	}
}

// reading is what a run came to.
type reading struct {
	packets, drops int64
	cpu, took      time.Duration
}

const (
	replayFrames = 20_000
	replayLoops  = 20
)

// replayFile writes the capture that is sent again and again.
func replayFile(b *testing.B, length int) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "replay.pcapng")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // flushed below
	w, err := capfile.NewPcapngWriter(f, capfile.PcapngConfig{})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := w.AddInterface(capfile.DefaultInterface(packet.LinkEthernet)); err != nil {
		b.Fatal(err)
	}
	for i := range replayFrames {
		if err := w.WritePacket(0, int64(i), uint32(length), udpFrame(uint64(i), length, uint16(i))); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	return path
}

// replay sends the file.
func replay(b *testing.B, file string) time.Duration {
	b.Helper()
	start := time.Now()
	out, err := exec.Command("tcpreplay", "-q", "-t", "-K", "--loop", strconv.Itoa(replayLoops), "-i", "va", file).CombinedOutput()
	if err != nil {
		b.Fatalf("tcpreplay: %v\n%s", err, out)
	}
	return time.Since(start)
}

func readReplay(b *testing.B, file string) reading {
	cfg := live.DefaultConfig("vb")
	c, err := live.Open(cfg)
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan time.Duration)
	go func() { done <- discard(ctx, b, c) }()
	r := reading{took: replay(b, file)}
	time.Sleep(2 * cfg.Retire)
	stop()
	r.cpu = <-done
	s, err := c.Stats()
	if err != nil {
		b.Fatal(err)
	}
	r.packets, r.drops = s.Read, s.Drops
	if err := c.Close(); err != nil {
		b.Fatal(err)
	}
	return r
}

// discard reads until it is stopped, copies every frame as a writer of files does, and
// returns the processor time of its thread.
func discard(ctx context.Context, b *testing.B, c *live.Capture) time.Duration {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Error(err)
		return 0
	}
	defer null.Close() //nolint:errcheck // nothing is there
	var out io.Writer = null
	before := processorTime(b)
	buf := make([]byte, 0, 1<<20)
	for {
		batch, err := c.Next(ctx, time.Second)
		if err != nil {
			return processorTime(b) - before
		}
		if batch == nil {
			continue
		}
		for i := range batch.Frames {
			if buf = batch.Frames[i].Append(buf); len(buf) > 1<<19 {
				_, _ = out.Write(buf)
				buf = buf[:0]
			}
		}
		batch.Release()
	}
}

// processorTime is that of this process, without its children.
func processorTime(b *testing.B) time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		b.Error(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func dumpReplay(b *testing.B, file string) reading {
	ring := live.DefaultConfig("")
	kib := strconv.Itoa(ring.Blocks * ring.BlockBytes >> 10)
	dump := exec.Command("tcpdump", "-i", "vb", "-B", kib, "-n", "-w", "/dev/null")
	var said strings.Builder
	dump.Stderr = &said
	if err := dump.Start(); err != nil {
		b.Fatal(err)
	}
	for range 100 { // until it listens
		if linkDetail(b, "vb", "promiscuity 1") {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	r := reading{took: replay(b, file)}
	time.Sleep(time.Second) // it takes blocks of a second
	_ = dump.Process.Signal(os.Interrupt)
	if err := dump.Wait(); err != nil {
		b.Fatalf("tcpdump: %v\n%s", err, said.String())
	}
	r.cpu = dump.ProcessState.UserTime() + dump.ProcessState.SystemTime()
	for line := range strings.Lines(said.String()) {
		n, rest, _ := strings.Cut(strings.TrimSpace(line), " packets ")
		count, err := strconv.ParseInt(n, 10, 64)
		switch {
		case err != nil:
		case rest == "captured":
			r.packets = count
		case rest == "dropped by kernel":
			r.drops = count
		}
	}
	return r
}
