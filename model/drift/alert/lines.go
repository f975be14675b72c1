package alert

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// Line is an alert of another kind, as of a rule: one line of JSON without its end, whose
// event.module is pcapmill and whose event.id is ID.
type Line struct {
	ID   string
	JSON []byte
}

// AppendLines adds the lines whose ID the file does not know, as Append does with those of a
// report; an ID is known wherever it was told, however long ago.
func AppendLines(ctx context.Context, path string, lines []Line) (Result, error) {
	dir, name := filepath.Split(filepath.Clean(path))
	folder, _, err := publish.OpenOS(filepath.Clean(dir))
	if err != nil {
		return Result{}, err
	}
	defer folder.Close()
	lock, err := publish.Await(ctx, folder, ".pcapmill-"+name+".lock", patience)
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", text.Escape(path), err)
	}
	r, err := appendLines(path, lines)
	if err != nil {
		err = fmt.Errorf("%s: %w", text.Escape(path), err)
	}
	return r, errors.Join(err, lock.Unlock())
}

func appendLines(path string, lines []Line) (r Result, err error) {
	f, size, err := open(path)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	known := memory{ids: make(map[string]bool, len(lines))}
	for i := range lines {
		known.ids[lines[i].ID] = false
	}
	end, unended, err := read(io.NewSectionReader(f, 0, size), &r, known.take)
	if err != nil {
		return r, err
	}
	var more bytes.Buffer
	if unended {
		more.WriteByte('\n')
	}
	for i := range lines {
		if known.ids[lines[i].ID] {
			r.Known++
			continue
		}
		known.ids[lines[i].ID] = true
		more.Write(append(bytes.Clone(lines[i].JSON), '\n'))
		r.Added++
	}
	return r, mendAndWrite(f, end, size, &r, more.Bytes())
}

// mendAndWrite cuts off what a crash left of a line, and appends lines.
func mendAndWrite(f *os.File, end, size int64, r *Result, lines []byte) error {
	if r.Mended = size - end; r.Mended > 0 { // else the file may be one that can only be appended to
		if err := f.Truncate(end); err != nil {
			return err
		}
	}
	return write(f, end, lines)
}

// note marks an ID of the lines at hand as known.
func (m *memory) note(line []byte) {
	if m.ids == nil {
		return
	}
	var o struct{ Event struct{ ID string } }
	if json.Unmarshal(line, &o) != nil {
		return
	}
	if _, ours := m.ids[o.Event.ID]; ours {
		m.ids[o.Event.ID] = true
	}
}
