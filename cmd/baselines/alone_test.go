package baselines_test

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pcapmill/cmd/baselines"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/usage"
)

// TestAtOnce: builds and merges that add to one file at once all come into it, and leave no lock.
func TestAtOnce(t *testing.T) {
	dir, others := t.TempDir(), t.TempDir()
	out := filepath.Join(dir, "base")
	must(t, build(out, table(t, 8, "10.0.0.1")))
	var builds []baselines.Build
	for date := range 4 {
		b := build(out, table(t, date, "10.0.0.1"))
		b.Append = true
		builds = append(builds, b)
	}
	var all sync.WaitGroup
	for date := range 4 {
		other := filepath.Join(others, strconv.Itoa(date))
		must(t, build(other, table(t, 4+date, "10.0.0.1")))
		all.Go(func() {
			if _, err := baselines.Merge(context.Background(), out, []string{out, other}, false); err != nil {
				t.Error(err)
			}
		})
	}
	for _, b := range builds {
		all.Go(func() {
			if _, err := run(b); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	checked, err := baselines.Check(context.Background(), out)
	if err != nil || checked.Extent.Sources != 9 || checked.Extent.Days != 9 {
		t.Errorf("%+v, %v", checked, err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
}

// TestStoppedWait: a change that waits for another one of the same file ends with its context.
func TestStoppedWait(t *testing.T) {
	dir := t.TempDir()
	out, other := filepath.Join(dir, "base"), filepath.Join(dir, "other")
	must(t, build(out, table(t, 0, "10.0.0.1")))
	must(t, build(other, table(t, 1, "10.0.0.1")))
	folder, err := publish.OpenParent(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()                            //nolint:errcheck // of a folder
	lock, err := folder.Lock(".pcapmill-base.lock") // as another process has it
	if err != nil {
		t.Skip(err)
	}
	defer lock.Unlock() //nolint:errcheck // in a folder that goes
	stopped, stop := context.WithCancel(context.Background())
	stop()
	begin := time.Now()
	_, merged := baselines.Merge(stopped, out, []string{out, other}, false)
	_, forgot := baselines.Forget(stopped, out, []netip.Addr{netip.MustParseAddr("10.0.0.1")})
	for _, err := range []error{merged, forgot} {
		if !errors.Is(err, publish.ErrBusy) {
			t.Error(err)
		}
	}
	if took := time.Since(begin); took > 30*time.Second { // each would have waited for a minute
		t.Errorf("both waited for %v", took)
	}
}

// TestExportOntoItself: an export that has the baseline's name would be all that is left of it.
func TestExportOntoItself(t *testing.T) {
	out := filepath.Join(t.TempDir(), "base")
	must(t, build(out, table(t, 0, "10.0.0.1")))
	export := baselines.Export{File: out, Format: baselines.FormatJSON, Out: out, Force: true}
	if err := export.Run(context.Background(), nil); !errors.Is(err, usage.Err) || !strings.Contains(err.Error(), "is read") {
		t.Error(err)
	}
	if _, err := baselines.Check(context.Background(), out); err != nil {
		t.Error(err)
	}
}
