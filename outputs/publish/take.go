package publish

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"strings"

	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// newReader reads a handle from its beginning.
func newReader(h Handle) io.Reader { return io.NewSectionReader(h, 0, math.MaxInt64) }

// intent says what take does with a run of the same plan.
type intent uint8

const (
	leaveSamePlan intent = iota
	takeSamePlan
)

// take makes the folder this run's to write: lock, look again, clear away. A run
// of the same plan that another process finished meanwhile is left as it is.
func (d *Dir) take(want intent) (Status, error) {
	unlocked, err := d.acquire()
	if err != nil {
		return Status{}, err
	}
	status, err := d.clear(want)
	status.Unlocked = unlocked
	d.active = err == nil && !status.State.settled()
	if d.active {
		return status, nil
	}
	return status, errors.Join(err, d.unlock())
}

func (d *Dir) acquire() (unlocked bool, err error) {
	d.lock, err = d.fsys.Lock(lockName)
	switch {
	case errors.Is(err, ErrNoLocks):
		return true, nil
	case errors.Is(err, ErrBusy):
		return false, fmt.Errorf("%s %w", text.Escape(d.path), err)
	case err != nil:
		return false, SystemError("lock", d.full(lockName), err)
	}
	return false, nil
}

// clear empties the folder of earlier runs, whatever they left, under the lock.
func (d *Dir) clear(want intent) (Status, error) {
	seen, err := d.look() // another process may have been here before the lock was ours
	if err != nil {
		return Status{}, err
	}
	var status Status
	var owned []string
	switch seen.kind {
	case empty:
		status.State = New
	case unfinished:
		status.State, owned = d.wasUnfinished(seen, &status)
	case complete:
		status = seen.status(d.owner)
		switch {
		case status.State.settled() && want == leaveSamePlan:
			return status, nil
		case !d.owner.Force:
			return status, d.other(&seen)
		}
		status.State, owned = Replacing, namesOf(seen.outline)
		if err := d.removable(owned); err != nil {
			return status, err
		}
		if err := d.unpublish(owned); err != nil {
			return status, err
		}
	}
	if err = d.begin(owned); err == nil {
		status.Kept, err = d.kept()
	}
	if status.Previous != nil {
		status.Previous.Removed = d.removed
	}
	if err != nil && status.State == New {
		_ = d.fsys.Remove(markerName) // the folder was empty, so it shall be again
	}
	return status, err
}

func (d *Dir) wasUnfinished(seen found, status *Status) (State, []string) {
	if seen.marker == nil {
		return New, nil // died before there was anything to lose
	}
	status.Previous = &manifest.Resume{StartedAt: seen.marker.StartedAt, PID: seen.marker.PID}
	return Restarted, seen.marker.Owned
}

// namesOf returns what a complete run owns, as a marker names it.
func namesOf(o *manifest.Outline) []string {
	var names []string
	for _, table := range o.Tables {
		names = append(names, table+"/")
	}
	for _, file := range o.Files {
		if !strings.Contains(file, "/") {
			names = append(names, file)
		}
	}
	return names
}

// removable reports what removing would stop at, while nothing is lost yet.
func (d *Dir) removable(owned []string) error {
	for _, name := range owned {
		if table, isTable := strings.CutSuffix(name, "/"); isTable {
			if err := d.walkTable(table, func(string) error { return nil }); err != nil {
				return err
			}
		}
	}
	return nil
}

// unpublish takes back a complete run: from here on the folder is no dataset.
func (d *Dir) unpublish(owned []string) error {
	if err := d.writeMarker(newMarker(d.owner, phaseReplacing, owned)); err != nil {
		return err
	}
	if err := d.remove(manifest.Name); err != nil {
		return err
	}
	return d.syncDir()
}

