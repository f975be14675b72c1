package live

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"pcapmill/bench/hostile"
	"pcapmill/bench/sharedtest"
)

// storm is the traffic of a soak. It comes in cycles of the same phases, each calm traffic
// with a share of the hostile captures behind it, so that what is held in one cycle can be
// compared with the next.
type storm struct {
	*rig
	calm              string
	fierce            []string
	metrics           string // address of the analysis'
	capture, analysis *Process
	begin             time.Time
	samples           [2][]sample // of capture and analysis
}

const (
	stormPhases     = 24
	stormRate       = 5000 // frames a second
	phasesOfSegment = 6
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
	for ctx.Err() == nil {
		for phase := range stormPhases {
			w.sendPhase(ctx, phase)
			w.look(phase)
			if ctx.Err() != nil {
				return
			}
			if phase%phasesOfSegment == phasesOfSegment-1 {
				w.capture.Signal(syscall.SIGUSR1)
			}
		}
	}
}

// fill fills what is bounded, but takes calm traffic an hour: the history of what DNS calls addresses,
// of 131,072 names. Each of these frames tells 80.
func (w *storm) fill(ctx context.Context) {
	w.t.Helper()
	path := filepath.Join(w.dir, "told.pcap")
	f, err := os.Create(path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // Write says what is wrong
	shape, err := hostile.ShapeNamed("dns_told")
	if err == nil {
		err = shape.Write(f, 2000)
	}
	if err == nil {
		err = w.send.Replay(ctx, path, stormRate)
	}
	if err != nil && ctx.Err() == nil {
		w.t.Fatal(err)
	}
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
