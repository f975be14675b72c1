package capture_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"pcapmill/cmd/capture"
	"pcapmill/cmd/capture/replay"
	"pcapmill/ingest/live"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/publish"
)

// flood is a source that always has a block of frames ready, n frames in all, as a ring that
// is never empty.
type flood struct {
	replay.Source
	batch live.Batch
	n     int
	given int64
}

func newFlood(w *world, n, size int) *flood {
	f := &flood{Source: *w.source(nil), n: n}
	for _, p := range replay.Numbered(1000, size, packet.Nanos(noon), time.Microsecond) {
		f.batch.Frames = append(f.batch.Frames, live.Frame{Data: p.Data, Time: p.Time, WireLen: p.WireLen})
	}
	return f
}

func (f *flood) Next(context.Context, time.Duration) (*live.Batch, error) {
	if f.given >= int64(f.n) {
		return nil, io.EOF
	}
	f.given += int64(len(f.batch.Frames))
	return &f.batch, nil
}

func (f *flood) Stats() (live.Stats, error) {
	return live.Stats{Packets: f.given, Read: f.given}, nil
}

// nowhere is a file system whose segments go nowhere.
type nowhere struct{ publish.FS }

type hole struct{ publish.Handle }

func (hole) Write(p []byte) (int, error) { return len(p), nil }
func (hole) Sync() error                 { return nil }

func (n nowhere) Create(name string) (publish.Handle, error) {
	h, err := n.FS.Create(name)
	return hole{h}, err
}

// capture runs a flood through a capture.
func (f *flood) capture(w *world, wrap func(publish.FS) publish.FS) capture.Report {
	w.t.Helper()
	folder, err := capture.Open(w.cfg)
	must(w.t, err)
	defer folder.Close()
	if wrap != nil {
		folder.Wrap(wrap)
	}
	report, err := folder.Run(context.Background(), f)
	must(w.t, err)
	return report
}

// TestNothingIsAllocatedPerPacket, from the batch to the disk.
func TestNothingIsAllocatedPerPacket(t *testing.T) {
	allocs := func(n int) uint64 {
		w := newWorld(t, noon)
		f := newFlood(w, n, 200)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f.capture(w, func(fsys publish.FS) publish.FS { return nowhere{fsys} })
		runtime.ReadMemStats(&after)
		return after.Mallocs - before.Mallocs
	}
	few, many := allocs(10_000), allocs(400_000)
	if many > few+few/2+500 {
		t.Errorf("%d allocations for 10,000 packets, %d for 400,000", few, many)
	}
}

// BenchmarkCapture takes frames from memory to where segments go. Compare with
//
//	tcpdump -r big.pcap -w /dev/null
func BenchmarkCapture(b *testing.B) {
	shm := "/dev/shm"
	if _, err := os.Stat(shm); err != nil {
		shm = b.TempDir()
	}
	for _, size := range []int{64, 500, 1500} {
		for _, to := range []string{"null", "tmpfs", "null zstd"} {
			b.Run(fmt.Sprint(to, " ", size), func(b *testing.B) {
				w := newWorld(b, noon)
				dir, err := os.MkdirTemp(shm, "capture")
				must(b, err)
				defer os.RemoveAll(dir)
				w.cfg.Segments, w.cfg.Rotate = dir, capture.Rotate{Bytes: 256 << 20}
				w.cfg.Zstd = strings.HasSuffix(to, "zstd")
				w.cfg.Retain = capture.Retain{Count: 1}
				var wrap func(publish.FS) publish.FS
				if strings.HasPrefix(to, "null") {
					wrap = func(fsys publish.FS) publish.FS { return nowhere{fsys} }
				}
				b.SetBytes(int64(size))
				f := newFlood(w, b.N, size)
				b.ResetTimer()
				f.capture(w, wrap)
			})
		}
	}
}
