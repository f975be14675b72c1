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
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"pcapmill/bench/hostile"
	"pcapmill/bench/sharedtest"
)

// Limits of a soak, from its first quarter on, or from its first half hour.
const (
	mostSlope    = 1 << 20 // bytes of memory an hour
	warming      = 30 * time.Minute
	mostSpread   = 8 // descriptors, goroutines
	soakVariable = "PCAPMILL_SOAK"
)

// sample is what a process holds at an instant.
type sample struct {
	at         time.Duration // since the beginning
	usage      Usage
	goroutines int // -1: not known
}

// TestSoak runs live mode on mixed traffic with hostile captures in between for as long as
// $PCAPMILL_SOAK says (2h): memory, descriptors and goroutines do not grow. In ordinary
// tests it runs a few seconds, to see that it runs.
func TestSoak(t *testing.T) {
	length := 4 * time.Second
	if text := os.Getenv(soakVariable); text != "" {
		var err error
		if length, err = time.ParseDuration(text); err != nil {
			t.Fatalf("%s: %v", soakVariable, err)
		}
	}
	r := newRig(t)
	calm := filepath.Join(r.dir, "calm.pcap")
	generate(t, calm, time.Minute, 20_000)
	fierce := hostileCaptures(t, r.dir)
	const metrics = "127.0.0.1:9469"
	every := min(length/20, time.Minute)
	p := r.capture("--rotate", every.String()+",64MiB", "--retain", "32MiB", "--released-by", r.out)
	a := r.analyse("-q", "--follow", "--memory", "1GiB", "--window", "1m", "--metrics", metrics, "--checkpoint-every", every.String())
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	var sending sync.WaitGroup
	sending.Go(func() { r.storm(ctx, calm, fierce) })
	samples := r.watch(ctx, length/200, metrics, p, a)
	sending.Wait()
	r.stop(p)
	r.stop(a)
	r.ended(r.launch("verify", r.out))
	for i, name := range []string{"capture", "analysis"} {
		judge(t, name, length, samples[i])
	}
	t.Logf("%v, %d frames, %d segments", length, r.send.Sent, len(r.recorded().Segments))
}

// storm sends until the time is over: nine parts calm traffic, one part hostile.
func (r *rig) storm(ctx context.Context, calm string, fierce []string) {
	for i := 0; ctx.Err() == nil; i++ {
		if err := r.send.Replay(ctx, calm, 5000); err != nil && ctx.Err() == nil {
			r.t.Error(err)
			return
		}
		for range 1 + len(fierce)/50 {
			_ = r.send.Replay(ctx, fierce[i%len(fierce)], 5000) // damaged ones end in errors
			i++
		}
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

// watch samples processes until the time is over.
func (r *rig) watch(ctx context.Context, every time.Duration, metrics string, ps ...*Process) [][]sample {
	r.t.Helper()
	samples := make([][]sample, len(ps))
	tick := time.NewTicker(max(every, 50*time.Millisecond))
	defer tick.Stop()
	for begin := time.Now(); ; {
		for i, p := range ps {
			usage, err := UsageOf(p.PID())
			if err != nil {
				r.t.Fatalf("%v: %s", err, p.Said())
			}
			s := sample{time.Since(begin), usage, -1}
			if i == len(ps)-1 {
				s.goroutines = r.goroutines(metrics)
			}
			samples[i] = append(samples[i], s)
		}
		select {
		case <-ctx.Done():
			return samples
		case <-tick.C:
		}
	}
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

// judge compares what a process held with the limits.
func judge(t *testing.T, name string, length time.Duration, samples []sample) {
	t.Helper()
	after := min(warming, length/4)
	var late []sample
	for _, s := range samples {
		if s.at >= after {
			late = append(late, s)
		}
	}
	slope := slopeOf(late)
	spread := func(of func(sample) int) int {
		all := make([]int, 0, len(late))
		for _, s := range late {
			all = append(all, of(s))
		}
		slices.Sort(all)
		return all[len(all)*9/10] - all[len(all)/10]
	}
	descriptors := spread(func(s sample) int { return s.usage.Descriptors })
	routines := spread(func(s sample) int { return s.goroutines })
	last := late[len(late)-1]
	t.Logf("%s: %d samples, %.1f MiB at the end, %+.2f MiB/h, descriptors %d (spread %d), threads %d, goroutines %d (spread %d)", name, len(late),
		float64(last.usage.RSS)/(1<<20), slope/(1<<20), last.usage.Descriptors, descriptors, last.usage.Threads, last.goroutines, routines)
	if length < time.Hour {
		return // nothing can be said of a slope
	}
	if slope > mostSlope || descriptors > mostSpread || routines > mostSpread {
		t.Errorf("%s grows", name)
	}
}

// slopeOf is the slope of memory in bytes an hour, by Theil and Sen: the median of the slopes
// between all pairs, which single peaks do not move.
func slopeOf(samples []sample) float64 {
	var slopes []float64
	for i, a := range samples {
		for _, b := range samples[i+1:] {
			if hours := (b.at - a.at).Hours(); hours > 0 {
				slopes = append(slopes, float64(b.usage.RSS-a.usage.RSS)/hours)
			}
		}
	}
	if len(slopes) == 0 {
		return 0
	}
	slices.Sort(slopes)
	return slopes[len(slopes)/2]
}

func TestSlopeOf(t *testing.T) {
	var samples []sample
	for i := range 100 {
		s := sample{at: time.Duration(i) * time.Minute, usage: Usage{RSS: 1<<30 + int64(i)*1000}}
		if i%10 == 3 {
			s.usage.RSS += 500 << 20 // a collection that was late
		}
		samples = append(samples, s)
	}
	if got := slopeOf(samples); got < 59_000 || got > 61_000 {
		t.Errorf("%.0f bytes an hour, not 60,000", got)
	}
	if slopeOf(nil) != 0 {
		t.Error("nothing has a slope")
	}
}
