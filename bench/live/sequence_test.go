package live

import (
	"os"
	"path/filepath"
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

func TestNumbersAreInTheFrames(t *testing.T) {
	s := NewSequence(7, 1400)
	sizes := map[int]bool{}
	for i := range uint64(100) {
		frame := s.Next()
		if n, ok := NumberOf(frame); !ok || n != i {
			t.Fatalf("frame %d says %d, %v", i, n, ok)
		}
		sizes[len(frame)] = true
	}
	if s.Sent() != 100 || len(sizes) != 7 || !sizes[60] || !sizes[1400] {
		t.Errorf("%d frames of sizes %v", s.Sent(), sizes)
	}
	if _, ok := NumberOf(make([]byte, 200)); ok {
		t.Error("a foreign frame has a number")
	}
	if _, ok := NumberOf(s.Next()[:numberEnd-1]); ok {
		t.Error("a cut number is taken")
	}
}

func TestTally(t *testing.T) {
	var all, holes Tally
	for i := range uint64(1000) {
		all.See(i)
		if i != 17 && i != 999 {
			holes.See(i)
		}
	}
	if err := all.Complete(1000); err != nil || all.Unruly != 0 {
		t.Errorf("%v, %d", err, all.Unruly)
	}
	if missing, first := holes.Missing(1000); missing != 2 || first != 17 {
		t.Errorf("%d missing from %d", missing, first)
	}
	if holes.Complete(1000) == nil || all.Complete(999) == nil || all.Complete(1001) == nil {
		t.Error("incomplete is complete")
	}
	all.See(5)
	all.See(1 << 40) // what a damaged frame may say takes no memory
	if all.Doubled != 2 || all.Unruly != 1 || all.Complete(1000) == nil {
		t.Errorf("%d doubled, %d unruly", all.Doubled, all.Unruly)
	}
}

// writeNumbered writes a capture of numbered frames.
func writeNumbered(t *testing.T, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "numbered.pcap")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := traffic.NewCapture(f, "pcap")
	if err != nil {
		t.Fatal(err)
	}
	s := NewSequence(3, 300)
	for i := range n {
		frame := s.Next()
		if err := w.WritePacket(packet.Nanos(i+1)*1e6, uint32(len(frame)), frame); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f.Close()
	return path
}

func TestTallyOfCaptures(t *testing.T) {
	path := writeNumbered(t, 500)
	tally, others, err := TallyOf(path)
	if err != nil || others != 0 || tally.Complete(500) != nil {
		t.Errorf("%v, %d others, %v", err, others, tally.Complete(500))
	}
	if tally, _, _ = TallyOf(path, path); tally.Doubled != 500 {
		t.Errorf("%d doubled", tally.Doubled)
	}
	if _, _, err := TallyOf(filepath.Join(t.TempDir(), "absent")); err == nil {
		t.Error("no error without a file")
	}
}
