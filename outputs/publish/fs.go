package publish

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// FS is what publishing needs of a file system, below one folder. Names are
// relative to it, with slashes. Tests put one that fails in its place; package
// faultfs has it.
type FS interface {
	// Create makes a new file, mode 0600, for writing. It fails where the name exists.
	Create(name string) (Handle, error)
	// Open opens a regular file for reading.
	Open(name string) (Handle, error)
	// Lstat describes a name without following a link.
	Lstat(name string) (fs.FileInfo, error)
	// ReadDir lists a folder, sorted.
	ReadDir(name string) ([]fs.DirEntry, error)
	// Mkdir makes a new folder, mode 0700.
	Mkdir(name string) error
	// Own gives the folder itself mode 0700.
	Own() error
	// Rename puts a file in place.
	Rename(from, to string) error
	// Remove removes a file or an empty folder.
	Remove(name string) error
	// SyncDir makes the entries of a folder durable, where the system can.
	SyncDir(name string) error
	// Lock takes the lock file of that name, or reports ErrBusy at once.
	Lock(name string) (Lock, error)
	// Close ends the use of the folder.
	Close() error
}

// Handle is an open file of an FS.
type Handle interface {
	io.Writer
	io.ReaderAt
	Sync() error
	Stat() (fs.FileInfo, error)
	Close() error
}

// Lock is a held lock file.
type Lock interface {
	// Unlock removes the file and gives up the lock.
	Unlock() error
}

const (
	fileMode fs.FileMode = 0o600
	dirMode  fs.FileMode = 0o700
)

// osFS is the operating system's file system below an os.Root.
type osFS struct{ root *os.Root }

// OpenOS opens the folder, creating it and its parents where they are absent. It
// reports whether it created it.
func OpenOS(dir string) (fsys FS, created bool, err error) {
	info, err := os.Lstat(dir)
	if os.IsNotExist(err) {
		if created, err = makeFolder(dir); err != nil {
			return nil, false, err
		}
		info, err = os.Lstat(dir)
	}
	switch {
	case err != nil:
		return nil, created, SystemError("open", dir, err)
	case info.Mode()&fs.ModeSymlink != 0:
		return nil, false, refuse(dir, ErrUnsafe, "it is a symbolic link")
	case !info.IsDir():
		return nil, false, refuse(dir, ErrNotFolder, "")
	}
	if why := ownerProblem(info); why != "" {
		return nil, false, refuse(dir, ErrUnsafe, why)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, created, SystemError("open", dir, err)
	}
	// Between Lstat and OpenRoot someone may have put a link in its place.
	if opened, err := root.Stat("."); err != nil || !os.SameFile(info, opened) {
		root.Close()
		return nil, false, refuse(dir, ErrUnsafe, "it changed while it was opened")
	}
	return osFS{root}, created, nil
}

// OpenParent opens the folder of a single file, creating it and its parents where they are absent. It
// may be anybody's, as /tmp is, or be reached by a link: nothing in it is trusted or removed, and a
// file gets its name there in one step.
func OpenParent(dir string) (FS, error) {
	info, err := os.Stat(dir)
	if os.IsNotExist(err) {
		if _, err = makeFolder(dir); err != nil {
			return nil, err
		}
		info, err = os.Stat(dir)
	}
	switch {
	case err != nil:
		return nil, SystemError("open", dir, err)
	case !info.IsDir():
		return nil, refuse(dir, ErrNotFolder, "")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, SystemError("open", dir, err)
	}
	return osFS{root}, nil
}

// makeFolder creates a folder, unless another process does so at the same time, whose it then is.
func makeFolder(dir string) (created bool, err error) {
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, dirMode); err != nil {
		return false, SystemError("create folder", parent, err)
	}
	switch err := os.Mkdir(dir, dirMode); {
	case errors.Is(err, fs.ErrExist):
		return false, nil
	case err != nil:
		return false, SystemError("create folder", dir, err)
	}
	if p, err := os.Open(parent); err == nil { // a parent we may write but not read cannot be synced
		defer p.Close()
		if err := syncDir(p); err != nil {
			return true, SystemError("sync folder", parent, err)
		}
	}
	return true, nil
}

// RemoveEmpty removes a folder again, where it is empty and still a folder: what somebody put in its
// place meanwhile stays.
func RemoveEmpty(dir string) {
	if info, err := os.Lstat(dir); err == nil && info.IsDir() {
		_ = os.Remove(dir)
	}
}

func (f osFS) Create(name string) (Handle, error) {
	h, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return nil, err
	}
	if err := giveBack(h, fileMode); err != nil {
		return nil, errors.Join(err, h.Close(), f.root.Remove(name))
	}
	return h, nil
}

// giveBack sets what a umask may have taken of the mode of a new file. Where nothing is missing it asks for nothing:
// file systems that keep no modes, or whose files belong to whoever mounted them, refuse it.
func giveBack(h *os.File, mode fs.FileMode) error {
	info, err := h.Stat()
	if err != nil || info.Mode()&mode == mode {
		return err
	}
	return h.Chmod(mode)
}

func (f osFS) Open(name string) (Handle, error) {
	// Opening a pipe would wait for its writer, so look first.
	info, err := f.root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	h, err := f.root.Open(name)
	if err != nil {
		return nil, err
	}
	return h, nil
}

func (f osFS) Lstat(name string) (fs.FileInfo, error) { return f.root.Lstat(name) }

func (f osFS) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(f.root.FS(), name) }

func (f osFS) Mkdir(name string) error {
	if err := f.root.Mkdir(name, dirMode); err != nil {
		return err
	}
	return f.chmodDir(name)
}

func (f osFS) Own() error { return f.chmodDir(".") }

func (f osFS) chmodDir(name string) error {
	h, err := f.root.Open(name)
	if err != nil {
		return err
	}
	defer h.Close()
	return chmodDir(h)
}

func (f osFS) Rename(from, to string) error { return f.root.Rename(from, to) }

func (f osFS) Remove(name string) error { return f.root.Remove(name) }

func (f osFS) SyncDir(name string) error {
	h, err := f.root.Open(name)
	if err != nil {
		return err
	}
	defer h.Close()
	return syncDir(h)
}

func (f osFS) Close() error { return f.root.Close() }
