package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pcapmill/bench/hostile"
	"pcapmill/bench/sharedtest"
	"pcapmill/cmd/job"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
)

// scene is a run of three captures into several parts, as it comes out
// undisturbed, and another run whose dataset it may have to replace.
type scene struct {
	dir    string
	inputs []string
	want   map[string]string // every file of the dataset but execution.json
	old    map[string]string // the same of the other run
}

// newScene makes both runs, in memory where the system has such a place.
func newScene(t *testing.T) *scene {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "pcapmill-crash-")
	if err != nil {
		dir = t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &scene{dir: dir}
	s.inputs = append(s.inputs, writeFile(t, dir, "demo.pcapng", demo(t)))
	for _, name := range []string{"syn_flood", "every_flow_expires"} {
		shape, err := hostile.ShapeNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(filepath.Join(dir, name+".pcap"))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(shape.Write(f, 300), f.Close()); err != nil {
			t.Fatal(err)
		}
		s.inputs = append(s.inputs, f.Name())
	}
	s.want = s.dataset(t, s.args("reference", false))
	s.old = s.dataset(t, s.otherArgs("old"))
	return s
}

// args are those of the run that is disturbed. Its parts are small, so that there
// are about twenty.
func (s *scene) args(out string, force bool) []string {
	args := append([]string{"run"}, s.inputs...)
	args = append(args, "-o", filepath.Join(s.dir, out), "-q", "--part-rows", "50", "--row-group-rows", "25")
	if force {
		args = append(args, "--force")
	}
	return args
}

// otherArgs are those of a run of one input.
func (s *scene) otherArgs(out string) []string {
	return []string{"run", s.inputs[1], "-o", filepath.Join(s.dir, out), "-q", "--part-rows", "150"}
}

// dataset makes a run and returns its files. The folder is removed.
func (s *scene) dataset(t *testing.T, args []string) map[string]string {
	t.Helper()
	run(t, args...).want(t, job.ExitOK)
	out := outOf(args)
	files := s.files(t, out)
	os.RemoveAll(out)
	return files
}

func outOf(args []string) string {
	for i, a := range args {
		if a == "-o" {
			return args[i+1]
		}
	}
	return ""
}

