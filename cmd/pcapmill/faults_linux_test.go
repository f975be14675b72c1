package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"pcapmill/bench/hostile"
	"pcapmill/bench/sharedtest"
	"pcapmill/cmd/job"
	"pcapmill/outputs/publish"
)

// errnos are the errors that a disk, a quota, a mount or a process's own limit
// give, with the text that a message must have.
var errnos = []struct{ name, text string }{
	{"ENOSPC", "no space left on device"},
	{"EIO", "input/output error"},
	{"EDQUOT", "disk quota exceeded"},
	{"EMFILE", "too many open files"},
	{"EROFS", "read-only file system"},
}

// injected finds the calls that strace made fail.
var injected = regexp.MustCompile(`(?m)^\d+ +(\w+)\((.*)\(INJECTED\)$`)

// TestFailingSystemCalls makes the n-th call of each kind fail. Where it was one
// that writes the dataset, the run says so with exit code 6, the path and the
// error, and publishes nothing; whatever it was, the run ends in order and the
// next one is whole.
func TestFailingSystemCalls(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	s := newScene(t)
	hit, output := 0, 0
	all := s.callPoints(t)
	for i, p := range all[:min(len(all), points(300, 5))] {
		errno := errnos[i%len(errnos)]
		args := s.prepare(t, fmt.Sprint("failed", i), i%4 == 3)
		r := s.strace(t, args, fmt.Sprintf("inject=%s:error=%s:when=%d", p.call, errno.name, p.n))
		what := fmt.Sprintf("%s at %v", errno.name, p)
		made := injected.FindAllStringSubmatch(r.log, -1)
		if len(made) > 0 {
			hit++
		}
		if s.mustFail(made, outOf(args)) {
			output++
			said := strings.Contains(r.stderr, errno.text) && strings.Contains(r.stderr, s.dir)
			if r.code != job.ExitOutput || !said && !silenced(made) {
				t.Errorf("%s: exit code %d: %s%v", what, r.code, r.stderr, made)
			}
		}
		if r.code == job.ExitInternal || r.code < 0 || strings.Contains(r.stderr, "goroutine") {
			t.Errorf("%s: exit code %d: %s", what, r.code, r.stderr)
		}
		if r.code == job.ExitPartial || r.code == job.ExitRejected { // it was an input: that run is another one
			os.RemoveAll(outOf(args))
			continue
		}
		s.disturbed(t, args, what)
	}
	t.Logf("%d runs had a failing call, %d of them one that writes the dataset", hit, output)
}

// silenced reports whether the message itself was among the writes that failed:
// it was another thread's n-th.
func silenced(made [][]string) bool {
	for _, m := range made {
		if m[1] == "write" && strings.HasPrefix(m[2], "2<") {
			return true
		}
	}
	return false
}

// mustFail reports whether a call that was made to fail is one without which
// there is no dataset: a write, sync or creation below the output folder.
func (s *scene) mustFail(made [][]string, out string) bool {
	for _, m := range made {
		name, rest := m[1], m[2]
		if !strings.Contains(rest, "<"+out) {
			continue
		}
		switch name {
		case "write", "renameat", "mkdirat":
			// The lock file says who holds it, for people alone.
			return !strings.Contains(rest, ".pcapmill-lock")
		case "fsync":
			return true
		case "openat":
			return strings.Contains(rest, "O_CREAT")
		}
	}
	return false
}

