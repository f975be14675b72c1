package publish

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

// Phases of a marker.
const (
	phaseReplacing = "replacing" // manifest.json, if there, is the old run's
	phaseWriting   = "writing"   // manifest.json, if there, is this run's
)

const (
	markerFormat = "pcapmill run marker"
	markerMax    = 1 << 20
)

// marker is .pcapmill-run.json: it makes an unfinished folder recognisably ours
// and names what in it may be removed.
type marker struct {
	Format    string   `json:"format"`
	Version   int      `json:"version"`
	Phase     string   `json:"phase"`
	PlanID    string   `json:"plan_id"`
	RunKey    string   `json:"run_key"`
	PID       int      `json:"pid"`
	StartedAt string   `json:"started_at"`
	Owned     []string `json:"owned"` // top-level files, and folders with a slash at the end
}

func newMarker(owner Owner, phase string, owned []string) marker {
	return marker{
		Format: markerFormat, Version: 1, Phase: phase, PlanID: owner.PlanID, RunKey: owner.RunKey,
		PID: os.Getpid(), StartedAt: time.Now().UTC().Format(time.RFC3339), Owned: slices.Clone(owned),
	}
}

// readMarker returns the marker, or nil where there is none.
func readMarker(fsys FS) (*marker, error) {
	data, err := readSmall(fsys, markerName, markerMax)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m := new(marker)
	if err := json.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("%s: %w", markerName, err)
	}
	if m.Format != markerFormat || m.Version != 1 || m.Phase != phaseReplacing && m.Phase != phaseWriting {
		return nil, fmt.Errorf("%s: %q version %d, phase %q", markerName, m.Format, m.Version, m.Phase)
	}
	for _, name := range m.Owned {
		if !validName(strings.TrimSuffix(name, "/")) {
			return nil, fmt.Errorf("%s names %q", markerName, name)
		}
	}
	return m, nil
}

// readSmall returns the content of a file of at most limit bytes.
func readSmall(fsys FS, name string, limit int64) ([]byte, error) {
	h, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	data, err := io.ReadAll(io.NewSectionReader(h, 0, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s: more than %d bytes", name, limit)
	}
	return data, err
}

// writeMarker puts the marker in place of the one before.
func (d *Dir) writeMarker(m marker) error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	f, err := createFile(d.fsys, d.path, markerName, nil)
	if err != nil {
		return err
	}
	defer f.Abort()
	if _, err := f.Write(append(data, '\n')); err != nil {
		return err
	}
	return f.commitOver()
}

// commitOver is Commit in place of a file that is there. Of the content it checks
// the size alone: a marker that is not all there would make the folder look
// foreign to the next run.
func (f *File) commitOver() error {
	if err := f.store(); err != nil {
		return err
	}
	if err := f.reread(nil); err != nil {
		return f.fail(opCheck, err)
	}
	if err := f.replace(); err != nil {
		return err
	}
	f.ended = true
	return nil
}
