package live

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pcapmill/bench/sharedtest"
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// The tables of a live run have the rows of a run over its segments, on captures of all kinds.
// A replay cannot keep the times of a capture, for the kernel stamps frames when they come: so
// what is compared with is the segments, not the captures that they were made of.
func TestLiveTablesAreThoseOfTheSegments(t *testing.T) {
	captures := ethernetCaptures(t, rounds(12, 1<<30))
	if len(captures) < 10 {
		t.Fatalf("only %d captures with Ethernet", len(captures))
	}
	r := newRig(t)
	p := r.capture("--rotate", "150p,2s")
	a := r.analyse("-q")
	for _, capture := range captures {
		if err := r.send.Replay(t.Context(), capture, 8000); err != nil {
			t.Fatal(err)
		}
	}
	r.settle(p, a)
	t.Logf("%d captures, %d frames, %d segments, %d rows", len(captures), r.send.Sent, len(r.recorded().Segments), r.offline())
}

// settle ends a capture behind the last frame and waits until analysis has done all.
func (r *rig) settle(capture, analysis *Process) {
	r.t.Helper()
	r.arrived()
	r.stop(capture)
	r.ended(analysis)
	if drops := r.recorded(); drops.Counted().Drops > 0 {
		r.t.Logf("%d frames were dropped on the way", drops.Counted().Drops)
	}
}

// ethernetCaptures are reference captures that have something to send, smallest first; of
// many as many as asked for, spread over all.
func ethernetCaptures(t *testing.T, n int) []string {
	t.Helper()
	var paths []string
	sizes := map[string]int64{}
	root := filepath.Join(sharedtest.Dir(t), "captures")
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !slices.Contains([]string{".pcap", ".pcapng"}, filepath.Ext(path)) {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Size() < 8<<20 && sendable(path) {
			paths = append(paths, path)
			sizes[path] = info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n >= len(paths) {
		return paths
	}
	var some []string
	for i := range n {
		some = append(some, paths[i*len(paths)/n])
	}
	return some
}

// sendable reports whether a capture begins with Ethernet.
func sendable(path string) bool {
	found := false
	_ = Frames(path, func(_ []byte, link packet.LinkType) error {
		found = link == packet.LinkEthernet
		return fs.SkipAll
	})
	return found
}

// The same with half an hour of generated traffic, which comes as fast as it is taken: from
// tcpreplay, where it is installed.
func TestLiveTablesOfGeneratedTraffic(t *testing.T) {
	r := newRig(t)
	path := filepath.Join(r.dir, "generated.pcap")
	minutes := rounds(1, 30)
	generate(t, path, time.Duration(minutes)*time.Minute, int64(minutes)*10_000)
	p := r.capture("--rotate", "20000p")
	a := r.analyse("-q")
	r.tcpreplay(path, 20_000)
	r.settle(p, a)
	t.Logf("%d minutes, %d frames, %d segments, %d rows", minutes, r.send.Sent, len(r.recorded().Segments), r.offline())
}

// tcpreplay sends a capture by tcpreplay, or by our own sender.
func (r *rig) tcpreplay(path string, rate float64) {
	r.t.Helper()
	tool, err := exec.LookPath("tcpreplay")
	if err != nil {
		if err := r.send.Replay(r.t.Context(), path, rate); err != nil {
			r.t.Fatal(err)
		}
		return
	}
	p, err := r.world.Launch(tool, "-q", "-i", "va", "--pps", fmt.Sprint(rate), path)
	if err != nil {
		r.t.Fatal(err)
	}
	r.ended(p)
	c, err := r.world.Counts("va")
	if err != nil {
		r.t.Fatal(err)
	}
	r.send.Sent = c.Sent
}

func generate(t testing.TB, path string, length time.Duration, packets int64) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := traffic.NewCapture(f, "pcap")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := traffic.Generate("mixed", w, traffic.Options{Seed: 7, Duration: length, Flows: packets / 25, Packets: packets}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}
