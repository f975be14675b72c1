package publish

import (
	"errors"
	"os"
)

// Held reports whether a process holds the lock of a folder, which may be one that we cannot write.
// Where there are no locks nobody does.
func Held(dir string) bool {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return false
	}
	defer root.Close()
	info, err := root.Lstat(lockName)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	h, err := root.Open(lockName)
	if err != nil {
		return false
	}
	defer h.Close() // which gives the lock up again
	return errors.Is(lockFile(h), ErrBusy)
}
