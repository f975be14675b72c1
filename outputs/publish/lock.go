package publish

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"pcapmill/outputs/text"
)

// ErrNoLocks: the file system has no locks. The run goes on without; Status says so.
var ErrNoLocks = errors.New("no locks on this file system")

// lockTries bounds how often a lock file that vanishes under us is opened anew.
const lockTries = 20

// osLock is a lock file that is locked and is still the one of its name.
type osLock struct {
	fsys osFS
	name string
	file *os.File
}

func (f osFS) Lock(name string) (Lock, error) {
	for range lockTries {
		h, err := f.root.OpenFile(name, os.O_RDWR|os.O_CREATE, fileMode)
		if err != nil {
			return nil, err
		}
		held, err := f.tryLock(h, name)
		if err != nil {
			h.Close()
			if errors.Is(err, ErrNoLocks) {
				_ = f.root.Remove(name)
			}
			return nil, err
		}
		if held {
			return &osLock{f, name, h}, nil
		}
		h.Close()
	}
	return nil, fmt.Errorf("%w: its lock file keeps changing", ErrBusy)
}

// tryLock locks h without waiting. The holder before us removes the file with the
// lock held, so the one we locked may have lost its name: then it is worth
// nothing and held is false.
func (f osFS) tryLock(h *os.File, name string) (held bool, err error) {
	switch err := lockFile(h); {
	case errors.Is(err, ErrBusy):
		return false, fmt.Errorf("%w%s", ErrBusy, holder(h))
	case err != nil:
		return false, err
	}
	ours, err := h.Stat()
	if err != nil {
		return false, err
	}
	named, err := f.root.Lstat(name)
	if err != nil || !os.SameFile(ours, named) {
		return false, nil
	}
	// For whoever finds it locked. That it cannot be written costs only the number.
	_ = h.Truncate(0)
	_, _ = h.WriteAt([]byte(processName()), 0)
	return true, nil
}

// processName is what a lock file says of its holder.
func processName() string {
	host, _ := os.Hostname()
	return fmt.Sprintf("process %d on %s", os.Getpid(), host)
}

// holder reads who holds a lock, as ": process 17 on host", or "".
func holder(h *os.File) string {
	b := make([]byte, 200)
	n, err := h.ReadAt(b, 0)
	if n == 0 || err != nil && !errors.Is(err, io.EOF) {
		return ""
	}
	return ": " + text.Escape(strings.TrimSpace(string(b[:n])))
}

// Unlock removes the file while the lock is still held, so that whoever waits for
// it notices and makes a new one.
func (l *osLock) Unlock() error {
	err := l.fsys.Remove(l.name)
	return errors.Join(err, l.file.Close())
}
