package publish_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"pcapmill/outputs/publish"
)

// TestFullDisk fills a small file system, where the tests may mount one.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=128k"); err != nil {
		t.Skip("cannot mount a small file system: ", err)
	}
	defer syscall.Unmount(dir, 0)
	out := filepath.Join(dir, "out")
	d, _, err := publish.Open(out, newRun("x").owner(false))
	if err != nil {
		t.Fatal(err)
	}
	var failed *publish.Error
	if err := newRun("x").fill(d); !errors.Is(err, syscall.ENOSPC) || !errors.As(err, &failed) || failed.Op != "write" {
		t.Errorf("error %v", err)
	}
	if err := d.Abort(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
