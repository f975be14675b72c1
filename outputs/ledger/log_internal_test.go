package ledger

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// failing is a file whose next calls fail, a write after half of its bytes.
type failing struct {
	file
	write, sync, truncate error
	during                func() // of a sync
}

func (f *failing) WriteAt(p []byte, offset int64) (int, error) {
	if f.write != nil {
		n, _ := f.file.WriteAt(p[:len(p)/2], offset)
		return n, f.write
	}
	return f.file.WriteAt(p, offset)
}

func (f *failing) Sync() error {
	if f.during != nil {
		f.during()
	}
	if f.sync != nil {
		return f.sync
	}
	return f.file.Sync()
}

func (f *failing) Truncate(size int64) error {
	if f.truncate != nil {
		return f.truncate
	}
	return f.file.Truncate(size)
}

// TestFullDisk: a record that could not be written leaves nothing behind, however it failed,
// and the next one stands on whole lines.
func TestFullDisk(t *testing.T) {
	full := syscall.ENOSPC
	for name, bad := range map[string]failing{
		"write":         {write: full},
		"sync":          {sync: full},
		"write and cut": {write: full, truncate: full},
		"sync and cut":  {sync: full, truncate: full},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.jsonl")
			l, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			if err := l.Append("first", 1); err != nil {
				t.Fatal(err)
			}
			sound := l.file
			bad.file = sound
			l.file = &bad
			for range 3 {
				if err := l.Append("never", 2); err == nil {
					t.Fatal("no error")
				}
			}
			l.file = sound
			if err := l.Append("second", 3); err != nil {
				t.Fatal(err)
			}
			records, _, err := Read(path, Position{})
			if err != nil || len(records) != 2 || records[1].Event != "second" {
				t.Errorf("%v %v", records, err)
			}
		})
	}
}

// TestFailedSyncIsRead: who follows a ledger may read a record whose sync fails. That it is appended again,
// later, leaves the reader's chain whole.
func TestFailedSyncIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	l, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	now := time.Unix(1, 0)
	l.Now = func() time.Time { now = now.Add(time.Second); return now }
	var at Position
	follow := func() {
		if _, at, err = Read(path, at); err != nil || at.Seq != 1 {
			t.Error(at, err)
		}
	}
	sound := l.file
	l.file = &failing{file: sound, sync: syscall.EIO, during: follow}
	for range 3 {
		if err := l.Append("first", 1); err == nil {
			t.Fatal("no error")
		}
	}
	l.file = sound
	for _, event := range []string{"first", "second"} {
		if err := l.Append(event, 1); err != nil {
			t.Fatal(err)
		}
	}
	more, _, err := Read(path, at)
	if err != nil || len(more) != 1 || more[0].Event != "second" {
		t.Error(more, err)
	}
	if all, _, err := Read(path, Position{}); err != nil || len(all) != 2 {
		t.Error(all, err)
	}
}

// TestFailedSyncIsTakenBack: what was never synced is not left behind.
func TestFailedSyncIsTakenBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	l, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	l.file = &failing{file: l.file, sync: syscall.EIO}
	if err := l.Append("first", 1); err == nil {
		t.Fatal("no error")
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if all, _, err := Read(path, Position{}); err != nil || len(all) != 0 {
		t.Error(all, err)
	}
}
