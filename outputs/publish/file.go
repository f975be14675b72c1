package publish

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"path"
	"path/filepath"
)

// Published is a file that has its final name.
type Published struct {
	Path   string // relative to the output folder, with slashes
	Bytes  int64
	SHA256 string // hex
}

// Check looks at a file that was written and opened again, before it gets its
// final name; an error refuses it.
type Check func(r io.ReaderAt, size int64) error

// Operations, as Error.Op names them.
const (
	opCreate  = "create"
	opWrite   = "write"
	opSync    = "sync"
	opClose   = "close"
	opCheck   = "check"
	opRename  = "rename"
	opSyncDir = "sync folder"
	opRemove  = "remove"
)

// bufferSize holds back writes so that small ones cost no system call; larger
// ones, such as column chunks, go past the buffer uncopied.
const bufferSize = 32 << 10

// File is a file in the making. It belongs to one goroutine. Exactly one of
// Commit and Abort ends it; Abort after Commit does nothing, so it can be deferred.
type File struct {
	fsys   FS
	root   string // of the output folder, for messages
	name   string // final
	temp   string
	out    *bufio.Writer
	tee    *tee
	err    error // first failure; final
	ended  bool
	over   bool            // whether it replaces what has its final name
	others bool            // whether another library writes it, through its path; see Outside
	commit func(Published) // told of success
}

// tee writes to the handle and hashes and counts what arrived there.
type tee struct {
	handle Handle
	sum    hash.Hash
	size   int64
}

func (t *tee) Write(p []byte) (int, error) {
	n, err := t.handle.Write(p)
	t.sum.Write(p[:n])
	t.size += int64(n)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	return n, err
}

func createFile(fsys FS, root, name string, commit func(Published)) (*File, error) {
	f := &File{fsys: fsys, root: root, name: name, temp: path.Join(path.Dir(name), tempName()), commit: commit}
	h, err := fsys.Create(f.temp)
	if err != nil {
		return nil, SystemError(opCreate, f.full(f.temp), err)
	}
	f.tee = &tee{handle: h, sum: sha256.New()}
	f.out = bufio.NewWriterSize(f.tee, bufferSize)
	return f, nil
}

func (f *File) full(name string) string { return filepath.Join(f.root, filepath.FromSlash(name)) }

// Name returns the final name, relative to the output folder.
func (f *File) Name() string { return f.name }

// Write appends p, which it does not keep. The first error is final.
func (f *File) Write(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	if f.ended {
		return 0, fmt.Errorf("%s: write: %w", f.name, ErrState)
	}
	if len(p) > bufferSize { // else the buffer would be filled up with its beginning
		if err := f.out.Flush(); err != nil {
			return 0, f.fail(opWrite, err)
		}
	}
	n, err := f.out.Write(p)
	if err != nil {
		return n, f.fail(opWrite, err)
	}
	return n, nil
}

// fail remembers the first error, which is about this file's final name.
func (f *File) fail(op string, err error) error {
	if f.err == nil {
		e := SystemError(op, f.full(f.name), err)
		e.Size = f.tee.size
		e.Lost = op == opSync || op == opClose || op == opSyncDir
		f.err = e
	}
	return f.err
}

// Commit puts the file in place; see the package comment. The check may be nil.
// After an error the file is gone, temporary and final name both.
func (f *File) Commit(check Check) (Published, error) {
	if f.ended {
		return Published{}, fmt.Errorf("%s: commit: %w", f.name, ErrState)
	}
	err := f.finish(check)
	f.ended = true
	if err != nil {
		f.discard()
		return Published{}, err
	}
	p := Published{Path: f.name, Bytes: f.tee.size, SHA256: hex.EncodeToString(f.tee.sum.Sum(nil))}
	if f.commit != nil {
		f.commit(p)
	}
	return p, nil
}

func (f *File) finish(check Check) error {
	if err := f.store(); err != nil {
		return err
	}
	if err := f.reread(check); err != nil {
		return f.fail(opCheck, err)
	}
	if f.over {
		return f.replace()
	}
	return f.place()
}

// store makes what was written durable and closes it.
func (f *File) store() error {
	if f.err != nil {
		return f.err
	}
	if f.others {
		if err := f.gather(); err != nil {
			return f.fail(opCheck, err)
		}
	}
	if err := f.out.Flush(); err != nil {
		return f.fail(opWrite, err)
	}
	if err := f.tee.handle.Sync(); err != nil {
		return f.fail(opSync, err)
	}
	err := f.tee.handle.Close()
	f.tee.handle = nil
	if err != nil {
		return f.fail(opClose, err)
	}
	return nil
}

// reread opens the written file again and looks at it as a reader would.
func (f *File) reread(check Check) error {
	h, err := f.fsys.Open(f.temp)
	if err != nil {
		return err
	}
	defer h.Close()
	info, err := h.Stat()
	if err != nil {
		return err
	}
	if info.Size() != f.tee.size {
		return fmt.Errorf("%d bytes were written, %d are there", f.tee.size, info.Size())
	}
	if check != nil {
		return check(h, f.tee.size)
	}
	return nil
}

// place gives the file its final name, which must be free.
func (f *File) place() error {
	if _, err := f.fsys.Lstat(f.name); err == nil {
		return f.fail(opRename, ErrExists)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return f.fail(opRename, err)
	}
	if err := f.replace(); err != nil {
		f.takeBack(err)
		return err
	}
	return nil
}

// takeBack removes the final name of a file that is in place, but perhaps not
// after a power cut.
func (f *File) takeBack(err error) {
	var e *Error
	if errors.As(err, &e) && e.Op == opSyncDir {
		_ = f.fsys.Remove(f.name)
	}
}

// replace gives the file its final name, in place of what has it.
func (f *File) replace() error {
	if err := f.fsys.Rename(f.temp, f.name); err != nil {
		return f.fail(opRename, err)
	}
	if err := f.fsys.SyncDir(path.Dir(f.name)); err != nil {
		return f.fail(opSyncDir, err)
	}
	return nil
}

// Abort removes what was written. After Commit it does nothing.
func (f *File) Abort() {
	if f.ended {
		return
	}
	f.ended = true
	f.discard()
}

// discard closes and removes the temporary file. That it cannot be removed is no
// news: its name shows what it is, and the next run clears it away.
func (f *File) discard() {
	if f.tee.handle != nil {
		_ = f.tee.handle.Close()
		f.tee.handle = nil
	}
	_ = f.fsys.Remove(f.temp)
}
