package publish_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/publish/faultfs"
)

// outside fills a file as another library would: here and there, by its path.
func outside(t *testing.T, path, content string) {
	t.Helper()
	h, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	for i := len(content) - 1; i >= 0; i-- {
		if _, err := h.WriteAt([]byte{content[i]}, int64(i)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOutside(t *testing.T) {
	dir := tempDir(t)
	d, _ := mustOpen(t, dir, newRun("x").owner(false))
	f, err := d.CreateOutside("tables.db")
	if err != nil {
		t.Fatal(err)
	}
	scratch, err := d.Scratch()
	if err != nil {
		t.Fatal(err)
	}
	outside(t, f.Path(), "content")
	outside(t, scratch.Path(), "more")
	if _, err := scratch.Commit(nil); !errors.Is(err, publish.ErrState) {
		t.Errorf("a scratch file was committed: %v", err)
	}
	scratch.Abort()
	checked := int64(0)
	p, err := f.Commit(func(r io.ReaderAt, size int64) error { checked = size; return nil })
	sum := sha256.Sum256([]byte("content"))
	if want := (publish.Published{Path: "tables.db", Bytes: 7, SHA256: hex.EncodeToString(sum[:])}); err != nil || p != want || checked != 7 {
		t.Errorf("%+v, %v, checked %d", p, err, checked)
	}
	f.Abort()
	info, err := os.Stat(f.Name())
	if err != nil || f.Name() != filepath.Join(dir, "tables.db") || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%s: %v, %v", f.Name(), info, err)
	}
	if err := d.Abort(); err != nil {
		t.Fatal(err)
	}
	sameTree(t, tree(t, dir), nil)
	if _, err := d.Scratch(); !errors.Is(err, publish.ErrState) {
		t.Errorf("a scratch file after the end: %v", err)
	}
}

// TestTablesInAFile have no folders: one of a table's name is somebody else's.
func TestTablesInAFile(t *testing.T) {
	dir, old := tempDir(t), newRun("old")
	d, _ := mustOpen(t, dir, old.owner(false))
	f, err := d.CreateOutside("tables.db")
	if err != nil {
		t.Fatal(err)
	}
	outside(t, f.Path(), "content")
	p, err := f.Commit(nil)
	if err != nil {
		t.Fatal(err)
	}
	m := &manifest.Manifest{
		PlanID: old.plan, Tool: manifest.Tool{Name: manifest.ToolName}, Files: []manifest.File{manifest.File(p)},
		Tables: []manifest.Table{{Name: "flows", SchemaSHA256: old.sha, File: p.Path}, {Name: "dns", SchemaSHA256: old.sha, File: p.Path}},
	}
	if err := d.Finish(m, &manifest.Execution{}); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "flows"), 0o700); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "flows", "part-00000.parquet"), "mine")
	put(t, filepath.Join(dir, "dns"), "mine")
	d, status := mustOpen(t, dir, newRun("new").owner(true))
	if err := d.Abort(); err != nil || status.State != publish.Replacing {
		t.Errorf("%v, %v", status.State, err)
	}
	sameTree(t, tree(t, dir), map[string]string{"flows/part-00000.parquet": "mine", "dns": "mine"})
}

// TestOutsideFails at every call of Commit in turn: nothing stays.
func TestOutsideFails(t *testing.T) {
	for n := 1; ; n++ {
		dir := tempDir(t)
		calls, armed := 0, false
		fsys := open(t, dir, func(c faultfs.Call) error {
			if !armed {
				return nil
			}
			if calls++; calls == n {
				return syscall.EIO
			}
			return nil
		})
		d, _, err := publish.OpenFS(fsys, dir, newRun("x").owner(false))
		if err != nil {
			t.Fatal(err)
		}
		f, err := d.CreateOutside("tables.db")
		if err != nil {
			t.Fatal(err)
		}
		outside(t, f.Path(), "content")
		armed = true
		_, err = f.Commit(nil)
		armed = false
		if calls < n {
			if err != nil || n < 5 {
				t.Errorf("%d calls: %v", n-1, err)
			}
			d.Abort()
			return
		}
		if !errors.Is(err, syscall.EIO) {
			t.Errorf("call %d failed: %v", n, err)
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 2 { // marker, lock
			t.Errorf("call %d failed: %v", n, entries)
		}
		if err := d.Abort(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReplaceOutside: the old file or the new one, whole.
func TestReplaceOutside(t *testing.T) {
	name := filepath.Join(tempDir(t), "file")
	bad := errors.New("bad")
	for _, c := range []struct {
		content, want string
		err           error
	}{{"old", "old", nil}, {"half", "old", bad}, {"new", "new", nil}} {
		p, err := publish.ReplaceOutside(name, func(path string) error {
			outside(t, path, c.content)
			return c.err
		}, nil)
		if !errors.Is(err, c.err) || err == nil && p.Bytes != int64(len(c.content)) {
			t.Errorf("%s: %+v, %v", c.content, p, err)
		}
		sameTree(t, tree(t, filepath.Dir(name)), map[string]string{"file": c.want})
	}
}
