package publish_test

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"pcapmill/outputs/publish/faultfs"
)

// The environment that makes this test binary a run which dies: the call before
// which it kills itself, the folder, and whether it replaces.
const (
	killAt    = "PCAPMILL_TEST_KILL_AT"
	killDir   = "PCAPMILL_TEST_KILL_DIR"
	killForce = "PCAPMILL_TEST_KILL_FORCE"
)

func TestMain(m *testing.M) {
	if n, err := strconv.Atoi(os.Getenv(killAt)); err == nil {
		dieAt(n)
	}
	os.Exit(m.Run())
}

// dieAt runs and kills its own process before call n: no deferred call, no
// clean-up, as with kill -9.
func dieAt(n int) {
	dir := os.Getenv(killDir)
	_, err := newRun("new").into(openOrDie(dir, func(c faultfs.Call) error {
		if c.N == n {
			self, _ := os.FindProcess(os.Getpid())
			_ = self.Kill()
			select {}
		}
		return nil
	}), dir, os.Getenv(killForce) != "")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	os.Exit(0)
}

// killed runs a child and reports whether it was killed, false where it finished.
func killed(t *testing.T, dir string, n int, force string) bool {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), killAt+"="+strconv.Itoa(n), killDir+"="+dir, killForce+"="+force)
	out, err := child.CombinedOutput()
	switch {
	case err == nil:
		return false
	case child.ProcessState.Exited() && child.ProcessState.ExitCode() == 2:
		t.Fatalf("killed at %d: %s", n, out)
	}
	return true
}

// stride is how many instants apart the tests look: all with PCAPMILL_ACCEPT=1.
func stride() int {
	if os.Getenv("PCAPMILL_ACCEPT") != "" {
		return 1
	}
	return 3
}

// TestKilledAtEveryCall kills a run before its calls. Whatever the instant: nothing partial has a final name, a manifest is of a whole run, and a
// new run gives the bytes of an uninterrupted one with nothing left over.
func TestKilledAtEveryCall(t *testing.T) {
	if testing.Short() {
		t.Skip("starts up to 200 processes")
	}
	old, fresh := newRun("old"), newRun("new")
	reference := tempDir(t)
	fresh.must(t, reference, false)
	want := tree(t, reference)
	for _, force := range []string{"", "force"} {
		n := 1
		for ; ; n += stride() {
			dir := tempDir(t)
			if force != "" {
				old.must(t, dir, false)
			}
			if !killed(t, dir, n, force) {
				break
			}
			checkNothingHalf(t, dir, old, fresh)
			published(t, dir, old, fresh)
			fresh.must(t, dir, force != "")
			sameTree(t, tree(t, dir), want)
			checkTidy(t, dir)
			if t.Failed() {
				t.Fatalf("killed before call %d (%q)", n, force)
			}
			os.RemoveAll(dir)
		}
		t.Logf("%d calls (%q)", n-1, force)
	}
}

// TestKilledTwice kills the run that clears up after a killed one.
func TestKilledTwice(t *testing.T) {
	if testing.Short() {
		t.Skip("starts up to 30 processes")
	}
	old, fresh := newRun("old"), newRun("new")
	reference := tempDir(t)
	fresh.must(t, reference, false)
	want := tree(t, reference)
	for n := 1; n < 60; n += 2 * stride() {
		dir := tempDir(t)
		old.must(t, dir, false)
		killed(t, dir, 61+n/2, "force")
		killed(t, dir, n, "force")
		checkNothingHalf(t, dir, old, fresh)
		published(t, dir, old, fresh)
		fresh.must(t, dir, true)
		sameTree(t, tree(t, dir), want)
		checkTidy(t, dir)
		os.RemoveAll(dir)
	}
}
