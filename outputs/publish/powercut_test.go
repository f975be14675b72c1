package publish_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path"
	"slices"

	"testing"
	"time"

	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/publish/faultfs"
)

// inode is a file or folder of a diskFS.
type inode struct {
	dir    bool
	data   []byte // as the process sees it
	synced []byte // as the disk has it for sure
}

// diskFS is a file system with a disk behind it that loses power. What was not
// synced, content and each entry of a folder by itself, may be on the disk or not:
// weaker than any real file system, so what holds here holds there.
type diskFS struct {
	now  map[string]*inode
	disk map[string]*inode // entries that are there for sure
}

func newDisk() *diskFS { return &diskFS{map[string]*inode{}, map[string]*inode{}} }

// cut returns what a restart may find.
func (d *diskFS) cut(r *rand.Rand) *diskFS {
	after := newDisk()
	names := map[string]bool{}
	for _, m := range []map[string]*inode{d.now, d.disk} {
		for name := range m {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		entry := d.now[name]
		if r.IntN(2) == 0 {
			entry = d.disk[name]
		}
		parent := path.Dir(name)
		if entry == nil || parent != "." && after.now[parent] == nil {
			continue
		}
		kept := &inode{dir: entry.dir, data: entry.synced}
		if len(entry.synced) != len(entry.data) {
			kept.data = entry.data[:r.IntN(len(entry.data)+1)]
		}
		kept.synced = kept.data
		after.now[name], after.disk[name] = kept, kept
	}
	return after
}

func missing(op, name string) error { return &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist} }

