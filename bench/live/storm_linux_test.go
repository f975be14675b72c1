package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

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

// blow sends until the time is over and looks at the processes after each phase.
func (w *storm) blow(length time.Duration) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), length)
	defer cancel()
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
		w.keep()
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
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	out, err := traffic.NewCapture(f, "pcap")
	for i, frame := range repeat(answersOf(w.calm, w.fierce, mostOfOne), w.told) {
		if err == nil {
			err = out.WritePacket(packet.Nanos(i), uint32(len(frame)), frame)
		}
	}
	if err == nil {
		err = out.Close()
	}
	return errors.Join(err, f.Close())
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
		s := sample{time.Since(w.begin), phase, usage, -1, -1, -1, -1}
		if p == w.analysis {
			text := w.scrape(w.metrics)
			s.goroutines, s.objects, s.unused = metric(text, "goroutines"), metric(text, `heap_bytes{state="objects"}`), metric(text, `heap_bytes{state="unused"}`)
			s.other = metric(text, "memory_bytes") - s.objects - s.unused - metric(text, `heap_bytes{state="free"}`)
		}
		w.samples[i] = append(w.samples[i], s)
	}
}

// metric returns the value of a metric of ours, -1 where there is none.
func metric(text []byte, name string) int64 {
	_, rest, found := bytes.Cut(text, []byte("\npcapmill_"+name+" "))
	digits, _, _ := bytes.Cut(rest, []byte("\n"))
	x, err := strconv.ParseFloat(string(digits), 64)
	if !found || err != nil {
		return -1
	}
	return int64(x)
}

// keep writes what the analysis holds at the end of a cycle, by kind of object, into the folder
// of $PCAPMILL_SOAK_KEEP: profiles of its heap for go tool pprof -diff_base, and its metrics.
func (w *storm) keep() {
	w.t.Helper()
	dir := os.Getenv(keepVariable)
	if dir == "" {
		return
	}
	for name, path := range map[string]string{"heap-%03d.pb.gz": "/debug/pprof/heap", "metrics-%03d.txt": "/metrics"} {
		minute := int(time.Since(w.begin).Minutes())
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf(name, minute)), w.ask(w.metrics, path), 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
}

// scrape asks for the metrics of a process in the namespace; nil where there are none.
func (r *rig) scrape(address string) []byte { return r.ask(address, "/metrics") }

// ask asks a process in the namespace for what it shows; nil where it shows nothing.
func (r *rig) ask(address, path string) []byte {
	dial := func(context.Context, string, string) (conn net.Conn, err error) {
		err = r.world.Do(func() error {
			var err error
			conn, err = net.DialTimeout("tcp", address, time.Second)
			return err
		})
		return conn, err
	}
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	response, err := client.Get("http://" + address + path)
	if err != nil {
		return nil
	}
	defer response.Body.Close() //nolint:errcheck // only read
	var text bytes.Buffer
	_, _ = text.ReadFrom(http.MaxBytesReader(nil, response.Body, 1<<20))
	return text.Bytes()
}
