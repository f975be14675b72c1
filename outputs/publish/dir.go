package publish

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"pcapmill/outputs/manifest"
)

// Owner says for which run a folder is opened.
type Owner struct {
	PlanID string // manifest.PlanID
	RunKey string // manifest.RunKey; empty where the inputs have no stamps, as with stdin
	Force  bool   // whether a complete run of other inputs, options or build is replaced
}

// State is what Open found, and so what there is to do.
type State uint8

// The states. In the first three the folder is the caller's to write until Finish
// or Abort; in the last two it is not touched, and Replace would take it.
const (
	New       State = iota // was absent or empty
	Restarted              // had an unfinished run of ours, which was cleared away
	Replacing              // had a complete run, which was unpublished because of Force
	Complete               // is complete for the same plan and inputs: nothing to do
	SamePlan               // is complete for the same plan; compare Status.Manifest.InputHashes with the inputs
)

// String returns the state's name.
func (s State) String() string {
	return [...]string{"new", "restarted", "replacing", "complete", "same_plan"}[s]
}

// settled reports whether there may be nothing to do.
func (s State) settled() bool { return s == Complete || s == SamePlan }

// Status is what Open found in the folder.
type Status struct {
	State     State
	Manifest  *manifest.Manifest  // of the complete run, also when it is refused or replaced; nil where its version is another
	Execution *manifest.Execution // of the complete run; nil where execution.json is gone
	Previous  *manifest.Resume    // of the unfinished run that was cleared away
	Kept      []string            // other names in the folder, which are left alone
	Unlocked  bool                // the file system has no locks: nothing keeps a second process out
}

// Dir is an output folder. Its methods may be called from several goroutines.
type Dir struct {
	fsys    FS
	path    string
	owner   Owner
	created func() // removes the folder again; nil where it was there before

	mu        sync.Mutex
	lock      Lock
	mark      marker
	active    bool // ours to write
	removed   int  // files of earlier runs
	published []Published
}

// Open opens the output folder dir for a run, creating it where it is absent, and
// makes it ready to be written as its State says. The error is ErrForeign,
// ErrOther, ErrUnsafe, ErrNotFolder, ErrBusy or ErrUnreadable for folders that
// cannot be used, else an Error. The caller ends the use with Finish or Abort.
func Open(dir string, owner Owner) (*Dir, Status, error) {
	if dir == "" {
		return nil, Status{}, errors.New("the output folder has no name")
	}
	dir = filepath.Clean(dir) // also drops a slash at the end, behind which a link would hide
	fsys, created, err := OpenOS(dir)
	if err != nil {
		return nil, Status{}, err
	}
	var undo func()
	if created {
		undo = func() { RemoveEmpty(dir) }
	}
	return open(&Dir{fsys: fsys, path: dir, owner: owner, created: undo})
}

// OpenFS is Open for a folder that fsys reaches and that messages call path.
func OpenFS(fsys FS, path string, owner Owner) (*Dir, Status, error) {
	return open(&Dir{fsys: fsys, path: path, owner: owner})
}

func open(d *Dir) (*Dir, Status, error) {
	status, err := d.settle()
	if err != nil {
		d.release()
		if d.created != nil {
			d.created()
		}
		return nil, status, err
	}
	return d, status, nil
}

// settle decides what the folder is, without a lock where there is nothing to write.
func (d *Dir) settle() (Status, error) {
	seen, err := d.look()
	if err != nil {
		return Status{}, err
	}
	if seen.kind != complete {
		return d.take(leaveSamePlan)
	}
	status := seen.status(d.owner)
	switch {
	case status.State.settled():
		if file := d.lost(seen.manifest); file != "" && !d.owner.Force {
			return status, refuse(d.path, lostError{file}, "")
		}
		d.tidy(seen)
		return status, nil
	case !d.owner.Force:
		return status, d.other(&seen)
	}
	return d.take(leaveSamePlan)
}

// Path returns the folder's path as given to Open.
func (d *Dir) Path() string { return d.path }

// Replace takes a folder that Open found Complete or SamePlan, unpublishing the
// run in it. Without Owner.Force it is refused with ErrOther.
func (d *Dir) Replace() (Status, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.active {
		return Status{}, d.misuse("replace")
	}
	if !d.owner.Force {
		return Status{}, refuse(d.path, ErrOther, "")
	}
	return d.take(takeSamePlan)
}

