package publish

import (
	"errors"
	"fmt"
	"io"
	"math"

	"pcapmill/outputs/manifest"
)

// Finish publishes the run: execution.json, then manifest.json, which must list
// exactly what was committed. It fills e.PlanID, e.RunID and, where it is empty,
// e.RunKey. After an error nothing is published and Finish may be called again;
// after success the folder is no longer the caller's.
func (d *Dir) Finish(m *manifest.Manifest, e *manifest.Execution) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.active {
		return d.misuse("finish")
	}
	if err := d.checkListed(m); err != nil {
		return err
	}
	e.PlanID, e.RunID = m.PlanID, m.RunID
	if e.RunKey == "" {
		e.RunKey = d.owner.RunKey
	}
	if err := d.writeDocuments(m, e); err != nil {
		return err
	}
	d.active = false
	err := errors.Join(d.remove(markerName), d.unlock(), d.syncDir())
	d.release()
	if err != nil {
		return fmt.Errorf("the dataset is complete, but: %w", err)
	}
	return nil
}

func (d *Dir) writeDocuments(m *manifest.Manifest, e *manifest.Execution) error {
	return WriteDocuments(m, e, func(name string) (*File, error) {
		if err := d.remove(name); err != nil { // of a Finish that failed
			return nil, err
		}
		return createFile(d.fsys, d.path, name, nil)
	})
}

// WriteDocuments writes execution.json and then manifest.json to files that create opens, and
// publishes each once it has been read back.
func WriteDocuments(m *manifest.Manifest, e *manifest.Execution, create func(name string) (*File, error)) error {
	execution, err := e.Encode()
	if err != nil {
		return err
	}
	document, err := m.Encode()
	if err != nil {
		return err
	}
	if err := writeDocument(manifest.ExecutionName, execution, create, func(r io.Reader) error {
		_, err := manifest.ReadExecution(r)
		return err
	}); err != nil {
		return err
	}
	return writeDocument(manifest.Name, document, create, func(r io.Reader) error {
		_, err := manifest.Read(r)
		return err
	})
}

func writeDocument(name string, data []byte, create func(string) (*File, error), read func(io.Reader) error) error {
	f, err := create(name)
	if err != nil {
		return err
	}
	defer f.Abort()
	if _, err := f.Write(data); err != nil {
		return err
	}
	_, err = f.Commit(func(r io.ReaderAt, _ int64) error {
		return read(io.NewSectionReader(r, 0, math.MaxInt64))
	})
	return err
}

// checkListed compares the manifest with what was published.
func (d *Dir) checkListed(m *manifest.Manifest) error {
	if m.PlanID != d.owner.PlanID {
		return fmt.Errorf("the manifest is of plan %q, the folder was opened for %q", m.PlanID, d.owner.PlanID)
	}
	open := make(map[Published]bool, len(d.published))
	for _, p := range d.published {
		open[p] = true
	}
	take := func(p Published) error {
		if !open[p] {
			return fmt.Errorf("the manifest lists %s, %d bytes, SHA-256 %s, which was not published", p.Path, p.Bytes, p.SHA256)
		}
		delete(open, p)
		return nil
	}
	for _, f := range m.Files {
		if err := take(Published(f)); err != nil {
			return err
		}
	}
	for i := range m.Tables {
		for _, p := range m.Tables[i].Parts {
			if err := take(Published{Path: p.Path, Bytes: p.Bytes, SHA256: p.SHA256}); err != nil {
				return err
			}
		}
	}
	for p := range open {
		return fmt.Errorf("the manifest does not list %s", p.Path)
	}
	return nil
}

// Abort takes back what this run wrote, and the folder where Open created it.
// After Finish, and for a folder that Open did not make ours, it only ends the
// use, so it can be deferred. Files must have been committed or aborted before.
func (d *Dir) Abort() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.active {
		d.release()
		return nil
	}
	d.active = false
	err := d.sweep(d.mark.Owned)
	if err == nil { // else the marker must stay, so that the next run clears it away
		err = errors.Join(d.remove(markerName), d.syncDir())
	}
	err = errors.Join(err, d.unlock())
	d.release()
	if d.created != nil {
		d.created()
	}
	return err
}

func (d *Dir) unlock() error {
	if d.lock == nil {
		return nil
	}
	err := d.lock.Unlock()
	d.lock = nil
	if err != nil {
		return SystemError("unlock", d.full(lockName), err)
	}
	return nil
}

// release ends the use of the file system, once.
func (d *Dir) release() {
	if d.fsys != nil {
		_ = d.unlock()
		_ = d.fsys.Close()
		d.fsys = nil
	}
}