// TestOddFileSystems: files are written where their mode cannot be set, as where they belong to whoever mounted
// them, where asking for a lock is interrupted, and where there are no locks; what cannot be written leaves nothing.
func TestOddFileSystems(t *testing.T) {
	s := &scene{dir: t.TempDir()}
	demo, out := filepath.Join(s.dir, "demo"), filepath.Join(s.dir, "out")
	base, alerts := filepath.Join(out, "demo.bl"), filepath.Join(out, "alerts.jsonl")
	if r := run(t, "run", "--demo", "--window", "10s", "-o", demo, "-q"); r.code != job.ExitOK {
		t.Fatal(r.err)
	}
	if err := os.Mkdir(out, 0o700); err != nil {
		t.Fatal(err)
	}
	build := []string{"baseline", "build", demo, "-o", base, "--force"}
	for _, c := range []struct {
		fault string
		args  []string
		code  int
	}{
		{"inject=fchmod:error=EPERM", build, job.ExitOK},
		{"inject=flock:error=EINTR:when=1", build, job.ExitOK},
		{"inject=flock:error=ENOLCK", build, job.ExitOK},
		{"inject=flock:error=ENOLCK", []string{"drift", demo, "--baseline", base, "--alerts", alerts, "--fail-on", "never", "-o", filepath.Join(out, "drift.txt")}, job.ExitOK},
		{"inject=fsync:error=EIO", build, job.ExitOutput},
	} {
		if r := s.strace(t, c.args, c.fault); r.code != c.code {
			t.Errorf("%s, %v: %d %s", c.fault, c.args, r.code, r.stderr)
		}
		entries, err := os.ReadDir(out)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if publish.IsTemporary(e.Name()) {
				t.Errorf("%s, %v: %s is left", c.fault, c.args, e.Name())
			}
		}
	}
	if _, err := os.Stat(alerts); err != nil {
		t.Error(err)
	}
}

// TestShortWrites lets the n-th write claim that it wrote one byte less than
// asked, and write nothing.
func TestShortWrites(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	s := newScene(t)
	for n := 1; n <= points(20, 2); n++ {
		args := s.prepare(t, fmt.Sprint("short", n), false)
		r := s.strace(t, args, fmt.Sprintf("inject=write:retval=1:when=%d", n))
		made := injected.FindAllStringSubmatch(r.log, -1)
		if s.mustFail(made, outOf(args)) && (r.code != job.ExitOutput || !strings.Contains(r.stderr, s.dir)) {
			t.Errorf("write %d: exit code %d: %s", n, r.code, r.stderr)
		}
		s.disturbed(t, args, fmt.Sprintf("a short write %d", n))
	}
}

// TestDisksOfSeveralSizesRunFull fills a disk with the tables of a flood: nothing
// stays behind, and there is room again.
func TestDisksOfSeveralSizesRunFull(t *testing.T) {
	sizes := []int{4, 16, 64}
	if !sharedtest.Accept() {
		sizes = sizes[:1]
	}
	dir := t.TempDir()
	for _, size := range sizes {
		disk := smallDisk(t, fmt.Sprintf("size=%dm", size), 0)
		flood := filepath.Join(dir, fmt.Sprint(size, ".pcap"))
		writeFlood(t, flood, size*4000) // of which a row of CSV takes more than 300 bytes
		out := filepath.Join(disk, "out")
		for _, format := range []string{job.FormatCSV, job.FormatSQLite} {
			run(t, "run", flood, "-o", out, "--format", format, "--part-rows", "20000", "-q").want(t, job.ExitOutput).
				says(t, "no space left on device", out)
			noDataset(t, out)
		}
		run(t, "run", "--demo", "-o", out, "-q").want(t, job.ExitOK)
	}
}

func writeFlood(t *testing.T, path string, packets int) {
	t.Helper()
	shape, err := hostile.ShapeNamed("udp6_random")
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := shape.Write(f, packets); err != nil {
		t.Fatal(err)
	}
}

// TestPipesAreNotWaitedFor: what is a pipe where a folder or a capture should be is refused at once.
func TestPipesAreNotWaitedFor(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := syscall.Mkfifo(at("pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	good, empty := writeFile(t, dir, "good", demo(t)), writeFile(t, dir, "empty", nil)
	run(t, "run", good, empty, "-o", at("out"), "-q").want(t, job.ExitRejected)
	for _, test := range []struct {
		code int
		args []string
	}{
		{job.ExitOutput, []string{"verify", at("pipe")}},
		{job.ExitRejected, []string{"dataset", "build", at("pipe"), "--labels", at("out"), "-o", at("new")}},
		{job.ExitRejected, []string{"label", at("out"), "--from-name", "*=x", "--packets", at("pipe"), "-o", at("new")}},
		{job.ExitRejected, []string{"label", at("out"), "--from-name", "*=x", "--packets", "/dev/zero", "-o", at("new")}},
	} {
		run(t, test.args...).want(t, test.code)
	}
	if err := os.Rename(at("pipe"), empty); err != nil {
		t.Fatal(err)
	}
	run(t, "run", good, empty, "-o", at("out"), "-q").want(t, job.ExitRejected)
}
