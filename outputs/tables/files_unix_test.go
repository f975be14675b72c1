//go:build unix

package tables_test

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"

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
