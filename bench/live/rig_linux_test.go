package live

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"pcapmill/bench/sharedtest"
)

// rig is a world with the folders of a live run, in memory where the system has such a place:
// what is measured is not the disk of the machine that builds.
type rig struct {
	t        testing.TB
	world    *World
	send     *Sender
	dir      string
	seg, out string
	binary   string
}

func newRig(t testing.TB) *rig {
	t.Helper()
	w := newWorld(t)
	dir, err := os.MkdirTemp("/dev/shm", "pcapmill-live-")
	if err != nil {
		dir = t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	r := &rig{t: t, world: w, send: w.sender(t), dir: dir, binary: program(t)}
	r.anew("")
	return r
}

// anew takes other folders.
func (r *rig) anew(name string) {
	r.out = filepath.Join(r.dir, "out"+name)
	r.seg = r.out + "-segments"
}

var built struct {
	sync.Once
	path string
	err  error
}

// program is the binary under test: $PCAPMILL_BINARY, or one built once for all tests.
func program(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("PCAPMILL_BINARY"); path != "" {
		return path
	}
	built.Do(func() {
		dir, err := os.MkdirTemp("", "pcapmill-program-")
		if err != nil {
			built.err = err
			return
		}
		built.path = filepath.Join(dir, "pcapmill")
		pgo := "off"
		if sharedtest.Accept() { // figures are for the binary that is released
			pgo = "auto"
		}
		cmd := exec.Command("go", "build", "-buildvcs=false", "-pgo="+pgo, "-o", built.path, "pcapmill/cmd/pcapmill")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("building pcapmill: %w\n%s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.path != "" {
		os.RemoveAll(filepath.Dir(built.path))
	}
	os.Exit(code)
}

// random is the same in every run of a test.
func random(t testing.TB) *rand.Rand {
	var seed [32]byte
	copy(seed[:], t.Name())
	return rand.New(rand.NewChaCha8(seed))
}

// launch starts pcapmill, which a failed test or its end kills.
func (r *rig) launch(args ...string) *Process {
	r.t.Helper()
	p, err := r.world.Launch(r.binary, args...)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		if p.Kill(); r.t.Failed() {
			r.t.Logf("%v said:\n%s", args, p.Said())
		}
	})
	return p
}

// until waits at most a minute.
func (r *rig) until(what string, p *Process, ask func() bool) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), time.Minute)
	defer cancel()
	gone := false
	err := Until(ctx, what, func() bool {
		select {
		case <-p.Gone():
			gone = true
			return true
		default:
			return ask()
		}
	})
	if gone {
		r.t.Fatalf("waiting for %s: the program has ended: %s", what, p.Said())
	}
	if err != nil {
		r.t.Fatalf("%v: %s", err, p.Said())
	}
}

// capture starts live capture and waits until it captures.
func (r *rig) capture(args ...string) *Process {
	r.t.Helper()
	before := r.recorded().Sessions
	p := r.launch(append([]string{"live", "capture", "-i", "vb", "--segments", r.seg}, args...)...)
	r.until("a session", p, func() bool { return r.recorded().Sessions > before })
	return p
}

// analyse starts live analyse.
func (r *rig) analyse(args ...string) *Process {
	r.t.Helper()
	return r.launch(append([]string{"live", "analyse", r.seg, "-o", r.out}, args...)...)
}

func (r *rig) recorded() Recorded {
	r.t.Helper()
	recorded, err := ReadSegments(r.seg)
	if err != nil {
		r.t.Fatal(err)
	}
	return recorded
}

// stop ends a program in order, within the ten seconds that are promised.
func (r *rig) stop(p *Process) time.Duration {
	r.t.Helper()
	took, code, err := p.Stop(10 * time.Second)
	if err != nil || code != 0 {
		r.t.Errorf("at its end: exit code %d, %v: %s", code, err, p.Said())
	}
	return took
}

// ended waits for the end of a program that has all that it waits for.
func (r *rig) ended(p *Process) {
	r.t.Helper()
	if code, err := p.Wait(10 * time.Minute); err != nil || code != 0 {
		r.t.Fatalf("exit code %d, %v: %s", code, err, p.Said())
	}
}

// arrived waits until all that was sent has come to the other end, and returns how many did.
func (r *rig) arrived() uint64 {
	r.t.Helper()
	r.world.settled(r.t, r.send.Sent)
	c, err := r.world.Counts("vb")
	if err != nil {
		r.t.Fatal(err)
	}
	return c.Received
}

// offline runs over the segments, in their order, and compares all tables.
func (r *rig) offline() (rows int64) {
	r.t.Helper()
	recorded := r.recorded()
	folder := r.out + "-offline"
	args := append([]string{"run", "-q", "-o", folder}, recorded.Paths(r.seg)...)
	if code, err := r.launch(args...).Wait(30 * time.Minute); err != nil || code != 0 && code != 3 {
		r.t.Fatalf("run: exit code %d, %v", code, err)
	}
	rows, err := Compare(r.t.Context(), r.out, folder)
	if err != nil {
		r.t.Errorf("live and offline tables differ: %v", err)
	}
	return rows
}
