package live

import (
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pcapmill/bench/hostile"
	"pcapmill/bench/sharedtest"
	"pcapmill/ingest/packet"
)

// A soak's traffic comes in cycles of the same phases, each calm traffic with a share of the
// hostile captures behind it.
const (
	stormPhases     = 24
	stormRate       = 5000 // frames a second
	stormCycle      = 3 * time.Minute
	phasesOfSegment = 6
	// Windows of hosts wait half an hour for flows to end, and where their memory is short the
	// largest are written early: what is open comes again after two or three cycles.
	likeCycles = 6
	// mostOfOne is how many frames of one hostile capture are sent: one has a million that are
	// empty, which no interface takes.
	mostOfOne = 32_000
)

// hostileCaptures writes the cases of bench/hostile, adds the damaged reference captures where
// there is time for them, and shuffles the paths, the same each time.
func hostileCaptures(t *testing.T, dir string) (paths []string) {
	t.Helper()
	folder := filepath.Join(dir, "hostile")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, class := range hostile.Classes() {
		for _, c := range class.Cases {
			if c.Heavy {
				continue
			}
			data, _ := c.Make()
			path := filepath.Join(folder, fmt.Sprint(len(paths)))
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			if sendable(path) {
				paths = append(paths, path)
			}
		}
	}
	if os.Getenv(soakVariable) != "" || sharedtest.Accept() {
		err := filepath.WalkDir(filepath.Join(sharedtest.Dir(t), "captures/malformed"), func(path string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() && sendable(path) {
				paths = append(paths, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	// Heavy ones lie side by side: spread, they do not make all flows of a cycle at once.
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
	return paths
}

// firstFrames returns the first Ethernet frames of a capture, at most so many.
func firstFrames(path string, most int) (list [][]byte) {
	_ = Frames(path, func(frame []byte, link packet.LinkType) error { // damaged ones end in errors
		if len(list) == most {
			return fs.SkipAll
		}
		if link == packet.LinkEthernet {
			list = append(list, bytes.Clone(frame))
		}
		return nil
	})
	return list
}

// answersOf returns the DNS answers of a cycle.
func answersOf(calm string, fierce []string, most int) [][]byte {
	question := func(frame []byte) bool { return !answersDNS(frame) }
	answers := slices.Repeat(slices.DeleteFunc(firstFrames(calm, math.MaxInt), question), stormPhases)
	for _, path := range fierce {
		answers = append(answers, slices.DeleteFunc(firstFrames(path, most), question)...)
	}
	return answers
}

// answersDNS reports whether a frame is a datagram from the port of DNS.
func answersDNS(frame []byte) bool {
	if len(frame) < 58 {
		return false
	}
	ip := frame[14:]
	switch {
	case ip[0] == 0x45 && ip[9] == 17:
		return ip[20] == 0 && ip[21] == 53
	case ip[0]>>4 == 6 && ip[6] == 17:
		return ip[40] == 0 && ip[41] == 53
	}
	return false
}

// repeat returns so many frames of a list, again and again.
func repeat(frames [][]byte, n int) [][]byte {
	return slices.Repeat(frames, n/len(frames)+1)[:n]
}
