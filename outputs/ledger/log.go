package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// file is what a Log needs of its file.
type file interface {
	WriteAt(p []byte, offset int64) (int, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

// Log is a ledger open for writing. Its methods may be called from any goroutine.
type Log struct {
	Now func() time.Time // wall clock of records; set it before the first Append

	mu    sync.Mutex
	path  string
	file  file
	at    Position
	torn  int64
	dirty bool // a write failed and what it left is not taken back yet
	line  []byte
	whole bool  // of what is dirty: line is in the file, and its sync failed
	wrote int64 // its TimeNs
}

// Open opens the ledger for writing, making it where it is absent, and checks all of it. A
// torn last line is cut off (see Torn); other damage is a *Damage and nothing is changed.
// The folder must be there, and the caller must be the only writer.
func Open(path string) (*Log, error) { return OpenScan(path, func(Record) error { return nil }) }

// OpenScan is Open, and calls visit with every record, as Scan does: a ledger is long, and read once
// so. An error of visit is returned, and nothing is changed.
func OpenScan(path string, visit func(Record) error) (*Log, error) {
	f, err := openFile(path, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	at, torn, err := scan(f, path, Position{}, visit)
	if err != nil {
		f.Close()
		return nil, err
	}
	l := &Log{Now: time.Now, path: path, file: f, at: at, torn: torn, dirty: torn > 0}
	if err := l.settle(); err != nil {
		f.Close()
		return nil, err
	}
	return l, nil
}

// settle cuts off a torn line and makes the file and its name durable.
func (l *Log) settle() error {
	if err := l.takeBack(); err != nil {
		return err
	}
	if err := l.file.Sync(); err != nil {
		return l.failed("sync", err)
	}
	return publish.SyncFolder(filepath.Dir(l.path))
}

// Torn returns how many bytes of an unfinished last line Open cut off, 0 for none.
func (l *Log) Torn() int64 { return l.torn }

// Head returns the position behind the last record.
func (l *Log) Head() Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at
}

// Append adds a record whose body is the JSON of body, and returns when it is on disk.
// After an error the record is not in the ledger, and Append may be called again. A record that was
// written, and could not be synced, may have been read by who follows the ledger: it is taken back
// by the next Append of another, or by Close; the next Append of the same writes the same bytes.
func (l *Log) Append(event string, body any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("%s: record of event %s: %w", text.Escape(l.path), event, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return ErrClosed
	}
	record := Record{Seq: l.at.Seq + 1, TimeNs: l.Now().UnixNano(), Event: event, Body: raw, Prev: l.at.Head}
	if l.again(record) {
		return l.store()
	}
	if err := l.takeBack(); err != nil {
		return err
	}
	line, err := appendLine(l.line[:0], &record)
	if err != nil {
		return fmt.Errorf("%s: %w", text.Escape(l.path), err)
	}
	l.line, l.wrote = line, record.TimeNs
	return l.store()
}

// again reports whether a record is the one that is in the file and could not be synced, but for its time.
func (l *Log) again(r Record) bool {
	if !l.whole {
		return false
	}
	r.TimeNs = l.wrote
	line, err := appendLine(nil, &r)
	return err == nil && bytes.Equal(line, l.line)
}

// store writes the line and syncs it. A line that failed halfway is cut off at once, or, where
// that fails too, before the next one.
func (l *Log) store() error {
	l.dirty = true
	_, err := l.file.WriteAt(l.line, l.at.Offset)
	if l.whole = err == nil; !l.whole {
		_ = l.takeBack()
		return l.failed("write", err)
	}
	if err := l.file.Sync(); err != nil {
		return l.failed("write", err)
	}
	l.dirty, l.whole = false, false
	l.at = l.at.after(l.line[:len(l.line)-1])
	return nil
}

// takeBack cuts off what a failed write left. Bytes whose sync failed are never synced a
// second time: the next record writes them anew.
func (l *Log) takeBack() error {
	if !l.dirty {
		return nil
	}
	if err := l.file.Truncate(l.at.Offset); err != nil {
		return l.failed("cut", err)
	}
	l.dirty, l.whole = false, false
	return nil
}

func (l *Log) failed(op string, err error) error {
	return fmt.Errorf("%s ledger: %w", op, err)
}

// Close ends the use of the file.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := errors.Join(l.takeBack(), l.file.Close())
	l.file = nil
	return err
}
