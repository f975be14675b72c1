//go:build unix

package tables_test

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"pcapmill/features/column"
	"pcapmill/outputs/tables"
)

// TestFilesOfAPipe: to open one waits for a writer, and no signal ends that.
func TestFilesOfAPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	if _, err := tables.Files(pipe); !errors.Is(err, tables.ErrTable) {
		t.Error(err)
	}
}

// TestPartThatIsAPipe lies in a table's folder, by the name of a part.
func TestPartThatIsAPipe(t *testing.T) {
	dir := numbered(t, 1)
	if err := syscall.Mkfifo(filepath.Join(dir, "part-00001.parquet"), 0o600); err != nil {
		t.Skip(err)
	}
	read := make(chan error, 1)
	go func() {
		read <- tables.EachPart(dir, func(*column.Schema) error { return nil }, func(*tables.Part) error { return nil })
	}()
	select {
	case err := <-read:
		if !errors.Is(err, tables.ErrTable) {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("it waits for a writer")
	}
}
