package publish_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/publish/faultfs"
)

// TestEveryCallFails makes each call of a run fail in turn, once, with each error.
// After it nothing half-written may be visible, nothing may be left behind where
// the clean-up itself could work, and a new run gives the same bytes.
func TestEveryCallFails(t *testing.T) {
	old, fresh := newRun("old"), newRun("new")
	reference := tempDir(t)
	fresh.must(t, reference, false)
	want := tree(t, reference)
	for _, c := range []struct {
		name   string
		before *run
		force  bool
	}{{"into an empty folder", nil, false}, {"over another run", &old, true}} {
		t.Run(c.name, func(t *testing.T) {
			for n := 1; ; n++ {
				dir := tempDir(t)
				if c.before != nil {
					c.before.must(t, dir, false)
				}
				if !failAt(t, dir, fresh, c.force, n, old, fresh) {
					t.Logf("%d calls failed in turn", n-1)
					return
				}
				fresh.must(t, dir, c.force)
				sameTree(t, tree(t, dir), want)
				checkTidy(t, dir)
				os.RemoveAll(dir)
			}
		})
	}
}

// failAt makes call n fail and reports whether there was one.
func failAt(t *testing.T, dir string, r run, force bool, n int, runs ...run) bool {
	t.Helper()
	injected := []error{syscall.ENOSPC, syscall.EIO, syscall.EDQUOT, syscall.EROFS}[n%4]
	var hit *faultfs.Call
	fsys := open(t, dir, func(c faultfs.Call) error {
		if c.N != n {
			return nil
		}
		hit = &c
		return injected
	})
	_, err := r.into(fsys, dir, force)
	if hit == nil {
		if err != nil {
			t.Fatalf("without a fault: %v", err)
		}
		return false
	}
	what := fmt.Sprintf("call %d, %s %s", hit.N, hit.Op, hit.Name)
	done := published(t, dir, runs...)
	switch finished := done != nil && done.plan == r.plan; {
	case err == nil && !finished:
		t.Errorf("%s failed, no error came, and the run is not there", what)
	case err != nil && !errors.Is(err, injected):
		t.Errorf("%s failed: error %v does not say why", what, err)
	case err != nil && !strings.Contains(err.Error(), dir):
		t.Errorf("%s failed: error %v does not say where", what, err)
	case err != nil && finished && !strings.Contains(err.Error(), "complete"):
		t.Errorf("%s failed: error %v, but the run is published", what, err)
	}
	checkNothingHalf(t, dir, runs...)
	return true
}

// TestEveryCallFailsFromNowOn is a disk that stays broken, so that clean-up fails too.
func TestEveryCallFailsFromNowOn(t *testing.T) {
	old, fresh := newRun("old"), newRun("new")
	reference := tempDir(t)
	fresh.must(t, reference, false)
	want := tree(t, reference)
	for n := 1; ; n++ {
		dir := tempDir(t)
		old.must(t, dir, false)
		broken := false
		_, err := fresh.into(open(t, dir, func(c faultfs.Call) error {
			if c.N < n {
				return nil
			}
			broken = true
			return syscall.EIO
		}), dir, true)
		if !broken {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
		checkNothingHalf(t, dir, old, fresh)
		published(t, dir, old, fresh)
		fresh.must(t, dir, true)
		sameTree(t, tree(t, dir), want)
		checkTidy(t, dir)
		os.RemoveAll(dir)
	}
}

// TestLostUnitIsRedone: a failed sync or close is never tried again on its file,
// and the part can be made anew under its number.
func TestLostUnitIsRedone(t *testing.T) {
	for _, op := range []string{"sync", "close", "syncdir"} {
		dir := tempDir(t)
		armed, asked := false, 0
		fsys := open(t, dir, func(c faultfs.Call) error {
			if armed && c.Op == op {
				asked++
				if asked == 1 {
					return syscall.EIO
				}
			}
			return nil
		})
		d, _, err := publish.OpenFS(fsys, dir, newRun("x").owner(false))
		if err != nil {
			t.Fatal(err)
		}
		flows, err := d.Table("flows")
		if err != nil {
			t.Fatal(err)
		}
		f, err := flows.Part(0, "csv")
		if err != nil {
			t.Fatal(err)
		}
		f.Write([]byte("rows"))
		armed = true
		_, err = f.Commit(nil)
		var lost *publish.Error
		if !errors.As(err, &lost) || !lost.Lost || !errors.Is(err, syscall.EIO) {
			t.Errorf("%s failed: %v, want a lost unit", op, err)
		}
		if _, err := f.Commit(nil); !errors.Is(err, publish.ErrState) || asked != 1 {
			t.Errorf("%s failed: a second Commit gives %v after %d calls", op, err, asked)
		}
		again, err := flows.Part(0, "csv")
		if err != nil {
			t.Fatal(err)
		}
		if p, err := write(again, []byte("rows")); err != nil || p.Path != "flows/part-00000.csv" {
			t.Errorf("%s failed: made anew: %+v, %v", op, p, err)
		}
		if err := d.Abort(); err != nil {
			t.Error(err)
		}
		if left := tree(t, dir); len(left) != 0 {
			t.Errorf("Abort left %v", left)
		}
	}
}

// TestFinishCanBeRepeated: space for the manifest may be found.
func TestFinishCanBeRepeated(t *testing.T) {
	dir, r := tempDir(t), newRun("x")
	full := 0
	fsys := open(t, dir, func(c faultfs.Call) error {
		if c.Op == "rename" && c.Name == "manifest.json" && full < 1 {
			full++
			return syscall.ENOSPC
		}
		return nil
	})
	d, _, err := publish.OpenFS(fsys, dir, r.owner(false))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Abort()
	m, err := r.tables(d)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Finish(m, &manifest.Execution{}); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("first Finish: %v", err)
	}
	if published(t, dir, r) != nil {
		t.Fatal("published in spite of an error")
	}
	if err := d.Finish(m, &manifest.Execution{}); err != nil {
		t.Fatalf("second Finish: %v", err)
	}
	if published(t, dir, r) == nil {
		t.Fatal("not published")
	}
	checkTidy(t, dir)
}

func TestErrorText(t *testing.T) {
	dir := tempDir(t)
	fsys := open(t, dir, func(c faultfs.Call) error {
		if c.Op == "write rest" && strings.HasPrefix(c.Name, "flows/") {
			return syscall.ENOSPC
		}
		return nil
	})
	_, err := newRun("x").into(fsys, dir, false)
	want := "write " + dir + "/flows/part-00000.parquet: no space left on device (after 100000 bytes)"
	if err == nil || strings.ReplaceAll(err.Error(), `\`, "/") != want {
		t.Errorf("error is\n%v, want\n%s", err, want)
	}
}
