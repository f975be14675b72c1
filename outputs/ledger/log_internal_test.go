package ledger

import (
	"path/filepath"
	"syscall"
	"testing"
)

// failing is a file whose next calls fail, a write after half of its bytes.
type failing struct {
	file
	write, sync, truncate error
}

func (f *failing) WriteAt(p []byte, offset int64) (int, error) {
	if f.write != nil {
		n, _ := f.file.WriteAt(p[:len(p)/2], offset)
		return n, f.write
	}
	return f.file.WriteAt(p, offset)
}

func (f *failing) Sync() error {
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
