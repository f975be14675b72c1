//go:build unix

package input_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"pcapmill/ingest/input"
)

// withFewFiles runs f with room for few more open files than there are.
func withFewFiles(t *testing.T, few int, f func()) {
	t.Helper()
	probe, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	lowest := int(probe.Fd())
	probe.Close()
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &old); err != nil {
		t.Skipf("no limit of open files to be read: %v", err)
	}
	low := old
	low.Cur = 0
	for range lowest + few {
		low.Cur++ // the field's type differs between systems
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low); err != nil {
		t.Skipf("no limit of open files to be set: %v", err)
	}
	defer func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &old); err != nil {
			t.Error(err)
		}
	}()
	f()
}

// TestPipesAndDevices are refused without being opened: opening a pipe waits.
func TestPipesAndDevices(t *testing.T) {
	noLeak(t)
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe.pcap")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skipf("no pipe: %v", err)
	}
	for _, path := range []string{pipe, os.DevNull} {
		c, err := input.Open(path, nil, input.DefaultConfig())
		if err == nil || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("%s: %v", path, err)
		}
		if _, err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if paths, left := expand(t, dir, input.Filter{}); len(paths) != 0 || !slices.Equal(left, []string{"pipe.pcap not_a_file"}) {
		t.Errorf("%q %q", paths, left)
	}
}

// TestLinks follows links that are named and none that are found, so that no
// loop is walked.
func TestLinks(t *testing.T) {
	dir := t.TempDir()
	file := write(t, dir, "real/x.pcap", pcap(t, 60, 1*second))
	link := func(to, name string) string {
		path := filepath.Join(dir, name)
		if err := os.Symlink(to, path); err != nil {
			t.Skipf("no links: %v", err)
		}
		return path
	}
	toFile, toDir, toNothing := link(file, "file"), link(filepath.Join(dir, "real"), "dir"), link("nowhere", "real/gone")
	link(dir, "real/loop")
	list, err := input.Expand([]string{toFile, toDir}, input.Filter{}, input.DefaultConfig())
	if err != nil || !slices.Equal(list.Paths, []string{toFile, filepath.Join(toDir, "x.pcap")}) || len(list.Left) != 2 {
		t.Errorf("%+v %v", list, err)
	}
	c, err := input.Open(toFile, nil, input.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	if n, err := drain(c); n != 1 || err != nil {
		t.Errorf("%d packets, %v", n, err)
	}
	if _, err := c.Close(); err != nil {
		t.Error(err)
	}
	if _, err := input.Expand([]string{toNothing}, input.Filter{}, input.DefaultConfig()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("link to nothing: %v", err)
	}
	t.Run("turned while read", func(t *testing.T) {
		other := write(t, dir, "other.pcap", pcap(t, 60, 1*second))
		c, err := input.Open(toFile, nil, input.DefaultConfig())
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.Remove(toFile), os.Symlink(other, toFile)); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Close(); !errors.Is(err, input.ErrChanged) {
			t.Errorf("Close: %v", err)
		}
	})
}

// TestUnreadable holds that what must not be read is reported, not passed over,
// and that the rest of its directory is still listed.
func TestUnreadable(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("permissions do not bind the superuser")
	}
	dir := t.TempDir()
	write(t, dir, "ok.pcap", pcap(t, 60, 1*second))
	secret := write(t, dir, "secret.dat", pcap(t, 60, 1*second))
	closed := filepath.Dir(write(t, dir, "closed/x.pcap", pcap(t, 60, 1*second)))
	for path, mode := range map[string]fs.FileMode{secret: 0, closed: 0} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(path, 0o700) }) //nolint:errcheck // for the removal
	}
	paths, left := expand(t, dir, input.Filter{})
	if !slices.Equal(paths, []string{"closed", "secret.dat", "ok.pcap"}) || len(left) != 0 {
		t.Errorf("%q %q", paths, left)
	}
	for _, path := range []string{secret, closed} {
		c, err := input.Open(path, nil, input.DefaultConfig())
		if !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: %v", path, err)
		}
		if _, err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}
