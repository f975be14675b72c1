package alert

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// Entry is a line for the file.
type Entry struct {
	ID       string        // of the line: event.id
	Subject  string        // what it is about: pcapmill.alert_id
	Severity int           // event.severity
	Time     time.Time     // @timestamp
	Period   time.Duration // how long the subject is not told again, at no higher severity
	Line     []byte        // the JSON object, without an end of line
}

// Entries are alerts as lines of a Log.
func Entries(alerts []Alert, period time.Duration) ([]Entry, error) {
	all := make([]Entry, len(alerts))
	for i := range alerts {
		a := &alerts[i]
		line, err := text.Marshal(a, "")
		if err != nil {
			return nil, err
		}
		all[i] = Entry{a.Event.ID, a.Pcapmill.AlertID, a.Event.Severity, a.Time, period, line}
	}
	return all, nil
}

// LogConfig bounds a Log.
type LogConfig struct {
	Bytes  int64 // a file with so many is set aside, and another one begun
	Files  int   // that are set aside and kept; older ones are deleted
	Memory int   // lines that are remembered, the latest
}

// DefaultLogConfig has room for some 100,000 alerts a file, and 576 MiB in all.
func DefaultLogConfig() LogConfig { return LogConfig{Bytes: 64 << 20, Files: 8, Memory: 1 << 16} }

// Validate reports values out of range.
func (c LogConfig) Validate() error {
	switch {
	case c.Bytes < 1<<16 || c.Bytes > MaxBytes:
		return fmt.Errorf("files of alerts of %d bytes: want %d to %d", c.Bytes, 1<<16, MaxBytes)
	case c.Files < 1 || c.Files > 1e6:
		return fmt.Errorf("%d files of alerts: want 1 to 1000000", c.Files)
	case c.Memory < 1 || c.Memory > 1<<24:
		return fmt.Errorf("%d alerts remembered: want 1 to %d", c.Memory, 1<<24)
	}
	return nil
}

// Log is a file of alerts to which one process appends for as long as it lives: it knows what
// the file says without reading it again, and sets it aside when it is large:
//
//	alerts.jsonl                 lines are appended to it, and nothing else
//	alerts-0000000002.jsonl      was alerts.jsonl before, and changes no more
//	alerts-0000000001.jsonl      before that
//
// It holds the lock of Append. Its methods belong to one goroutine.
type Log struct {
	path   string
	config LogConfig
	lock   publish.Lock // nil: the file system has none
	folder publish.FS
	file   *os.File
	size   int64
	last   int64 // number of the file that was set aside last
	told   map[string][]told
	failed error    // of Append
	order  []string // subjects of lines, as these came; one may have several
}

// OpenLog opens or makes a file of alerts. Result says what it was like: Mended, Strange, and
// how many lines are Known. Errors are those of Append.
func OpenLog(ctx context.Context, path string, c LogConfig) (*Log, Result, error) {
	var r Result
	if err := c.Validate(); err != nil {
		return nil, r, err
	}
	path = filepath.Clean(path)
	dir, name := filepath.Split(path)
	folder, _, err := publish.OpenOS(filepath.Clean(dir))
	if err != nil {
		return nil, r, err
	}
	l := &Log{path: path, config: c, folder: folder, told: map[string][]told{}}
	l.lock, err = publish.Await(ctx, folder, ".pcapmill-"+name+".lock", patience)
	if err != nil && !errors.Is(err, publish.ErrNoLocks) {
		folder.Close()
		return nil, r, fmt.Errorf("%s: %w", text.Escape(path), err)
	}
	if err := l.begin(&r); err != nil {
		return nil, r, errors.Join(fmt.Errorf("%s: %w", text.Escape(path), err), l.Close())
	}
	return l, r, nil
}

// begin reads what there is: the file, and the one before it.
func (l *Log) begin(r *Result) error {
	numbers, err := Aside(l.path)
	if err != nil {
		return err
	}
	if len(numbers) > 0 {
		l.last = numbers[len(numbers)-1]
		if err := l.remember(l.aside(l.last), r); err != nil {
			return err
		}
	}
	if l.file, l.size, err = open(l.path); err != nil {
		return err
	}
	end, unended, err := read(io.NewSectionReader(l.file, 0, l.size), r, l.know)
	if err != nil {
		return err
	}
	r.Known = len(l.order)
	if r.Mended = l.size - end; r.Mended > 0 {
		if err := l.file.Truncate(end); err != nil {
			return err
		}
		l.size = end
	}
	if unended {
		return l.write([]byte{'\n'})
	}
	return nil
}