func (d *Dir) misuse(call string) error {
	return fmt.Errorf("%s: %s: %w", d.path, call, ErrState)
}

// Table makes the folder of a table. Each name is made once.
func (d *Dir) Table(name string) (*Table, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.claim(name, name+"/"); err != nil {
		return nil, err
	}
	if err := d.fsys.Mkdir(name); err != nil {
		return nil, SystemError("create folder", d.full(name), err)
	}
	if err := d.syncDir(); err != nil {
		_ = d.fsys.Remove(name)
		return nil, err
	}
	return &Table{dir: d, name: name}, nil
}

// Create starts a file that is no part of a table, such as errors.pcapng.
func (d *Dir) Create(name string) (*File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.claim(name, name); err != nil {
		return nil, err
	}
	return createFile(d.fsys, d.path, name, d.note)
}

// claim enters a name into the marker before anything of that name is made.
func (d *Dir) claim(name, entry string) error {
	switch {
	case !d.active:
		return d.misuse("create " + name)
	case !validName(name) || name == manifest.Name || name == manifest.ExecutionName:
		return fmt.Errorf("%q cannot be the name of a table or file", name)
	case slices.Contains(d.mark.Owned, entry):
		return nil // a file that failed is made anew; a table's Mkdir refuses itself
	}
	if _, err := d.fsys.Lstat(name); err == nil {
		return refuse(d.full(name), ErrExists, "")
	}
	next := d.mark
	next.Owned = append(slices.Clone(d.mark.Owned), entry)
	if err := d.writeMarker(next); err != nil {
		return err
	}
	d.mark = next
	return nil
}

func (d *Dir) full(name string) string { return filepath.Join(d.path, filepath.FromSlash(name)) }

// note remembers a published file for Finish.
func (d *Dir) note(p Published) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.published = append(d.published, p)
}

// Table is one table's folder. Its methods may be called from several goroutines.
type Table struct {
	dir  *Dir
	name string
}

// Part starts part n, counted from 0, with the ending ext (without its dot). A
// part whose Commit failed is made anew with the same number.
func (t *Table) Part(n int, ext string) (*File, error) { return t.part(t.name, n, ext) }

func (t *Table) part(folder string, n int, ext string) (*File, error) {
	if n < 0 || !validName(ext) {
		return nil, fmt.Errorf("table %s: part %d.%s", t.name, n, ext)
	}
	t.dir.mu.Lock()
	defer t.dir.mu.Unlock()
	if !t.dir.active {
		return nil, t.dir.misuse("create a part of " + t.name)
	}
	return createFile(t.dir.fsys, t.dir.path, fmt.Sprintf("%s/part-%05d.%s", folder, n, ext), t.dir.note)
}

// Name returns the table's name.
func (t *Table) Name() string { return t.name }

// Partition is the folder of those of a table's rows that have a value of a column, which its
// name says as Hive does: split=train.
type Partition struct {
	table  *Table
	folder string
}

// Partition makes the folder of a partition, key=value, of letters, digits, _ - and dots. Each
// is made once.
func (t *Table) Partition(key, value string) (*Partition, error) {
	if !validName(key) || !validName(value) {
		return nil, fmt.Errorf("table %s: partition %q=%q", t.name, key, value)
	}
	d := t.dir
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.active {
		return nil, d.misuse("create a partition of " + t.name)
	}
	p := &Partition{table: t, folder: t.name + "/" + key + "=" + value}
	if err := d.fsys.Mkdir(p.folder); err != nil {
		return nil, SystemError("create folder", d.full(p.folder), err)
	}
	if err := d.fsys.SyncDir(t.name); err != nil {
		return nil, SystemError(opSyncDir, d.full(t.name), err)
	}
	return p, nil
}

// Part is Table.Part for the partition.
func (p *Partition) Part(n int, ext string) (*File, error) { return p.table.part(p.folder, n, ext) }

// Abort unpublishes the table's parts and removes its folder.
func (t *Table) Abort() error {
	d := t.dir
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.active {
		return d.misuse("abort " + t.name)
	}
	d.published = slices.DeleteFunc(d.published, func(p Published) bool { return strings.HasPrefix(filepath.ToSlash(p.Path), t.name+"/") })
	return d.removeTable(t.name)
}
