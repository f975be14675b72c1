package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"pcapmill/bench/hostile"
	"pcapmill/bench/sharedtest"
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// storm is the traffic of a soak. It comes in cycles of the same phases, each calm traffic
// with a share of the hostile captures behind it, so that what is held in one cycle can be
// compared with another. Cycles begin on a grid of the wall clock, as windows do.
type storm struct {
	*rig
	calm              string
	fierce            []string
	told              int    // answers of DNS that come before all else
	metrics           string // address of the analysis'
	capture, analysis *Process
	begin             time.Time
	samples           [2][]sample // of capture and analysis
}

const (
	stormPhases     = 24
	stormRate       = 5000 // frames a second
	stormCycle      = 3 * time.Minute
	phasesOfSegment = 6
	// A piece of a flow is closed after five minutes: what is open in one cycle is not what
	// is open in the next, but in the one behind that.
	likeCycles = 2
	// mostOfOne is how many frames of one hostile capture are sent: one has a million that are
	// empty, which no interface takes.
	mostOfOne = 32_000
)

// blow sends until the time is over and looks at the processes after each phase.
func (w *storm) blow(length time.Duration) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), length)
	defer cancel()
	// Heavy ones lie side by side: spread, they do not make all flows of a cycle at once.
	random(w.t).Shuffle(len(w.fierce), func(i, j int) { w.fierce[i], w.fierce[j] = w.fierce[j], w.fierce[i] })
	w.begin = time.Now()
	w.fill(ctx)
	for cycle := 0; ctx.Err() == nil; cycle++ {
		for phase := range stormPhases {
			w.sendPhase(ctx, phase)
			w.look(cycle%likeCycles*stormPhases + phase)
			if ctx.Err() != nil {
				return
			}
			if phase%phasesOfSegment == phasesOfSegment-1 {
				w.capture.Signal(syscall.SIGUSR1)
			}
		}
		untilGrid(ctx)
	}
}

// untilGrid waits for the next cycle.
func untilGrid(ctx context.Context) {
	timer := time.NewTimer(stormCycle - time.Since(time.Now().Truncate(stormCycle)))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// fill fills what is bounded, but takes cycles an hour or two: the history of what DNS calls
// addresses, of 131,072 names. It sends what a cycle has of DNS answers, which each tell
// one or more, or none, again and again.
func (w *storm) fill(ctx context.Context) {
	w.t.Helper()
	path := filepath.Join(w.dir, "told.pcap")
	if err := w.writeTold(path); err != nil {
		w.t.Fatal(err)
	}
	if err := w.send.Replay(ctx, path, 4*stormRate); err != nil && ctx.Err() == nil {
		w.t.Fatal(err)
	}
}

// writeTold writes answers of DNS, in the shares that a cycle has of them.
func (w *storm) writeTold(path string) error {
	var answers [][]byte
	take := func(frame []byte, link packet.LinkType) error {
		if link == packet.LinkEthernet && answersDNS(frame) {
			answers = append(answers, bytes.Clone(frame))
		}
		return nil
	}
	if err := Frames(w.calm, take); err != nil {
		return err
	}
	answers = slices.Repeat(answers, stormPhases)
	for _, from := range w.fierce {
		n := len(answers)
		_ = Frames(from, take) // damaged ones end in errors
		answers = answers[:min(len(answers), n+mostOfOne)]
	}
	if len(answers) == 0 {
		return errors.New("the traffic of a cycle has no answer of DNS")
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	out, err := traffic.NewCapture(f, "pcap")
	for i := 0; err == nil && i < w.told; i++ {
		frame := answers[i%len(answers)]
		err = out.WritePacket(packet.Nanos(i), uint32(len(frame)), frame)
	}
	if err == nil {
		err = out.Close()
	}
	return errors.Join(err, f.Close())
}

// answersDNS reports whether a frame is from the port of DNS.
func answersDNS(frame []byte) bool {
	if len(frame) < 58 {
		return false
	}
	ip := frame[14:]
	switch {
	case ip[0] == 0x45 && ip[9] == 17:
		return ip[20] == 0 && ip[21] == 53
	case ip[0]>>4 == 6 && ip[6] == 17:
		return len(ip) > 42 && ip[40] == 0 && ip[41] == 53
	}
	return false
}

// sendPhase sends what belongs to a phase.
func (w *storm) sendPhase(ctx context.Context, phase int) {
	if err := w.send.Replay(ctx, w.calm, stormRate); err != nil && ctx.Err() == nil {
		w.t.Fatal(err)
	}
	for i := phase; i < len(w.fierce) && ctx.Err() == nil; i += stormPhases {
		_ = w.send.ReplaySome(ctx, w.fierce[i], stormRate, mostOfOne) // damaged ones end in errors
	}
}

// look notes what the processes hold.
func (w *storm) look(phase int) {
	w.t.Helper()
	for i, p := range []*Process{w.capture, w.analysis} {
		usage, err := UsageOf(p.PID())
		if err != nil {
			w.t.Fatalf("%v: %s", err, p.Said())
		}
		s := sample{time.Since(w.begin), phase, usage, -1}
		if p == w.analysis {
			s.goroutines = w.goroutines(w.metrics)
		}
		w.samples[i] = append(w.samples[i], s)
	}
}

// hostileCaptures writes the cases of bench/hostile, and adds the damaged reference captures
// where they are to be had.
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
	if os.Getenv(soakVariable) == "" {
		return paths
	}
	err := filepath.WalkDir(filepath.Join(sharedtest.Dir(t), "captures/malformed"), func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && sendable(path) {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

var goroutineMetric = regexp.MustCompile(`(?m)^\w*goroutines (\d+)`)

// goroutines asks the metrics of a process in the namespace, -1 where it has none.
func (r *rig) goroutines(address string) int {
	dial := func(context.Context, string, string) (conn net.Conn, err error) {
		err = r.world.Do(func() error {
			var err error
			conn, err = net.DialTimeout("tcp", address, time.Second)
			return err
		})
		return conn, err
	}
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	response, err := client.Get("http://" + address + "/metrics")
	if err != nil {
		return -1
	}
	defer response.Body.Close() //nolint:errcheck // only read
	var text bytes.Buffer
	_, _ = text.ReadFrom(http.MaxBytesReader(nil, response.Body, 1<<20))
	found := goroutineMetric.FindSubmatch(text.Bytes())
	if found == nil {
		return -1
	}
	n, err := strconv.Atoi(string(found[1]))
	if err != nil {
		return -1
	}
	return n
}
