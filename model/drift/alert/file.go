package alert

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

var (
	// ErrForeign says that a file is none of ours. It stays as it is.
	ErrForeign = errors.New("not a file of alerts")
	// ErrTooLarge says that a file has more than MaxBytes.
	ErrTooLarge = errors.New("too large: rotate it")
)

const (
	// MaxBytes is what a file of alerts may have. All of it is read, a line at a time.
	MaxBytes = 1 << 30
	// DefaultPeriod is how long an alert is not told again.
	DefaultPeriod = 24 * time.Hour

	maxLine  = 1 << 20 // ours have some 30 KB at most
	patience = 10 * time.Second
	fileMode = 0o600
)

// Result is what Append did.
type Result struct {
	Added   int   // alerts that are new
	Known   int   // alerts that the file had
	Mended  int64 // bytes at the end of the file that were part of a line, and are gone
	Strange int   // lines that are none of ours
}

// Append adds the alerts of a report that the file does not know: it knows one where it has
// a line of the same subject, at least as severe, less than a period away by the data's
// time. A file that is absent is made, mode 0600. While it works it holds a lock beside the
// file, for which it waits some seconds, where the file system has locks. What a crash left of a line is cut off.
//
// It writes all new lines at once and syncs them. Errors are ErrForeign, ErrTooLarge,
// publish.ErrBusy, ctx's, and the system's.
func Append(ctx context.Context, path string, alerts []Alert, period time.Duration) (Result, error) {
	entries, err := Entries(alerts, period)
	if err != nil {
		return Result{}, err
	}
	return AppendEntries(ctx, path, entries)
}

// AppendEntries is Append of lines of any kind, such as those of rules. It also knows an entry
// where the file, or one before it in entries, has its ID.
func AppendEntries(ctx context.Context, path string, entries []Entry) (r Result, err error) {
	dir, name := filepath.Split(filepath.Clean(path))
	folder, err := publish.OpenParent(filepath.Clean(dir))
	if err != nil {
		return Result{}, err
	}
	defer folder.Close()
	lock, err := publish.Await(ctx, folder, ".pcapmill-"+name+".lock", patience)
	switch {
	case errors.Is(err, publish.ErrNoLocks): // nothing keeps a second process out there
	case err != nil:
		return Result{}, fmt.Errorf("%s: %w", text.Escape(path), err)
	default:
		defer func() { err = errors.Join(err, lock.Unlock()) }()
	}
	if r, err = appendTo(path, entries); err != nil {
		err = fmt.Errorf("%s: %w", text.Escape(path), err)
	}
	return r, err
}

func appendTo(path string, entries []Entry) (r Result, err error) {
	f, size, err := open(path)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	known := newMemory(entries)
	end, unended, err := read(io.NewSectionReader(f, 0, size), &r, known.take)
	if err != nil {
		return r, err
	}
	var lines bytes.Buffer
	if unended {
		lines.WriteByte('\n')
	}
	for i := range entries {
		e := &entries[i]
		if known.known[e] {
			r.Known++
			continue
		}
		for _, same := range known.ids[e.ID] {
			known.known[same] = true
		}
		lines.Write(e.Line)
		lines.WriteByte('\n')
		r.Added++
	}
	r.Mended = size - end
	if r.Mended > 0 { // else the file may be one that can only be appended to
		if err := f.Truncate(end); err != nil {
			return Result{}, err
		}
	}
	return r, write(f, end, lines.Bytes())
}

// write appends lines, or leaves the file as it is.
func write(f *os.File, end int64, lines []byte) error {
	if len(lines) == 0 {
		return nil
	}
	if _, err := f.Write(lines); err != nil {
		return errors.Join(err, f.Truncate(end))
	}
	return f.Sync()
}

