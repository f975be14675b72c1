package input

import (
	"errors"
	"fmt"
	"os"
)

// ErrChanged says that a file changed while it was read.
var ErrChanged = errors.New("file changed while it was read")

// ChangeError is ErrChanged with what changed.
type ChangeError struct {
	Path   string
	Detail string // for people
}

// Error names the file and the change.
func (e *ChangeError) Error() string {
	return fmt.Sprintf("%s: %v: %s", Shown(e.Path), ErrChanged, e.Detail)
}

// Is reports whether target is ErrChanged.
func (e *ChangeError) Is(target error) bool { return target == ErrChanged }

// changed compares what a file was with what it is now, which is nil where that
// cannot be told because of err.
func changed(path string, before, now os.FileInfo, err error) error {
	e := &ChangeError{Path: path}
	switch {
	case err != nil || now == nil:
		e.Detail = "the file is gone"
	case !os.SameFile(now, before):
		e.Detail = "another file has its name now"
	case now.Size() > before.Size():
		e.Detail = fmt.Sprintf("it grew from %d to %d bytes; read and hashed are the first %d", before.Size(), now.Size(), before.Size())
	case now.Size() < before.Size():
		e.Detail = fmt.Sprintf("it shrank from %d to %d bytes", before.Size(), now.Size())
	default:
		e.Detail = "it was written to; the hash is of the bytes that were read"
	}
	return e
}
