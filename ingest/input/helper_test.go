package input_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/klauspost/compress/zstd"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/input"
	"pcapmill/ingest/packet"
)

const second = packet.Nanos(1e9)

// pcap returns a classic capture with one packet of size bytes at each time.
func pcap(t testing.TB, size int, times ...packet.Nanos) []byte {
	t.Helper()
	var buf bytes.Buffer
	w, err := capfile.NewPcapWriter(&buf, capfile.DefaultPcapConfig())
	if err != nil {
		t.Fatal(err)
	}
	for i, at := range times {
		frame := bytes.Repeat([]byte{byte(i), byte(i >> 8), 7}, size/3+1)[:size]
		if err := w.WritePacket(at, uint32(size), frame); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// many returns n times, a second apart.
func many(n int) []packet.Nanos {
	times := make([]packet.Nanos, n)
	for i := range times {
		times[i] = packet.Nanos(i+1) * second
	}
	return times
}

func gzipped(t testing.TB, members ...[]byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	for _, m := range members {
		w := gzip.NewWriter(&buf)
		if _, err := w.Write(m); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return buf.Bytes()
}

func zstandard(t testing.TB, data []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(data, nil)
}

// write puts a file into dir, with its folders, and returns its path.
func write(t testing.TB, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func sha(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// drain reads a capture to its end through one block, which is the hardest case:
// its memory is used again at once.
func drain(c *input.Capture) (packets int, err error) {
	b := &packet.Block{Data: make([]byte, 0, 4<<10)}
	for err == nil {
		b.Reset()
		err = c.Fill(b)
		packets += len(b.Records)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return packets, err
}

// noLeak fails the test where it ends with more goroutines than it began with.
func noLeak(t *testing.T) {
	t.Helper()
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		for range 1000 {
			if runtime.NumGoroutine() <= before {
				return
			}
			runtime.Gosched()
			runtime.GC()
		}
		t.Errorf("%d goroutines at the end, %d at the beginning", runtime.NumGoroutine(), before)
	})
}