// open opens or makes a file of at most MaxBytes, to read and to append to. Links are not
// followed, and nothing waits for a pipe.
func open(path string) (f *os.File, size int64, err error) {
	info, err := os.Lstat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return nil, 0, fmt.Errorf("%w: no regular file", ErrForeign)
	case err == nil && info.Size() > MaxBytes:
		return nil, 0, fmt.Errorf("%w: %d bytes", ErrTooLarge, info.Size())
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, 0, err
	}
	flags := os.O_RDWR | os.O_APPEND
	if info == nil { // no link that comes meanwhile leads elsewhere
		flags |= os.O_CREATE | os.O_EXCL
	}
	switch f, err = os.OpenFile(path, flags, fileMode); {
	case info == nil && errors.Is(err, fs.ErrExist): // another process was first
		return open(path)
	case err != nil:
		return nil, 0, err
	}
	opened, err := f.Stat()
	if err == nil && info != nil && !os.SameFile(info, opened) {
		err = fmt.Errorf("%w: it changed while it was opened", ErrForeign)
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, opened.Size(), nil
}

// memory is what a file has of the entries at hand: its size is theirs, whatever the file's.
type memory struct {
	subjects, ids map[string][]*Entry
	known         map[*Entry]bool
}

func newMemory(entries []Entry) *memory {
	m := &memory{map[string][]*Entry{}, map[string][]*Entry{}, map[*Entry]bool{}}
	for i := range entries {
		e := &entries[i]
		m.subjects[e.Subject] = append(m.subjects[e.Subject], e)
		m.ids[e.ID] = append(m.ids[e.ID], e)
	}
	return m
}

// old is what a line has to say.
type old struct {
	Time  time.Time `json:"@timestamp"`
	Event struct {
		Module   string
		Severity int
		ID       string
	}
	Pcapmill struct {
		AlertID string `json:"alert_id"`
	}
}

// read hands all lines to take, which says whether one is ours. It returns where what is whole
// ends, and whether that lacks its line end.
func read(file io.Reader, r *Result, take func([]byte) bool) (end int64, unended bool, err error) {
	in := bufio.NewReaderSize(file, maxLine)
	for first := true; ; first = false {
		line, err := in.ReadSlice('\n')
		switch {
		case errors.Is(err, io.EOF):
			whole, err := last(line, first, take)
			if whole {
				end += int64(len(line))
			}
			return end, whole, err
		case errors.Is(err, bufio.ErrBufferFull):
			return 0, false, fmt.Errorf("%w: a line of more than %d bytes", ErrForeign, maxLine)
		case err != nil:
			return 0, false, err
		}
		if !take(line) {
			if first {
				return 0, false, fmt.Errorf("%w: its first line is none of ours", ErrForeign)
			}
			r.Strange++
		}
		end += int64(len(line))
	}
}

// take compares a line with the entries at hand, and says whether it is one of ours.
func (m *memory) take(line []byte) bool {
	subject, t, ours := parse(line)
	if !ours {
		return false
	}
	for _, some := range [][]*Entry{m.subjects[subject], m.ids[t.id]} {
		for _, e := range some {
			if t.tells(e) {
				m.known[e] = true
			}
		}
	}
	return true
}

// told is what a line said of its subject.
type told struct {
	id       string
	severity int
	time     time.Time
}

// parse returns what a line has to say, and whether it is one of ours.
func parse(line []byte) (subject string, t told, ours bool) {
	var o old
	if json.Unmarshal(line, &o) != nil || o.Event.Module != module {
		return "", t, false
	}
	return o.Pcapmill.AlertID, told{o.Event.ID, o.Event.Severity, o.Time}, true
}

// tells reports whether it makes an entry of the same ID or subject known: by its ID, or by being at
// least as severe, and less than the entry's period away.
func (t told) tells(e *Entry) bool {
	return t.id == e.ID || t.severity >= e.Severity && t.time.Sub(e.Time).Abs() < e.Period
}

// begin is how each of our lines begins.
const begin = `{"@timestamp":"`

// last looks at what follows the last line end: it may be a line without its end, or a part
// of one. As the only thing in a file, that is told from what is not ours by how it begins.
func last(line []byte, first bool, take func([]byte) bool) (whole bool, err error) {
	if len(line) > 0 && take(line) {
		return true, nil
	}
	if n := min(len(line), len(begin)); first && string(line[:n]) != begin[:n] {
		return false, fmt.Errorf("%w: its first line is none of ours", ErrForeign)
	}
	return false, nil
}