func (d *diskFS) Create(name string) (publish.Handle, error) {
	if d.now[name] != nil {
		return nil, &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	d.now[name] = &inode{}
	return &diskHandle{node: d.now[name], name: name}, nil
}

func (d *diskFS) Open(name string) (publish.Handle, error) {
	if d.now[name] == nil || d.now[name].dir {
		return nil, missing("open", name)
	}
	return &diskHandle{node: d.now[name], name: name}, nil
}

func (d *diskFS) Lstat(name string) (fs.FileInfo, error) {
	if d.now[name] == nil {
		return nil, missing("lstat", name)
	}
	return diskInfo{path.Base(name), d.now[name]}, nil
}

func (d *diskFS) ReadDir(name string) ([]fs.DirEntry, error) {
	var out []fs.DirEntry
	for _, n := range slices.Sorted(maps.Keys(d.now)) {
		if path.Dir(n) == name {
			out = append(out, fs.FileInfoToDirEntry(diskInfo{path.Base(n), d.now[n]}))
		}
	}
	return out, nil
}

func (d *diskFS) Mkdir(name string) error {
	if d.now[name] != nil {
		return &fs.PathError{Op: "mkdir", Path: name, Err: fs.ErrExist}
	}
	d.now[name] = &inode{dir: true}
	return nil
}

func (d *diskFS) Own() error { return nil }

func (d *diskFS) Rename(from, to string) error {
	if d.now[from] == nil {
		return missing("rename", from)
	}
	d.now[to] = d.now[from]
	delete(d.now, from)
	return nil
}

func (d *diskFS) Remove(name string) error {
	if d.now[name] == nil {
		return missing("remove", name)
	}
	for inner := range d.now {
		if path.Dir(inner) == name {
			return &fs.PathError{Op: "remove", Path: name, Err: errors.New("not empty")}
		}
	}
	delete(d.now, name)
	return nil
}

func (d *diskFS) SyncDir(name string) error {
	for _, m := range []map[string]*inode{d.disk, d.now} {
		for n := range m {
			if path.Dir(n) == name && d.now[n] != nil {
				d.disk[n] = d.now[n]
			} else if path.Dir(n) == name {
				delete(d.disk, n)
			}
		}
	}
	return nil
}

func (d *diskFS) Lock(string) (publish.Lock, error) { return diskLock{}, nil }

func (d *diskFS) Close() error { return nil }

type diskLock struct{}

func (diskLock) Unlock() error { return nil }

type diskHandle struct {
	node *inode
	name string
}

func (h *diskHandle) Write(p []byte) (int, error) {
	h.node.data = append(h.node.data, p...)
	return len(p), nil
}

func (h *diskHandle) ReadAt(p []byte, at int64) (int, error) {
	return bytes.NewReader(h.node.data).ReadAt(p, at)
}

func (h *diskHandle) Sync() error {
	h.node.synced = slices.Clone(h.node.data)
	return nil
}

func (h *diskHandle) Stat() (fs.FileInfo, error) { return diskInfo{path.Base(h.name), h.node}, nil }

func (h *diskHandle) Close() error { return nil }

var _ io.ReaderAt = (*diskHandle)(nil)

type diskInfo struct {
	name string
	node *inode
}

func (i diskInfo) Name() string       { return i.name }
func (i diskInfo) Size() int64        { return int64(len(i.node.data)) }
func (i diskInfo) ModTime() time.Time { return time.Time{} }
func (i diskInfo) IsDir() bool        { return i.node.dir }
func (i diskInfo) Sys() any           { return nil }

func (i diskInfo) Mode() fs.FileMode {
	if i.node.dir {
		return fs.ModeDir | 0o700
	}
	return 0o600
}

// wholeDisk fails where the manifest publishes anything that is not whole, and
// returns the plan of what is published.
func wholeDisk(t *testing.T, d *diskFS, runs ...run) string {
	t.Helper()
	if d.now[manifest.Name] == nil {
		return ""
	}
	m, err := manifest.Decode(d.now[manifest.Name].data)
	if err != nil {
		t.Fatalf("manifest.json after a power cut: %v", err)
	}
	for _, r := range runs {
		for name, data := range r.files {
			if r.plan == m.PlanID && (d.now[name] == nil || string(d.now[name].data) != string(data)) {
				t.Fatalf("manifest.json is there after a power cut, but %s is not whole", name)
			}
		}
	}
	return m.PlanID
}

var errNoPower = errors.New("no power")

// TestPowerCut cuts the power before each call of a run that replaces another,
// several times with different luck. A manifest that survives is of a whole run,
// and a new run completes. A run that has ended survives every cut.
func TestPowerCut(t *testing.T) {
	old, fresh := newRun("old"), newRun("new")
	luck := rand.New(rand.NewPCG(1, 1))
	for n := 1; ; n++ {
		reached := false
		for range 9 / stride() {
			d := newDisk()
			if _, err := old.into(faultfs.New(d, noFault).SyncAll(), "out", false); err != nil {
				t.Fatal(err)
			}
			reached = cutAt(t, d, n, luck, old, fresh) || reached
			if t.Failed() {
				t.Fatalf("power cut before call %d", n)
			}
		}
		if !reached {
			t.Logf("%d instants", n-1)
			return
		}
	}
}

// cutAt replaces the run on d by fresh, cuts the power before call n, and tries again.
func cutAt(t *testing.T, d *diskFS, n int, luck *rand.Rand, old, fresh run) (reached bool) {
	var after *diskFS
	_, err := fresh.into(faultfs.New(d, func(c faultfs.Call) error {
		if c.N < n {
			return nil
		}
		if after == nil {
			after = d.cut(luck)
		}
		return errNoPower
	}).SyncAll(), "out", true)
	reached = after != nil
	if !reached {
		if err != nil {
			t.Fatal(err)
		}
		after = d.cut(luck)
	}
	if plan := wholeDisk(t, after, old, fresh); !reached && plan != fresh.plan {
		t.Fatalf("a run that had ended is lost: plan %q", plan)
	}
	if _, err := fresh.into(faultfs.New(after, noFault).SyncAll(), "out", true); err != nil {
		t.Fatalf("after the power cut: %v", err)
	}
	if plan := wholeDisk(t, after, old, fresh); plan != fresh.plan {
		t.Fatalf("after the power cut and a new run: plan %q", plan)
	}
	return reached
}
