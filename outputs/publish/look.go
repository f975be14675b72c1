package publish

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"

	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// ErrUnreadable: the folder's manifest.json is ours, but damaged or of another
// version, so what may be replaced is not known. Force does not help.
var ErrUnreadable = errors.New("has a manifest.json that cannot be relied on: move the folder away")

// kind is what a folder is, before asking for whom.
type kind uint8

const (
	empty kind = iota
	unfinished
	complete
)

// found is everything that decides about a folder.
type found struct {
	kind      kind
	marker    *marker
	litter    bool // whether there are names that only an unfinished run leaves
	manifest  *manifest.Manifest
	execution *manifest.Execution
}

// look finds out what the folder is. It changes nothing.
func (d *Dir) look() (found, error) {
	entries, err := d.fsys.ReadDir(".")
	if err != nil {
		return found{}, systemError("list", d.path, err)
	}
	mark, err := readMarker(d.fsys)
	if err != nil {
		return found{}, d.markerError(err)
	}
	seen := found{marker: mark, litter: slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return IsOwn(e.Name()) })}
	if seen.manifest, err = d.readManifest(); err != nil {
		if mark == nil || mark.Phase != phaseWriting {
			return found{}, err
		}
		seen.manifest = nil // of an unfinished run: to be cleared away with it
	}
	switch {
	case seen.manifest != nil:
		seen.kind, seen.execution = complete, d.readExecution()
	case mark != nil:
		seen.kind = unfinished
	case len(entries) == 0:
		seen.kind = empty
	default: // a run that died before its marker was there leaves nothing but names of ours
		seen.kind = unfinished
		for _, e := range entries {
			if !IsOwn(e.Name()) {
				return found{}, refuse(d.path, ErrForeign, "")
			}
		}
	}
	return seen, nil
}

// markerError tells a marker that is not ours from one that cannot be read.
func (d *Dir) markerError(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) && !errors.Is(err, fs.ErrInvalid) {
		return systemError("read", d.full(markerName), err)
	}
	return refuse(d.path, ErrForeign, text.Escape(err.Error()))
}

// readManifest returns the folder's manifest, or nil where there is none.
func (d *Dir) readManifest() (*manifest.Manifest, error) {
	h, err := d.fsys.Open(manifest.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.Is(err, fs.ErrInvalid): // a folder, link or pipe of that name
		return nil, refuse(d.path, ErrForeign, "")
	case err != nil:
		return nil, systemError("open", d.full(manifest.Name), err)
	}
	defer h.Close()
	m, err := manifest.Read(newReader(h))
	switch {
	case errors.Is(err, manifest.ErrDamaged), errors.Is(err, manifest.ErrVersion):
		return nil, refuse(d.path, ErrUnreadable, err.Error())
	case errors.Is(err, manifest.ErrFormat), errors.Is(err, manifest.ErrTooLarge):
		return nil, refuse(d.path, ErrForeign, "")
	case err != nil:
		return nil, systemError("read", d.full(manifest.Name), err)
	}
	return m, nil
}

// readExecution returns the folder's execution record, or nil where there is none
// that can be read: it only makes a decision quicker.
func (d *Dir) readExecution() *manifest.Execution {
	data, err := readSmall(d.fsys, manifest.ExecutionName, manifest.MaxBytes)
	if err != nil {
		return nil
	}
	e, err := manifest.ReadExecution(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	return e
}

// status compares a complete folder with the run at hand.
func (s *found) status(owner Owner) Status {
	st := Status{State: SamePlan, Manifest: s.manifest, Execution: s.execution}
	switch {
	case s.manifest.PlanID != owner.PlanID:
		st.State = Replacing
	case owner.RunKey != "" && s.execution != nil && s.execution.RunKey == owner.RunKey && s.execution.RunID == s.manifest.RunID:
		st.State = Complete
	}
	return st
}
