package livefolder

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"pcapmill/outputs/ledger"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// ErrOther: the folder is there and cannot be continued as it is asked for.
var ErrOther = errors.New("cannot be continued")

// CheckpointFolder is where the checkpoints are; it has its own package, which writes it.
const CheckpointFolder = "checkpoints"

// Folder is a folder of live tables that is open for writing. It belongs to one goroutine, but
// parts of different tables may be written by different ones.
type Folder struct {
	*publish.Growing
	Log *ledger.Log
}

// Open opens the folder, or makes one: it must be absent, empty or one of ours. Errors are
// publish.ErrForeign and the like, *ledger.Damage, and the system's.
func Open(dir string) (*Folder, error) {
	return open(dir, func(ledger.Record) error { return nil })
}

// OpenVisit is Open, and tells the visitor what the ledger says, all of which is read to be checked.
// Errors are also those of Visit.
func OpenVisit(dir string, v *Visitor) (*Folder, error) { return open(dir, v.visit()) }

func open(dir string, visit func(ledger.Record) error) (*Folder, error) {
	g, err := publish.OpenGrowing(dir)
	if err != nil {
		return nil, err
	}
	f := &Folder{Growing: g}
	if err := f.begin(visit); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	return f, nil
}

func (f *Folder) begin(visit func(ledger.Record) error) error {
	entries, err := f.Names(".")
	if err != nil {
		return err
	}
	if err := ours(f.Path(), entries); err != nil {
		return err
	}
	f.Log, err = ledger.OpenScan(f.LedgerPath(), visit)
	return err
}

// Look says what Open would say of what is in a folder, and writes nothing.
func Look(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s cannot be used for live tables: %w", text.Escape(dir), err)
	}
	return ours(dir, entries)
}

// ours reports whether entries are of a folder that is empty or one of live tables.
func ours(dir string, entries []fs.DirEntry) error {
	if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == LedgerName }) {
		return analysed(dir)
	}
	for _, e := range entries {
		if !publish.IsOwn(e.Name()) && !IsBeside(e.Name()) {
			return fmt.Errorf("%s %w: live tables go into a folder of their own", text.Escape(dir), publish.ErrForeign)
		}
	}
	return nil
}

// analysed refuses a ledger that begins as a capture's does: its folder is one of segments. What else is
// wrong with it is for who reads all of it.
func analysed(dir string) error {
	var first Session
	_, err := ledger.Scan(filepath.Join(dir, LedgerName), ledger.Position{}, func(r ledger.Record) error {
		if r.Event != SessionEvent || json.Unmarshal(r.Body, &first) != nil || first.PlanID != "" {
			return errEnough
		}
		return fmt.Errorf("%s %w: its ledger is that of a capture; live tables go into a folder of their own", text.Escape(dir), ErrOther)
	})
	if errors.Is(err, ErrOther) {
		return err
	}
	return nil
}

// LedgerPath returns where the ledger is.
func (f *Folder) LedgerPath() string { return filepath.Join(f.Path(), LedgerName) }

// CheckpointPath returns where the checkpoints are.
func (f *Folder) CheckpointPath() string { return filepath.Join(f.Path(), CheckpointFolder) }

// Close ends the use of the folder.
func (f *Folder) Close() error { return errors.Join(f.Log.Close(), f.Growing.Close()) }

// Clear removes what no commit covers: parts of the tables, by their names, and temporary files.
// It returns how many files went.
func (f *Folder) Clear(tables []string, mark Mark) (removed int, err error) {
	if removed, err = f.clearTemporary(".", removed); err != nil {
		return removed, err
	}
	if err := f.ClearRedone(); err != nil {
		return removed, err
	}
	for _, table := range tables {
		days, err := f.Names(table)
		if err != nil {
			return removed, err
		}
		for _, day := range days {
			if !day.IsDir() || !strings.HasPrefix(day.Name(), datePrefix) {
				continue
			}
			if removed, err = f.clearDay(path.Join(table, day.Name()), mark, removed); err != nil {
				return removed, err
			}
		}
	}
	return removed, nil
}

