package publish

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// ErrUnreadable: the folder's manifest.json is ours, but damaged, so what may be
// replaced is not known. Force does not help.
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
	litter    bool               // whether there are names that only an unfinished run leaves
	outline   *manifest.Outline  // of the complete run
	manifest  *manifest.Manifest // of the complete run; nil where a build of another version wrote it
	execution *manifest.Execution
}

// look finds out what the folder is. It changes nothing.
func (d *Dir) look() (found, error) {
	entries, err := d.fsys.ReadDir(".")
	if err != nil {
		return found{}, SystemError("list", d.path, err)
	}
	mark, err := readMarker(d.fsys)
	if err != nil {
		return found{}, d.markerError(err)
	}
	seen := found{marker: mark, litter: slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return IsOwn(e.Name()) })}
	// A manifest that cannot be read is an unfinished run's, to be cleared away with it,
	// or makes the folder one that cannot be used.
	if err := d.readManifest(&seen); err != nil && (mark == nil || mark.Phase != phaseWriting) {
		return found{}, err
	}
	switch {
	case seen.outline != nil:
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
		return SystemError("read", d.full(markerName), err)
	}
	return refuse(d.path, ErrForeign, text.Escape(err.Error()))
}

// readManifest finds out what the folder's manifest says, where there is one.
func (d *Dir) readManifest(seen *found) error {
	h, err := d.fsys.Open(manifest.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, fs.ErrInvalid): // a folder, link or pipe of that name
		return refuse(d.path, ErrForeign, "")
	case err != nil:
		return SystemError("open", d.full(manifest.Name), err)
	}
	defer h.Close()
	m, outline, err := manifest.ReadAny(newReader(h))
	switch {
	case errors.Is(err, manifest.ErrDamaged):
		return refuse(d.path, ErrUnreadable, err.Error())
	case errors.Is(err, manifest.ErrFormat), errors.Is(err, manifest.ErrTooLarge):
		return refuse(d.path, ErrForeign, "")
	case err != nil:
		return SystemError("read", d.full(manifest.Name), err)
	}
	if outline.Live {
		return refuse(d.path, ErrLive, "")
	}
	for _, name := range namesOf(outline) {
		if !validName(strings.TrimSuffix(name, "/")) {
			return refuse(d.path, ErrUnreadable, "it names "+text.Escape(name))
		}
	}
	seen.manifest, seen.outline = m, outline
	return nil
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
	case s.manifest == nil || s.manifest.PlanID != owner.PlanID:
		st.State = Replacing
	case owner.RunKey != "" && s.execution != nil && s.execution.RunKey == owner.RunKey && s.execution.RunID == s.manifest.RunID:
		st.State = Complete
	}
	return st
}

// lost returns the first file of a complete run that is gone, or shorter than it was; "": none is. What
// else became of them verify finds.
func (d *Dir) lost(m *manifest.Manifest) string {
	gone := func(name string, bytes int64) bool {
		info, err := d.fsys.Lstat(name)
		return errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() < bytes
	}
	for i := range m.Tables {
		for _, p := range m.Tables[i].Parts {
			if gone(p.Path, p.Bytes) {
				return p.Path
			}
		}
	}
	for _, f := range m.Files {
		if gone(f.Path, f.Bytes) {
			return f.Path
		}
	}
	return ""
}

// other refuses a complete run that is not the one at hand.
func (d *Dir) other(seen *found) error {
	detail := ""
	if seen.manifest == nil {
		detail = "another version of pcapmill wrote it"
	}
	return refuse(d.path, ErrOther, detail)
}
