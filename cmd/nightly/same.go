package nightly

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pcapmill/ingest/packet"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// isNew reports whether a file was not read yet, under this name or another.
func (f *finding) isNew(x *file) bool { return f.state.files[x.path] == nil && !x.same }

// findSame finds captures that were read under another name: an archive that was moved is no
// night of late files, and what was read twice would be counted twice. date is a night that is
// to be done again, empty where none is.
func (p *plan) findSame(ctx context.Context, f *finding, nights map[string][]*file, date string) (read map[string][]*seen, err error) {
	wanted := map[string]bool{}
	for name, files := range nights {
		if f.state.nights[name] != nil && (name == date || date == "" && f.state.again[name] || date == "" && slices.ContainsFunc(files, f.isNew)) {
			wanted[name] = true
		}
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	if read, err = f.readOf(wanted); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		for _, x := range nights[name] {
			if !f.isNew(x) || x.fresh || x.sha256 != "" { // live's own have numbers, and keep them
				continue
			}
			was, err := sameAs(ctx, x, read[name])
			if err != nil {
				return nil, err
			}
			if was != nil {
				x.same = true
				p.same = append(p.same, sameCapture(was, x))
			}
		}
	}
	return read, nil
}

// sameCapture is the record of a file that is what was read.
func sameCapture(was *seen, x *file) Same {
	return Same{Night: was.night, Input: newInput(x, was.Input)}
}

// readOf returns the captures of nights, with those that came late and those that are not there
// any more, which state has not.
func (f *finding) readOf(wanted map[string]bool) (map[string][]*seen, error) {
	s := newState()
	_, err := ledger.Scan(f.c.at(HistoryName), ledger.Position{}, func(r ledger.Record) error {
		var of struct {
			Night string `json:"night"`
		}
		if r.Event != nightEvent && r.Event != inputsEvent && r.Event != sameEvent {
			return nil
		}
		if err := r.Decode(&of); err != nil || !wanted[baseOf(of.Night)] {
			return err
		}
		return s.apply(&r, func(string) bool { return true })
	})
	read := map[string][]*seen{}
	for _, path := range slices.Sorted(maps.Keys(s.files)) {
		was := s.files[path]
		read[baseOf(was.night)] = append(read[baseOf(was.night)], was)
	}
	return read, err
}

// sameAs returns which of the captures that were read a file is, nil for none. Captures
// without packets are often alike and not the same, but where one has taken the other's place.
func sameAs(ctx context.Context, x *file, read []*seen) (*seen, error) {
	sum := ""
	for _, was := range read {
		path, err := was.raw()
		if err != nil || was.Bytes != x.bytes || x.first == packet.NoTime && exists(path) {
			continue
		}
		if sum == "" {
			if sum, err = hashOf(ctx, x.path); sum == "" {
				return nil, err
			}
		}
		if sum == was.SHA256 {
			return was, nil
		}
	}
	return nil, nil
}

// hashOf is the SHA-256 of a file, empty where it cannot be read: who reads it says why.
func hashOf(ctx context.Context, path string) (string, error) {
	sum, _, err := manifest.HashFile(ctx, path)
	if err != nil {
		return "", ctx.Err()
	}
	return sum, nil
}

// distinct leaves copies of captures out of a night, so that none is counted twice. They are
// next to each other.
func (t *task) distinct(ctx context.Context) error {
	var kept []*file
	for i, x := range t.files {
		of, err := copyOf(ctx, x, t.files[:i])
		if err != nil {
			return err
		}
		if of == nil {
			kept = append(kept, x)
		} else {
			t.copies = append(t.copies, [2]*file{of, x})
		}
	}
	t.files = kept
	return nil
}

// copyOf returns which of the files before it a capture is a copy of, nil for none.
func copyOf(ctx context.Context, x *file, before []*file) (*file, error) {
	if x.first == packet.NoTime || x.segment != nil {
		return nil, nil
	}
	for _, y := range slices.Backward(before) {
		if y.first != x.first {
			break
		}
		if y.bytes != x.bytes {
			continue
		}
		a, err := hashOf(ctx, x.path)
		if err != nil {
			return nil, err
		}
		b, err := hashOf(ctx, y.path)
		if err != nil || a == b && a != "" {
			return y, err
		}
	}
	return nil, nil
}

// recordCopies says what the copies are that were left out of a night that is done.
func (x *execution) recordCopies(t *task) error {
	for _, pair := range t.copies {
		was := x.state.files[pair[0].path]
		if was == nil {
			continue // gone meanwhile
		}
		same := sameCapture(was, pair[1])
		if err := x.record(sameEvent, &same); err != nil {
			return err
		}
	}
	return nil
}

// lost counts the captures that a night was made of and that are not there any more, under any
// name.
func (f *finding) lost(read []*seen, files []*file, same []Same) (n int) {
	there := map[string]bool{}
	for _, x := range files {
		there[x.path] = true
	}
	sums := map[string]bool{}
	for i := range same {
		sums[same[i].SHA256] = true
	}
	for path, was := range f.state.files {
		if there[path] {
			sums[was.SHA256] = true
		}
	}
	for _, was := range read {
		if path, err := was.raw(); err == nil && was.Packets > 0 && !there[path] && !sums[was.SHA256] {
			n++
		}
	}
	return n
}

// mayLose refuses to do a night again where its tables, or what it taught, are of more than the
// captures that are left.
func (f *finding) mayLose(lost int, date string) error {
	var made []string
	for _, path := range []string{f.c.folderOf(date), f.c.ownBaseline(date)} {
		if exists(path) {
			made = append(made, text.Escape(path))
		}
	}
	if lost == 0 || len(made) == 0 {
		return nil
	}
	return fmt.Errorf("%w: night %s was made of more (missing: %s), and would be of what is left alone; put back what is missing, or remove %s first",
		errCaptures, date, text.Plural(int64(lost), "capture"), strings.Join(made, " and "))
}