func (f *Folder) clearDay(folder string, mark Mark, removed int) (int, error) {
	entries, err := f.Names(folder)
	if err != nil {
		return removed, err
	}
	for _, e := range entries {
		name, err := ParsePart(path.Join(folder, e.Name()))
		if publish.IsTemporary(e.Name()) || err == nil && e.Type().IsRegular() && !mark.Covers(name) {
			if err := f.Remove(path.Join(folder, e.Name())); err != nil {
				return removed, err
			}
			removed++
		}
	}
	return removed, nil
}

func (f *Folder) clearTemporary(folder string, removed int) (int, error) {
	entries, err := f.Names(folder)
	for _, e := range entries {
		if err == nil && publish.IsTemporary(e.Name()) && !e.IsDir() {
			err = f.Remove(path.Join(folder, e.Name()))
			removed++
		}
	}
	return removed, err
}

// redone is where parts are written again that are to be compared with those in place.
const redone = ".pcapmill-redone"

// ClearRedone removes what was written again.
func (f *Folder) ClearRedone() error { return f.removeAll(redone, 0) }

func (f *Folder) removeAll(name string, depth int) error {
	const deepest = 4
	entries, err := f.Names(name)
	if err != nil || depth > deepest {
		return err
	}
	for _, e := range entries {
		inner := path.Join(name, e.Name())
		if e.IsDir() {
			err = f.removeAll(inner, depth+1)
		} else {
			err = f.Remove(inner)
		}
		if err != nil {
			return err
		}
	}
	return f.Remove(name)
}

// Table is where parts of a table are started for one commit: a parts.Folder.
type Table struct {
	Folder *Folder
	Name   PartName // of the first part
	Again  bool     // they are written to be compared
}

// Part starts part n, counted from 0.
func (t *Table) Part(n int, ext string) (*publish.File, error) {
	name := t.Name
	name.Piece, name.Ext = n, ext
	if t.Again {
		return t.Folder.Create(redone+"/"+name.String(), true)
	}
	return t.Folder.Create(name.String(), false)
}

// ErrChanged: what was written again is not what was committed.
var ErrChanged = errors.New("differs from what was committed")

// Compare checks parts that were written again against those that were committed. One that is not
// there any more is put in place.
func (f *Folder) Compare(again, committed []Part) error {
	for i := range committed {
		want := &committed[i]
		at := slices.IndexFunc(again, func(p Part) bool { return p.Path == path.Join(redone, want.Path) })
		if at < 0 {
			return fmt.Errorf("%s %w: nothing was written this time", text.Escape(want.Path), ErrChanged)
		}
		if got := &again[at]; got.SHA256 != want.SHA256 || got.Rows != want.Rows {
			return fmt.Errorf("%s %w: %d rows, SHA-256 %s, and now %d rows, SHA-256 %s", text.Escape(want.Path), ErrChanged, want.Rows, want.SHA256, got.Rows, got.SHA256)
		}
		if !f.Exists(want.Path) {
			if err := f.Rename(again[at].Path, want.Path); err != nil {
				return err
			}
		}
	}
	if len(again) != len(committed) {
		return fmt.Errorf("%w: %d parts, and now %d", ErrChanged, len(committed), len(again))
	}
	return f.ClearRedone()
}

// WriteManifest puts both documents in place.
func (f *Folder) WriteManifest(m *manifest.Manifest, e *manifest.Execution) error {
	e.PlanID, e.RunID = m.PlanID, m.RunID
	return publish.WriteDocuments(m, e, func(name string) (*publish.File, error) { return f.Create(name, true) })
}

// decode reads a record's body, refusing one of another shape.
func decode(r *ledger.Record, into any) error {
	if err := json.Unmarshal(r.Body, into); err != nil {
		return fmt.Errorf("%w: record %d, %s: %w", ErrRecord, r.Seq, text.Escape(r.Event), err)
	}
	return nil
}
