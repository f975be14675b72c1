//go:build unix

package live

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"pcapmill/model/baseline"
	"pcapmill/model/windows"
	"pcapmill/outputs/manifest"
)

// opened is what baseline build and drift know of a folder's windows.
func opened(ctx context.Context, dir string) (string, error) {
	set, err := windows.Open(ctx, []string{dir}, windows.DefaultOptions())
	if err != nil {
		return "", err
	}
	rows := 0
	err = set.Each(ctx, func(*baseline.Row) error { rows++; return nil })
	if err != nil {
		return "", err
	}
	data, err := json.Marshal([]any{rows, set.Sources(), set.Quality()})
	return strings.ReplaceAll(string(data), dir, "DIR"), err
}

// TestWindowsWhileGrowing: what captures cover and lack is of the state that the windows are of. The
// folder grows while the reader waits for its manifest, which is a pipe until then.
func TestWindowsWhileGrowing(t *testing.T) {
	f := newFarm(t, 4)
	path := filepath.Join(f.out(), manifest.Name)
	stated, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before := f.frozen()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	go func() {
		pipe, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Error(err)
			return
		}
		defer pipe.Close()
		f.grow()
		if _, err := pipe.Write(stated); err != nil {
			t.Error(err)
		}
	}()
	got, err := opened(t.Context(), f.out())
	if err != nil {
		t.Fatal(err)
	}
	for _, state := range []string{before, f.frozen()} {
		want, err := opened(t.Context(), state)
		if err != nil {
			t.Fatal(err)
		}
		if got == want {
			return
		}
	}
	t.Errorf("what was read is of no state: %s", got)
}
