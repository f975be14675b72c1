package forward

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"

	"pcapmill/model/drift/alert"
)

// mostLine is how long a line may be; others are left out. Ours have some 30 KB at most.
const mostLine = 1 << 20

// follower reads whole lines of a file of alerts and of those that were set aside before it,
// in order, and waits for no one. It belongs to one goroutine.
type follower struct {
	path  string
	file  *os.File // nil: none is there yet
	at    position // behind the line that was returned last
	buf   []byte   // read of the file behind at
	skip  bool     // what comes up to an end of line belongs to a line that is too long
	notes []string

	tooLong int64 // lines that were left out
}

// newFollower begins at a position. Where its file is gone, it begins at the oldest there is.
func newFollower(path string, at position) (*follower, error) {
	f := &follower{path: path, at: at}
	return f, f.find()
}

// find opens the file that the position is in, or the one to begin with.
func (f *follower) find() error {
	names, err := f.names()
	if err != nil {
		return err
	}
	if f.at.First == "" {
		return f.open(names, 0)
	}
	for _, name := range names {
		file, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		first, err := firstLine(file)
		if err == nil && first == f.at.First {
			return f.use(file)
		}
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
	}
	f.note("the alerts behind the last one that was delivered were deleted: it goes on with the oldest there are")
	f.at = position{Version: positionVersion}
	return f.open(names, 0)
}

// use takes an open file, and goes to the position.
func (f *follower) use(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return errors.Join(err, file.Close())
	}
	if info.Size() < f.at.Offset {
		f.note("the file of alerts is shorter than what was read of it: it is sent again from its begin")
		f.at.Offset = 0
	}
	f.close()
	f.file, f.buf, f.skip = file, f.buf[:0], false
	return nil
}

// open opens the file of a place among names, from its begin; none where there is none yet.
func (f *follower) open(names []string, at int) error {
	f.close()
	f.at = position{Version: positionVersion}
	if at >= len(names) {
		return nil
	}
	file, err := os.Open(names[at])
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.use(file)
}

// names of all files, the oldest first.
func (f *follower) names() ([]string, error) {
	numbers, err := alert.Aside(f.path)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, n := range numbers {
		names = append(names, alert.AsideName(f.path, n))
	}
	return append(names, f.path), nil
}

// next returns the next whole line, without its end, and whether there is one. The line is the
// caller's until the next call.
func (f *follower) next() (line []byte, ok bool, err error) {
	for {
		if f.file == nil {
			if err := f.find(); err != nil || f.file == nil {
				return nil, false, err
			}
		}
		if line, ok := f.take(); ok {
			return line, true, f.identify()
		}
		more, err := f.read()
		if err != nil {
			return nil, false, err
		}
		if more {
			continue
		}
		further, err := f.turn()
		if err != nil || !further {
			f.buf = f.buf[:0] // a line without its end may be cut off again: see alert.OpenLog
			return nil, false, err
		}
	}
}

// take takes a line off the buffer.
func (f *follower) take() ([]byte, bool) {
	for {
		end := bytes.IndexByte(f.buf, '\n')
		if end < 0 {
			if len(f.buf) >= mostLine {
				f.at.Offset += int64(len(f.buf))
				f.buf, f.skip = f.buf[:0], true
			}
			return nil, false
		}
		line := f.buf[:end]
		f.buf = f.buf[end+1:]
		f.at.Offset += int64(end + 1)
		if !f.skip {
			return line, true
		}
		f.skip = false
		f.tooLong++
	}
}

// identify notes how the file begins, once that is known.
func (f *follower) identify() (err error) {
	if f.at.First == "" {
		f.at.First, err = firstLine(f.file)
	}
	return err
}

// read reads more of the file; false at its end for now.
func (f *follower) read() (bool, error) {
	const piece = 64 << 10
	have := len(f.buf)
	buf := append(make([]byte, 0, have+piece), f.buf...)
	n, err := f.file.ReadAt(buf[have:have+piece], f.at.Offset+int64(have))
	f.buf = buf[:have+n]
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return n > 0, nil
}

// turn goes to the next file where this one has been set aside, and nothing more comes to it.
func (f *follower) turn() (further bool, err error) {
	ours, err := f.file.Stat()
	if err != nil {
		return false, err
	}
	now, err := os.Stat(f.path)
	switch {
	case err == nil && os.SameFile(ours, now) && now.Size() < f.at.Offset+int64(len(f.buf)):
		return true, f.find() // which sees that it is shorter
	case err == nil && os.SameFile(ours, now):
		return false, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return false, err
	}
	if more, err := f.read(); more || err != nil { // what came before it was set aside
		return more, err
	}
	names, err := f.names()
	if err != nil {
		return false, err
	}
	for i, name := range names {
		if info, err := os.Stat(name); err == nil && os.SameFile(ours, info) {
			if i+1 == len(names) || !there(names[i+1]) { // it is begun in a moment, or by the next process
				return false, nil
			}
			return true, f.open(names, i+1)
		}
	}
	f.note("a file of alerts was deleted while it was read: it goes on with the oldest there is")
	err = f.open(names, 0)
	return f.file != nil, err
}

// there reports whether a file may be opened: of what cannot be looked at, opening says why.
func there(name string) bool {
	_, err := os.Stat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

func (f *follower) note(s string) { f.notes = append(f.notes, s) }

func (f *follower) close() {
	if f.file != nil {
		f.file.Close() //nolint:errcheck,gosec // only read
		f.file = nil
	}
}
