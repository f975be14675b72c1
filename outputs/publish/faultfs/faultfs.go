// Package faultfs wraps a publish.FS so that tests can make any of its calls
// fail, be cut short, or be the last thing the process does.
package faultfs

import (
	"sync"

	"pcapmill/outputs/publish"
)

// Call is one call of the file system that changes it or makes it durable.
type Call struct {
	N    int    // from 1
	Op   string // create, write, write rest, sync, close, rename, remove, mkdir, own, syncdir, lock
	Name string
}

// Hook is asked before each Call. An error makes the call fail with it. A hook
// that does not return ends the process there. A write is two calls, with half of
// its bytes passing between them, as when a disk fills up.
type Hook func(Call) error

// FS is a publish.FS under a hook. Its methods may be called from any goroutine; the hook is
// called by one at a time.
type FS struct {
	publish.FS
	hook   Hook
	mu     sync.Mutex
	calls  int
	synced bool
}

// SyncAll passes syncs on. Without it they are only counted, so that tests of the
// order of calls need not wait for a disk.
func (f *FS) SyncAll() *FS {
	f.synced = true
	return f
}

// New wraps inner.
func New(inner publish.FS, hook Hook) *FS { return &FS{FS: inner, hook: hook} }

func (f *FS) ask(op, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	return f.hook(Call{f.calls, op, name})
}

// Create makes a file whose writes, sync and close are under the hook too.
func (f *FS) Create(name string) (publish.Handle, error) {
	if err := f.ask("create", name); err != nil {
		return nil, err
	}
	h, err := f.FS.Create(name)
	if err != nil {
		return nil, err
	}
	return &handle{h, f, name}, nil
}

// Mkdir makes a folder.
func (f *FS) Mkdir(name string) error {
	if err := f.ask("mkdir", name); err != nil {
		return err
	}
	return f.FS.Mkdir(name)
}

// Own sets the folder's mode.
func (f *FS) Own() error {
	if err := f.ask("own", "."); err != nil {
		return err
	}
	return f.FS.Own()
}

// Rename puts a file in place.
func (f *FS) Rename(from, to string) error {
	if err := f.ask("rename", to); err != nil {
		return err
	}
	return f.FS.Rename(from, to)
}

// Remove removes a file or an empty folder.
func (f *FS) Remove(name string) error {
	if err := f.ask("remove", name); err != nil {
		return err
	}
	return f.FS.Remove(name)
}

// SyncDir makes a folder's entries durable.
func (f *FS) SyncDir(name string) error {
	if err := f.ask("syncdir", name); err != nil {
		return err
	}
	if !f.synced {
		return nil
	}
	return f.FS.SyncDir(name)
}

// Lock takes the lock file.
func (f *FS) Lock(name string) (publish.Lock, error) {
	if err := f.ask("lock", name); err != nil {
		return nil, err
	}
	return f.FS.Lock(name)
}

type handle struct {
	publish.Handle
	fs   *FS
	name string
}

func (h *handle) Write(p []byte) (int, error) {
	if err := h.fs.ask("write", h.name); err != nil {
		return 0, err
	}
	n, err := h.Handle.Write(p[:len(p)/2])
	if err != nil {
		return n, err
	}
	if err := h.fs.ask("write rest", h.name); err != nil {
		return n, err
	}
	rest, err := h.Handle.Write(p[n:])
	return n + rest, err
}

func (h *handle) Sync() error {
	if err := h.fs.ask("sync", h.name); err != nil {
		return err
	}
	if !h.fs.synced {
		return nil
	}
	return h.Handle.Sync()
}

func (h *handle) Close() error {
	if err := h.fs.ask("close", h.name); err != nil {
		_ = h.Handle.Close() // the descriptor is gone even where close reports an error
		return err
	}
	return h.Handle.Close()
}
