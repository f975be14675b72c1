package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// calls are the system calls by which a run reads and writes files.
const calls = "write,pwrite64,fsync,renameat,close,openat,mkdirat,unlinkat,fchmod,flock,ftruncate,getdents64"

// callPoint is the n-th call of a kind in any one thread.
type callPoint struct {
	call string
	n    int
}

// String returns "call n".
func (p callPoint) String() string { return fmt.Sprintf("%s %d", p.call, p.n) }

// traced is what came of a run under strace.
type traced struct {
	code   int
	stderr string
	log    string
}

// strace runs the program under strace with one more -e. It skips the test where
// strace is not there or may not trace.
func (s *scene) strace(t *testing.T, args []string, expression string) traced {
	t.Helper()
	path, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed: apt-get install strace")
	}
	log := filepath.Join(s.dir, "strace.log")
	os.Remove(log)
	line := []string{"-f", "-y", "-o", log, "-e", "trace=" + calls, "-e", expression, binary}
	cmd := exec.Command(path, append(line, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr, cmd.Env = &stderr, append(environment(), "GOMAXPROCS=2")
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if strings.Contains(stderr.String(), "PTRACE") || strings.Contains(stderr.String(), "ptrace(") {
		t.Skip("strace may not trace here: ", stderr.String())
	}
	trace, err := os.ReadFile(log)
	if err != nil {
		t.Skip("strace leaves no log: ", stderr.String())
	}
	return traced{cmd.ProcessState.ExitCode(), stderr.String(), string(trace)}
}

// tracedCall finds thread and name of each traced call.
var tracedCall = regexp.MustCompile(`(?m)^(\d+) +(\w+)\(`)

// callPoints traces an undisturbed run and returns all points that it has, shuffled.
func (s *scene) callPoints(t *testing.T) []callPoint {
	t.Helper()
	args := s.args("traced", false)
	trace := s.strace(t, args, "signal=none")
	if trace.code != 0 {
		t.Fatalf("exit code %d: %s", trace.code, trace.stderr)
	}
	os.RemoveAll(outOf(args))
	counts, most := map[string]int{}, map[string]int{}
	for _, m := range tracedCall.FindAllStringSubmatch(trace.log, -1) {
		counts[m[1]+m[2]]++
		most[m[2]] = max(most[m[2]], counts[m[1]+m[2]])
	}
	var all []callPoint
	for _, name := range strings.Split(calls, ",") {
		for n := 1; n <= most[name]; n++ {
			all = append(all, callPoint{name, n})
		}
	}
	rand.New(rand.NewPCG(3, 4)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}