// begin marks the folder as this run's and clears away what owned names.
func (d *Dir) begin(owned []string) error {
	if err := d.fsys.Own(); err != nil {
		return SystemError("change mode of", d.path, err)
	}
	if err := d.writeMarker(newMarker(d.owner, phaseWriting, owned)); err != nil {
		return err
	}
	if err := d.sweep(owned); err != nil {
		return err
	}
	d.mark = newMarker(d.owner, phaseWriting, nil)
	if len(owned) == 0 {
		return nil
	}
	return d.writeMarker(d.mark)
}

// sweep removes temporary files, both documents, and what owned names.
func (d *Dir) sweep(owned []string) error {
	if err := d.sweepTemps(); err != nil {
		return err
	}
	for _, name := range append([]string{manifest.Name, manifest.ExecutionName}, owned...) {
		if err := d.removeOwned(name); err != nil {
			return err
		}
	}
	return d.syncDir()
}

func (d *Dir) sweepTemps() error {
	entries, err := d.fsys.ReadDir(".")
	if err != nil {
		return SystemError("list", d.path, err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), tempPrefix) {
			if err := d.removeFile(e.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *Dir) removeOwned(name string) error {
	if table, isTable := strings.CutSuffix(name, "/"); isTable {
		return d.removeTable(table)
	}
	return d.removeFile(name)
}

// remove removes a file or an empty folder; that it is gone already is fine.
func (d *Dir) remove(name string) error {
	if err := d.fsys.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return SystemError(opRemove, d.full(name), err)
	}
	return nil
}

// removeFile is remove for a file that an earlier run left, and counts it.
func (d *Dir) removeFile(name string) error {
	_, err := d.fsys.Lstat(name)
	there := err == nil
	if err := d.remove(name); err != nil {
		return err
	}
	if there {
		d.removed++
	}
	return nil
}

// removeTable removes a table's folder with its parts.
func (d *Dir) removeTable(name string) error {
	return d.walkTable(name, func(name string) error {
		if isPart(path.Base(name)) {
			return d.removeFile(name)
		}
		return d.remove(name)
	})
}

// walkTable calls visit with each part of a table, and with each folder behind what is in it. It
// stops at any other file, which somebody else must have put there.
func (d *Dir) walkTable(name string, visit func(string) error) error {
	info, err := d.fsys.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return SystemError("examine", d.full(name), err)
	case !info.IsDir():
		return refuse(d.full(name), ErrForeign, "")
	}
	return d.walkFolder(name, 0, visit)
}

// maxNesting is how deep a table's folders go: flows/date=…/part-….
const maxNesting = 4

func (d *Dir) walkFolder(name string, depth int, visit func(string) error) error {
	entries, err := d.fsys.ReadDir(name)
	if err != nil {
		return SystemError("list", d.full(name), err)
	}
	for _, e := range entries {
		inner := path.Join(name, e.Name())
		switch {
		case e.IsDir() && depth < maxNesting:
			err = d.walkFolder(inner, depth+1, visit)
		case e.Type().IsRegular() && isPart(e.Name()):
			err = visit(inner)
		default:
			err = refuse(d.full(inner), ErrForeign, "")
		}
		if err != nil {
			return err
		}
	}
	return visit(name)
}

func (d *Dir) syncDir() error {
	if err := d.fsys.SyncDir("."); err != nil {
		return SystemError(opSyncDir, d.path, err)
	}
	return nil
}

// kept lists what is in the folder and not ours.
func (d *Dir) kept() ([]string, error) {
	entries, err := d.fsys.ReadDir(".")
	if err != nil {
		return nil, SystemError("list", d.path, err)
	}
	var names []string
	for _, e := range entries {
		if !IsOwn(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// tidy removes what a run left that died between its manifest and its end, or
// before it unpublished what it meant to replace. Where that fails nothing is
// lost: the manifest counts.
func (d *Dir) tidy(seen found) {
	if !seen.litter {
		return
	}
	if _, err := d.acquire(); err != nil {
		return
	}
	defer d.unlock()
	if again, err := d.look(); err == nil && again.kind == complete {
		_ = d.sweepTemps()
		_ = d.remove(markerName)
		_ = d.syncDir()
	}
}
