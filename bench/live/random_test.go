package live

import (
	"crypto/sha256"
		"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"

	"pcapmill/bench/sharedtest"
	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/job"
	"pcapmill/cmd/live"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/verify"
)

// Rows of a live folder are those of `run` over its segments, whatever the segments, the
// options, and the places where analysis was stopped or killed. A round that fails can be done
// alone with PCAPMILL_ROUND.
func TestRandomSessions(t *testing.T) {
	rounds := 12
	if sharedtest.Accept() {
		rounds = 600
	}
	first := 0
	if one, err := strconv.Atoi(os.Getenv("PCAPMILL_ROUND")); err == nil {
		first, rounds = one, 1
	}
	s := stocks(t)
	for n := range rounds {
		t.Run(fmt.Sprint(first+n), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(13, uint64(first+n)))
			newTrial(t, rng, &s).run()
		})
	}
}

// trial is one live folder and what it must be.
type trial struct {
	t    *testing.T
	rng  *rand.Rand
	dir  string
	log  *ledger.Log
	opts live.Options

	sessions [][]file
	number   int64
	paths    [][]string // of the segments of each session
	out      string
	cases    int // restarts so far
}

func newTrial(t *testing.T, rng *rand.Rand, s *stock) *trial {
	t.Helper()
	r := &trial{t: t, rng: rng, dir: t.TempDir(), opts: live.DefaultOptions()}
	var any seen
	for range 1 + rng.IntN(5)/3 {
		one, how := s.capture(rng), newCutting(rng)
		if r.sessions = append(r.sessions, how.segments(t, rng, s, &one)); len(any.list) == 0 {
			any = one
		}
	}
	r.opts.Job = randomOptions(rng, &any)
	r.opts.Job.Tool = manifest.Tool{Name: "pcapmill", Version: "test"}
	r.opts.Segments = filepath.Join(r.dir, "segments")
	r.out = filepath.Join(r.dir, "out")
	if rng.IntN(2) == 0 {
		r.opts.Every = 1 // a checkpoint behind each segment
	}
	if err := os.Mkdir(r.opts.Segments, 0o700); err != nil {
		t.Fatal(err)
	}
	log, err := ledger.Open(filepath.Join(r.opts.Segments, event.LedgerName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	r.log = log
	return r
}

// run publishes segment by segment, analyses now and then, and compares.
func (r *trial) run() {
	r.t.Helper()
	restarts := among(r.rng, 0, 0.1, 0.5)
	failed := false
	for n, files := range r.sessions {
		r.paths = append(r.paths, nil)
		r.record(event.SessionEvent, event.Session{ID: fmt.Sprint(n), StartNs: eras[0]})
		for _, f := range files {
			r.publish(n, f)
			if !failed && r.rng.Float64() < restarts {
				failed = r.analyse()
			}
		}
		r.record(event.EndEvent, event.End{Session: fmt.Sprint(n), Why: "duration"})
	}
	for range 8 { // each may be killed
		if failed {
			break
		}
		failed = r.analyse()
	}
	r.compare(failed)
}

func (r *trial) record(name string, body any) {
	r.t.Helper()
	if err := r.log.Append(name, body); err != nil {
		r.t.Fatal(err)
	}
}

// publish adds a segment, as capture does.
func (r *trial) publish(session int, f file) {
	r.t.Helper()
	r.number++
	e := event.Segment{
		Number: r.number, Name: event.SegmentName(r.number, f.zstd), Session: fmt.Sprint(session), Bytes: int64(len(f.data)), SHA256: fmt.Sprintf("%x", sha256.Sum256(f.data)),
		OpenedNs: int64(eras[0]) + r.number*20e9, ClosedNs: int64(eras[0]) + (r.number+1)*20e9, Reason: event.ByPackets,
	}
	path := filepath.Join(r.opts.Segments, e.Name)
	if err := os.WriteFile(path, f.data, 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.paths[session] = append(r.paths[session], path)
	r.record(event.SegmentEvent, &e)
}

// analyse analyses what is there. It may be killed on the way: then it is the folder of a
// moment before that goes on. failed: no analysis can do more.
func (r *trial) analyse() (failed bool) {
	r.t.Helper()
	o, kill, calls, copied := r.opts, r.rng.IntN(12), 0, ""
	o.Job.Out = r.out
	if r.rng.IntN(6) == 0 {
		o.State = func(*live.State) {
			if calls++; calls == kill {
				r.cases++
				copied = filepath.Join(r.dir, fmt.Sprint("out", r.cases))
				copyFolder(r.t, r.out, copied)
			}
		}
	}
	report, err := live.Analyse(r.t.Context(), o)
	if err != nil {
		var known *job.Error
		if errors.As(err, &known) && known.Exit == job.ExitUsage {
			return true
		}
		r.t.Fatal(report.Exit, err)
	}
	if copied != "" {
		r.out = copied
	}
	return false
}

// compare compares the folder with runs over the segments of each session.
func (r *trial) compare(failed bool) {
	r.t.Helper()
	var want []string
	var sum manifest.Accounting
	for i, first := 0, 0; i < len(r.paths); i++ {
		j := r.opts.Job
		j.Args, j.Out = r.paths[i], filepath.Join(r.dir, fmt.Sprint("offline", i))
		j.Stages.FirstInput, j.Stages.Workers = first, 1+r.rng.IntN(4)
		first += len(r.paths[i])
		if _, err := job.Run(r.t.Context(), j, job.IO{}); err != nil {
			if failed {
				return
			}
			r.t.Fatalf("offline: %v", err)
		}
		sum.Plus(&manifestOf(r.t, j.Out).Accounting)
		want = append(want, j.Out)
	}
	if failed {
		r.t.Fatal("live fails, and run does not")
	}
	rows, err := CompareAll(r.t.Context(), r.out, want)
	if err != nil {
		r.t.Errorf("behind %d rows: %v", rows, err)
	}
	got := manifestOf(r.t, r.out).Accounting
	if more, less := got.Minus(&sum), sum.Minus(&got); !reflect.DeepEqual(more, less) { // of nothing alone, both are the same
		r.t.Errorf("the accounting is\n%+v\nand not\n%+v", got, sum)
	}
	for _, dir := range append(want, r.out) {
		report, err := verify.Folder(r.t.Context(), dir, verify.DefaultConfig())
		if err != nil {
			r.t.Fatal(err)
		}
		for _, f := range report.Findings {
			r.t.Errorf("verify %s: %s", filepath.Base(dir), f)
		}
	}
}

func manifestOf(t *testing.T, dir string) *manifest.Manifest {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, manifest.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := manifest.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// copyFolder copies all that is in a folder.
func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if e.IsDir() {
			return os.Mkdir(filepath.Join(to, name), 0o700)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), data, 0o600)
	})
	if err != nil {
		t.Error(err)
	}
}
