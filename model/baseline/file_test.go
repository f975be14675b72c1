package baseline_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"pcapmill/model/baseline"
)

// TestSaveAndLoad: the same bytes, for the owner alone, in place of an older one.
func TestSaveAndLoad(t *testing.T) {
	name := filepath.Join(t.TempDir(), "new folder", "hosts.baseline")
	for _, b := range []*baseline.Baseline{fresh(t, 2), example(t)} {
		if err := b.Save(name); err != nil {
			t.Fatal(err)
		}
		read, err := baseline.Load(name, baseline.DefaultFileBytes)
		if err != nil || !bytes.Equal(encoded(t, read), encoded(t, b)) {
			t.Fatalf("not the same: %v", err)
		}
	}
	if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(name)); len(entries) != 1 {
		t.Errorf("%v", entries)
	}
}

// TestFilesOfOthers are neither read nor replaced.
func TestFilesOfOthers(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte("mine, and longer than a head is"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{text, dir} {
		if err := example(t).Save(name); !errors.Is(err, baseline.ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := baseline.Load(name, 1000); !errors.Is(err, baseline.ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if data, _ := os.ReadFile(text); !strings.HasPrefix(string(data), "mine") {
		t.Error("replaced")
	}
	if _, err := baseline.Load(filepath.Join(dir, "none"), 1000); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// TestLoadLimit: a file larger than asked for is not read.
func TestLoadLimit(t *testing.T) {
	name := filepath.Join(t.TempDir(), "b")
	if err := example(t).Save(name); err != nil {
		t.Fatal(err)
	}
	if _, err := baseline.Load(name, 100); !errors.Is(err, baseline.ErrTooLarge) || !strings.Contains(err.Error(), name) {
		t.Error(err)
	}
}