// remember reads a file that was set aside.
func (l *Log) remember(path string, r *Result) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() > MaxBytes {
		return errors.Join(err, fmt.Errorf("%w: %s", ErrForeign, text.Escape(path)))
	}
	_, _, err = read(f, r, l.know)
	return err
}

// know remembers a line, and says whether it is one of ours.
func (l *Log) know(line []byte) bool {
	subject, t, ours := parse(line)
	if ours {
		l.add(subject, t)
	}
	return ours
}

func (l *Log) add(subject string, t told) {
	l.told[subject] = append(l.told[subject], t)
	if l.order = append(l.order, subject); len(l.order) <= l.config.Memory {
		return
	}
	first := l.order[0]
	l.order = l.order[1:]
	if l.told[first] = l.told[first][1:]; len(l.told[first]) == 0 {
		delete(l.told, first)
	}
}

// knows reports whether an entry has been told: by a line of its ID, or by one of its
// subject, at least as severe, less than its period away.
func (l *Log) knows(e *Entry) bool {
	return slices.ContainsFunc(l.told[e.Subject], func(t told) bool { return t.tells(e) })
}

// Append adds the entries that are not known, in their order, syncs the file, and returns them.
// Those of one call stay in one file. After an error the Log is of no use: what it remembers may
// not be there.
func (l *Log) Append(entries []Entry) (added []Entry, err error) {
	if l.failed != nil {
		return nil, l.failed
	}
	var lines bytes.Buffer
	for i := range entries {
		e := &entries[i]
		if l.knows(e) {
			continue
		}
		lines.Write(e.Line)
		lines.WriteByte('\n')
		l.add(e.Subject, told{e.ID, e.Severity, e.Time})
		added = append(added, *e)
	}
	if err := l.put(lines.Bytes()); err != nil {
		l.failed = fmt.Errorf("%s: %w", text.Escape(l.path), err)
		return nil, l.failed
	}
	return added, nil
}

// put writes lines, to another file where this one is large enough.
func (l *Log) put(lines []byte) error {
	if len(lines) > 0 && l.size > 0 && l.size+int64(len(lines)) > l.config.Bytes {
		if err := l.setAside(); err != nil {
			return err
		}
	}
	return l.write(lines)
}

func (l *Log) write(lines []byte) error {
	if err := write(l.file, l.size, lines); err != nil {
		return err
	}
	l.size += int64(len(lines))
	return nil
}

// setAside renames the file, begins another one, and deletes files beyond LogConfig.Files.
func (l *Log) setAside() error {
	l.last++
	if err := os.Rename(l.path, l.aside(l.last)); err != nil {
		return err
	}
	file, size, err := open(l.path)
	if err != nil {
		return err
	}
	err = l.file.Close() // all of it is synced
	l.file, l.size = file, size
	if err != nil {
		return err
	}
	numbers, err := Aside(l.path)
	if err != nil {
		return err
	}
	for _, n := range numbers[:max(0, len(numbers)-l.config.Files)] {
		if err := os.Remove(l.aside(n)); err != nil {
			return err
		}
	}
	return l.folder.SyncDir(".")
}

func (l *Log) aside(number int64) string { return AsideName(l.path, number) }

// Aside returns the numbers of the files that were set aside of a Log, ascending.
func Aside(path string) ([]int64, error) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	ending := filepath.Ext(path)
	start := strings.TrimSuffix(filepath.Base(path), ending) + "-"
	var all []int64
	for _, e := range entries {
		digits, is := strings.CutPrefix(strings.TrimSuffix(e.Name(), ending), start)
		if n, err := strconv.ParseInt(digits, 10, 64); is && err == nil && len(digits) == numberDigits && e.Type().IsRegular() {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return all, nil
}

// AsideName is the name of the file that was set aside of a Log under a number.
func AsideName(path string, number int64) string {
	ending := filepath.Ext(path)
	return fmt.Sprintf("%s-%0*d%s", strings.TrimSuffix(path, ending), numberDigits, number, ending)
}

// numberDigits of the names of files that were set aside.
const numberDigits = 10

// Close closes the file and gives up its lock.
func (l *Log) Close() error {
	var errs []error
	if l.file != nil {
		errs = append(errs, l.file.Close())
	}
	if l.lock != nil {
		errs = append(errs, l.lock.Unlock())
	}
	return errors.Join(append(errs, l.folder.Close())...)
}
