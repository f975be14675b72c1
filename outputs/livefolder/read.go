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

	"pcapmill/outputs/ledger"
)

// Is reports whether a folder is one of live tables: it has a ledger.
func Is(dir string) bool {
	info, err := os.Lstat(filepath.Join(dir, LedgerName))
	return err == nil && info.Mode().IsRegular()
}

// Files returns the paths of the parts of a table, or of those of one of its days where day is not
// empty, that the folder's commits cover, in their order.
func Files(dir, table, day string) ([]string, error) {
	mark, err := Last(filepath.Join(dir, LedgerName))
	if err != nil {
		return nil, err
	}
	days := []string{day}
	if day == "" {
		if days, err = namesIn(filepath.Join(dir, table)); err != nil {
			return nil, err
		}
	}
	var files []string
	for _, day := range days {
		names, err := namesIn(filepath.Join(dir, table, day))
		if !strings.HasPrefix(day, datePrefix) || err != nil {
			continue // nobody else's folders are ours to read
		}
		for _, name := range names {
			part, err := ParsePart(path.Join(table, day, name))
			if err == nil && mark.Covers(part) {
				files = append(files, filepath.Join(dir, table, day, name))
			}
		}
	}
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

// firstTail is how much of a ledger's end is looked at for its last commit, before more is.
const firstTail = 64 << 10

// Last returns the last commit of a ledger. It looks at its end alone and does not check the chain.
func Last(path string) (Mark, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Mark{}, nil
	}
	if err != nil {
		return Mark{}, err
	}
	defer f.Close() //nolint:errcheck // only read
	info, err := f.Stat()
	if err != nil {
		return Mark{}, err
	}
	if !info.Mode().IsRegular() {
		return Mark{}, fmt.Errorf("%s: %w", LedgerName, ErrRecord)
	}
	for tail := int64(firstTail); ; tail *= 8 {
		from := max(0, info.Size()-tail)
		if tail > 8*ledger.MaxLine && from > 0 { // of records that are not commits there are never so many
			return Mark{}, fmt.Errorf("%s: %w: no commit in its last %d bytes", LedgerName, ErrRecord, tail)
		}
		data, err := io.ReadAll(io.NewSectionReader(f, from, info.Size()-from))
		if err != nil {
			return Mark{}, err
		}
		if mark, ok := lastIn(data, from == 0); ok || from == 0 {
			return mark, nil
		}
	}
}

// lastIn finds the last commit among whole lines; the first is whole where the data begins the file.
func lastIn(data []byte, begins bool) (Mark, bool) {
	lines := bytes.Split(data, []byte{'\n'})
	lines = lines[:len(lines)-1] // what follows the last newline is not written to its end
	if !begins && len(lines) > 0 {
		lines = lines[1:]
	}
	for _, line := range slices.Backward(lines) {
		if !bytes.Contains(line, []byte(`"`+CommitEvent+`"`)) {
			continue
		}
		var r struct {
			Event string
			Body  struct {
				Number int64
				AtEnd  bool `json:"at_end"`
			}
		}
		if json.Unmarshal(line, &r) == nil && r.Event == CommitEvent {
			return Mark{r.Body.Number, r.Body.AtEnd}, true
		}
	}
	return Mark{}, false
}
