package livefolder

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"pcapmill/outputs/ledger"
	"pcapmill/outputs/manifest"
)

// View is a folder of live tables as it was at one time. The folder may grow; what had been
// committed stays as it is, as analysis neither changes nor removes it.
type View struct {
	Dir     string
	Records int64  // that the ledger had
	Head    string // hash of the last of them
	Last    Mark   // the last commit among them
}

// ErrUncommitted: there are parts of a table, and no commit covers any.
var ErrUncommitted = errors.New("no rows of it are committed yet")

// Is reports whether a folder is one of live tables: it has a ledger.
func Is(dir string) bool {
	info, err := os.Lstat(filepath.Join(dir, LedgerName))
	return err == nil && info.Mode().IsRegular()
}

// Files returns the paths of the parts of a table, or of those of one of its days where day is not
// empty, that the view has, in the order of their commits: a clock that was set back gives later
// segments earlier days. None where nothing there is a part. Errors are ErrUncommitted and the
// system's.
func (v View) Files(table, day string) (files []string, err error) {
	days := []string{day}
	if day == "" {
		if days, err = namesIn(filepath.Join(v.Dir, table)); err != nil {
			return nil, err
		}
	}
	later := false
	marks := map[string]Mark{}
	for _, day := range days {
		if !strings.HasPrefix(day, datePrefix) {
			continue // nobody else's folders are ours to read
		}
		names, err := namesIn(filepath.Join(v.Dir, table, day))
		switch {
		case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrNotExist):
			continue // nor are files of such a name
		case err != nil:
			return nil, err // rows would be missing, and nobody told
		}
		for _, name := range names {
			part, err := ParsePart(path.Join(table, day, name))
			if err == nil && v.Last.Covers(part) {
				file := filepath.Join(v.Dir, table, day, name)
				files, marks[file] = append(files, file), Mark{part.Number, part.AtEnd}
			}
			later = later || err == nil
		}
	}
	if len(files) == 0 && later {
		return nil, ErrUncommitted
	}
	slices.SortStableFunc(files, func(a, b string) int { return compareMarks(marks[a], marks[b]) })
	return files, nil
}

// namesIn lists a folder, sorted.
func namesIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}

// Whole is the function Whole, up to the view: the manifest may be a later one.
func (v View) Whole(m *manifest.Manifest) (Found, error) {
	if m.Live == nil {
		return Found{}, nil
	}
	found, err := wholeUpTo(v.Dir, m, v.Records)
	if err == nil && (found.View.Records != v.Records || found.View.Head != v.Head) {
		err = fmt.Errorf("%w: record %d", ErrAnother, v.Records)
	}
	return found, err
}

// ErrAnother: a ledger does not have a record that it had, so that the folder is another one.
var ErrAnother = errors.New("the ledger is another one")

// firstTail is how much of a ledger's end is looked at for its last commit, before more is.
const firstTail = 64 << 10

// See returns the view of a folder as it is now. It looks at the end of the ledger alone and does
// not check the chain; Whole does.
func See(dir string) (View, error) {
	v := View{Dir: dir}
	f, err := os.Open(filepath.Join(dir, LedgerName))
	if errors.Is(err, fs.ErrNotExist) {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	defer f.Close() //nolint:errcheck // only read
	info, err := f.Stat()
	if err != nil {
		return v, err
	}
	if !info.Mode().IsRegular() {
		return v, fmt.Errorf("%s: %w", LedgerName, ErrRecord)
	}
	for tail := int64(firstTail); ; tail *= 8 {
		from := max(0, info.Size()-tail)
		if tail > 8*ledger.MaxLine && from > 0 { // of records that are not commits there are never so many
			return v, fmt.Errorf("%s: %w: no commit in its last %d bytes", LedgerName, ErrRecord, tail)
		}
		data, err := io.ReadAll(io.NewSectionReader(f, from, info.Size()-from))
		if err != nil {
			return v, err
		}
		if v.seeIn(data, from == 0) || from == 0 {
			return v, nil
		}
	}
}

// seeIn finds the last record and the last commit among whole lines, and reports whether there is
// such a commit; the first is whole where the data begins the file.
func (v *View) seeIn(data []byte, begins bool) bool {
	lines := bytes.Split(data, []byte{'\n'})
	lines = lines[:len(lines)-1] // what follows the last newline is not written to its end
	if !begins && len(lines) > 0 {
		lines = lines[1:]
	}
	v.Records = 0
	for _, line := range slices.Backward(lines) {
		if v.Records > 0 && !bytes.Contains(line, []byte(`"`+CommitEvent+`"`)) {
			continue
		}
		var r struct {
			Seq   int64
			Event string
			Body  json.RawMessage
		}
		if json.Unmarshal(line, &r) != nil {
			continue
		}
		if v.Records == 0 {
			v.Records, v.Head = r.Seq, ledger.HashOf(line)
		}
		var c struct {
			Number int64
			AtEnd  bool `json:"at_end"`
		}
		if r.Event == CommitEvent && json.Unmarshal(r.Body, &c) == nil {
			v.Last = Mark{c.Number, c.AtEnd}
			return true
		}
	}
	return false
}