// files returns the content of every file below a folder but execution.json.
func (s *scene) files(t *testing.T, out string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(out, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == manifest.ExecutionName {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(out, path)
		files[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return files
}

// prepare returns the arguments of a run into a new folder, which holds the other
// run's dataset where the new one is to replace it.
func (s *scene) prepare(t *testing.T, name string, replace bool) []string {
	t.Helper()
	if replace {
		run(t, s.otherArgs(name)...).want(t, job.ExitOK)
	}
	return s.args(name, replace)
}

// nothingHalf fails the test where a file has a final name and not all of its
// content, or where a manifest is there whose tables are not.
func (s *scene) nothingHalf(t *testing.T, out string) {
	t.Helper()
	have := s.files(t, out)
	for name, data := range have {
		if !publish.IsOwn(filepath.Base(name)) && data != s.want[name] && data != s.old[name] {
			t.Errorf("%s has %d bytes that are no whole file of either run", name, len(data))
		}
	}
	for _, whole := range []map[string]string{s.want, s.old} {
		if document, ok := have[manifest.Name]; !ok || document != whole[manifest.Name] {
			continue
		}
		for name, data := range whole {
			if have[name] != data {
				t.Errorf("a manifest is there that lists %s, which is not", name)
			}
		}
	}
}

// again makes the run once more and fails the test unless the dataset is, byte
// for byte, that of the undisturbed run, and nothing else is there.
func (s *scene) again(t *testing.T, args []string) {
	t.Helper()
	run(t, args...).want(t, job.ExitOK)
	have := s.files(t, outOf(args))
	for name, data := range s.want {
		if have[name] != data {
			t.Errorf("after another run %s is not that of the undisturbed run", name)
		}
	}
	for name := range have {
		if _, ok := s.want[name]; !ok {
			t.Errorf("after another run %s is left over", name)
		}
	}
}

// disturbed checks the folder of a run that died or failed, makes the run again,
// and clears away.
func (s *scene) disturbed(t *testing.T, args []string, what string) {
	t.Helper()
	s.nothingHalf(t, outOf(args))
	s.again(t, args)
	if t.Failed() {
		t.Fatalf("after %s", what)
	}
	os.RemoveAll(outOf(args))
}

// points is how many of a long series are run: all of them under
// PCAPMILL_ACCEPT=1, a sample otherwise.
func points(all, sample int) int {
	if sharedtest.Accept() {
		return all
	}
	return sample
}

// TestKilledAtSystemCalls kills a run at its n-th call of each kind that touches
// files. strace counts calls per thread, so a point is the instant at which the
// first thread gets that far. Where no thread gets that far the run is none of those
// asked for, and another point takes its place.
func TestKilledAtSystemCalls(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	s := newScene(t)
	all, want, killed := s.callPoints(t), points(300, 5), 0
	for i := 0; killed < want; i++ {
		if i == 3*want {
			t.Fatalf("only %d of %d runs were killed", killed, i)
		}
		p := all[i%len(all)]
		args := s.prepare(t, fmt.Sprint("killed", i), i%4 == 3)
		code := s.strace(t, args, fmt.Sprintf("inject=%s:signal=KILL:when=%d", p.call, p.n)).code
		if code == -1 || code == 128+9 {
			killed++
		} else if code != job.ExitOK {
			t.Fatalf("killed at %v: exit code %d", p, code)
		}
		s.disturbed(t, args, fmt.Sprintf("a kill at %v", p))
	}
	t.Logf("killed at %d points of the %d that a run has", killed, len(all))
}

// TestKilledAtAnyInstant kills a run after a random time.
func TestKilledAtAnyInstant(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	s := newScene(t)
	start := time.Now()
	s.again(t, s.args("timed", false))
	usual := time.Since(start)
	rng := rand.New(rand.NewPCG(1, 2))
	killed, all := 0, points(200, 4)
	for i := range all {
		args := s.prepare(t, fmt.Sprint("instant", i), i%4 == 3)
		after := time.Duration(rng.Int64N(int64(usual)))
		if killedAfter(t, after, args) {
			killed++
		}
		s.disturbed(t, args, fmt.Sprintf("a kill after %v", after))
	}
	t.Logf("%d of %d runs killed, at random instants of %v", killed, all, usual)
}

// killedAfter starts a run, kills it, and reports whether it had not ended yet.
func killedAfter(t *testing.T, after time.Duration, args []string) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), after)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...) // which kills with SIGKILL
	cmd.Env = environment()
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return false
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &exit) && !exit.Exited():
		return true
	}
	t.Fatalf("%v: %s", err, out)
	return false
}

// TestLockOfADeadProcessIsTakenOver finds what a killed process left of its lock.
func TestLockOfADeadProcessIsTakenOver(t *testing.T) {
	s := newScene(t)
	args := s.args("dead", false)
	out := outOf(args)
	if err := os.Mkdir(out, 0o700); err != nil {
		t.Fatal(err)
	}
	// What kill -9 leaves: a lock file that nobody holds, and the marker.
	writeFile(t, out, ".pcapmill-lock", []byte("process 1 on elsewhere"))
	writeFile(t, out, ".pcapmill-tmp-0123456789abcdef", []byte("half"))
	s.again(t, args)
}

// TestTwoProcessesOneFolder starts two equal runs at once, again and again. One
// writes; the other is refused, or comes late and finds everything done.
func TestTwoProcessesOneFolder(t *testing.T) {
	s := newScene(t)
	refused := 0
	for i := range points(100, 4) {
		args := s.prepare(t, fmt.Sprint("race", i), i%4 == 3)
		results := make(chan result, 2)
		for range 2 {
			go func() { results <- race(args) }()
		}
		a, b := <-results, <-results
		if a.code > b.code {
			a, b = b, a
		}
		if a.code != job.ExitOK || b.code != job.ExitOK && b.code != job.ExitUsage {
			t.Fatalf("race %d: exit codes %d and %d: %s%s", i, a.code, b.code, a.err, b.err)
		}
		if b.code == job.ExitUsage {
			refused++
			if !strings.Contains(b.err, "is being written by another process") {
				t.Errorf("race %d: %s", i, b.err)
			}
		}
		s.disturbed(t, args, fmt.Sprintf("race %d", i))
	}
	t.Logf("the second was refused %d times", refused)
}

// race is run without a test, for goroutines.
func race(args []string) result {
	var stderr strings.Builder
	cmd := exec.Command(binary, args...)
	cmd.Env, cmd.Stderr = environment(), &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		return result{code: job.ExitInternal, err: err.Error()}
	}
	return result{code: cmd.ProcessState.ExitCode(), err: stderr.String()}
}
