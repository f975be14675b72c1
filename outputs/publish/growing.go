package publish

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"pcapmill/outputs/text"
)

// Growing is a folder that is written for as long as its process lives, such as that of live
// tables: files are put in place one by one, and what is in place is said elsewhere, in a ledger.
// Its methods may be called from several goroutines, but for Close.
type Growing struct {
	fsys FS
	path string
	lock Lock

	Unlocked bool // the file system has no locks: nothing keeps a second process out
}

// OpenGrowing opens the folder, which is made where it is absent, and takes its lock. Errors are
// those of Open.
func OpenGrowing(dir string) (*Growing, error) {
	dir = filepath.Clean(dir)
	fsys, _, err := OpenOS(dir)
	if err != nil {
		return nil, err
	}
	g := &Growing{fsys: fsys, path: dir}
	g.lock, err = fsys.Lock(lockName)
	switch {
	case errors.Is(err, ErrNoLocks):
		g.Unlocked = true
	case errors.Is(err, ErrBusy):
		err = fmt.Errorf("%s %w", text.Escape(dir), err)
	case err != nil:
		err = SystemError("lock", dir, err)
	default:
		err = fsys.Own()
	}
	if err != nil && !g.Unlocked {
		return nil, errors.Join(err, g.Close())
	}
	return g, nil
}

// Path returns the folder's path.
func (g *Growing) Path() string { return g.path }

// Close gives up the lock.
func (g *Growing) Close() error {
	var err error
	if g.lock != nil {
		err = g.lock.Unlock()
	}
	return errors.Join(err, g.fsys.Close())
}

// Create starts a file, of which over says whether it replaces what has its name. Folders of its
// name, with slashes, are made where they are absent.
func (g *Growing) Create(name string, over bool) (*File, error) {
	if err := g.makeFolders(path.Dir(name)); err != nil {
		return nil, err
	}
	f, err := createFile(g.fsys, g.path, name, nil)
	if err != nil {
		return nil, err
	}
	f.over = over
	return f, nil
}

func (g *Growing) makeFolders(name string) error {
	if name == "." {
		return nil
	}
	if info, err := g.fsys.Lstat(name); err == nil {
		if !info.IsDir() {
			return refuse(g.full(name), ErrNotFolder, "")
		}
		return nil
	}
	if err := g.makeFolders(path.Dir(name)); err != nil {
		return err
	}
	if err := g.fsys.Mkdir(name); err != nil && !errors.Is(err, fs.ErrExist) { // another goroutine was first
		return SystemError("create folder", g.full(name), err)
	}
	if err := g.fsys.SyncDir(path.Dir(name)); err != nil {
		return SystemError(opSyncDir, g.full(path.Dir(name)), err)
	}
	return nil
}

// Rename puts a file that was published under another name in place.
func (g *Growing) Rename(from, to string) error {
	if err := g.makeFolders(path.Dir(to)); err != nil {
		return err
	}
	if err := g.fsys.Rename(from, to); err != nil {
		return SystemError(opRename, g.full(to), err)
	}
	if err := g.fsys.SyncDir(path.Dir(to)); err != nil {
		return SystemError(opSyncDir, g.full(path.Dir(to)), err)
	}
	return nil
}

// Exists reports whether there is a regular file of that name.
func (g *Growing) Exists(name string) bool {
	info, err := g.fsys.Lstat(name)
	return err == nil && info.Mode().IsRegular()
}

// Names lists what is directly in a folder, sorted; nothing where it is absent.
func (g *Growing) Names(folder string) ([]fs.DirEntry, error) {
	entries, err := g.fsys.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, SystemError("list", g.full(folder), err)
	}
	return entries, nil
}

// Remove removes a file or an empty folder; that it is gone already is fine.
func (g *Growing) Remove(name string) error {
	if err := g.fsys.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return SystemError(opRemove, g.full(name), err)
	}
	return nil
}

// IsTemporary reports whether a file name is that of a File that was not committed.
func IsTemporary(name string) bool { return strings.HasPrefix(name, tempPrefix) }

func (g *Growing) full(name string) string { return filepath.Join(g.path, filepath.FromSlash(name)) }
