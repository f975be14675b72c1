package checkpoint

import (
	"os"
	"path/filepath"
	"strings"
)

const temporary = ".tmp"

// isTemporary reports whether a file is one that was not finished.
func isTemporary(name string) bool {
	return strings.HasPrefix(name, ".checkpoint-") && strings.HasSuffix(name, temporary)
}

// newOne is a file that is not published.
type newOne struct {
	*os.File
	dir, name string
	published bool
}

// newFile begins a file under a temporary name.
func newFile(dir, name string) (*newOne, error) {
	f, err := os.OpenFile(filepath.Join(dir, "."+name+temporary), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	return &newOne{File: f, dir: dir, name: name}, err
}

// publish syncs the file and gives it its name.
func (f *newOne) publish() error {
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), filepath.Join(f.dir, f.name)); err != nil {
		return err
	}
	f.published = true
	return syncFolder(f.dir)
}

// abandon removes a file that is not published.
func (f *newOne) abandon() {
	if !f.published {
		_ = f.Close() // it may be closed; what counts is that it goes
		_ = os.Remove(f.Name())
	}
}
