package publish

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"pcapmill/outputs/text"
)

var (
	// ErrForeign: the folder is not empty and not ours. Force does not help.
	ErrForeign = errors.New("is not empty and was not written by pcapmill")
	// ErrOther: the folder is complete for other inputs, options or another build, or files of it are gone.
	ErrOther = errors.New("holds another run: use --force to replace it")
	// ErrLive: the folder is one of live tables, which grow and are never replaced.
	ErrLive = errors.New("holds the tables of a live capture: name another folder, or remove that one")
	// ErrUnsafe: the folder is a symbolic link or belongs to another user.
	ErrUnsafe = errors.New("cannot be trusted as an output folder")
	// ErrNotFolder: there is a file in the folder's place.
	ErrNotFolder = errors.New("is not a folder")
	// ErrBusy: another process is writing the folder.
	ErrBusy = errors.New("is being written by another process")
	// ErrExists: a file to be published is already there.
	ErrExists = errors.New("is already there")
	// ErrState: a call out of order, such as a Write after Commit.
	ErrState = errors.New("call out of order")
)

// lostError is an ErrOther: the run is the one at hand, but a file of it is not whole any more.
type lostError struct{ file string }

func (e lostError) Error() string {
	return "holds this run, but " + text.Escape(e.file) + " is gone or cut short: use --force to make it again"
}

// Is reports whether target is ErrOther.
func (lostError) Is(target error) bool { return target == ErrOther }

// Error is a failed operation of the system. Its text names the path and the cause.
type Error struct {
	Op   string // open, write, sync, close, check, rename, sync folder, …
	Path string // full, as given by the caller of Open
	Lost bool   // a sync or close failed: redo the unit in a new File, never this one
	Size int64  // bytes written before a failed write
	Err  error  // the system's error, such as syscall.ENOSPC
}

// Error names operation, path and cause, escaped.
func (e *Error) Error() string {
	s := fmt.Sprintf("%s %s: %v", e.Op, text.Escape(e.Path), e.Err)
	if e.Op == opWrite {
		s += fmt.Sprintf(" (after %d bytes)", e.Size)
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// refuse reports a folder that cannot be used.
func refuse(path string, why error, detail string) error {
	if detail != "" {
		detail = ": " + detail
	}
	return fmt.Errorf("%s %w%s", text.Escape(path), why, detail)
}

// SystemError returns an Error for path without the operation and the relative
// path that the standard library puts around the cause.
func SystemError(op, path string, err error) *Error {
	var pathErr *fs.PathError
	var linkErr *os.LinkError
	switch {
	case errors.As(err, &pathErr):
		err = pathErr.Err
	case errors.As(err, &linkErr):
		err = linkErr.Err
	}
	return &Error{Op: op, Path: filepath.Clean(path), Err: err}
}
