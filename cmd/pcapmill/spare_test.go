package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestIsRead: what folders that are read consist of is kept, and reports that lie in them are not.
func TestIsRead(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	for _, name := range []string{
		"out/manifest.json", "out/drift.json", "out/hosts/part-00000.parquet", "out/pairs/part-00000.parquet", "out/hosts/old.txt",
		"set/manifest.json", "set/dataset.json", "set/step-01-run.json", "bare/split=test/a.parquet", "bare/drift.html", "base.bl",
	} {
		if err := os.MkdirAll(filepath.Dir(at(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at(name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(at("out"), at("link")); err != nil {
		t.Skip(err)
	}
	for _, c := range []struct {
		file, read string
		want       bool
	}{
		{"base.bl", "base.bl", true},
		{"out/hosts/part-00000.parquet", "out", true},
		{"out/pairs/part-00000.parquet", "out/hosts", true}, // which is read beside it
		{"out/manifest.json", "out/hosts/part-00000.parquet", true},
		{"out/../out/manifest.json", "link", true},
		{"link/manifest.json", "out", true},
		{"bare/split=test/a.parquet", "bare", true}, // a folder of others
		{"set/dataset.json", "set", true},
		{"set/step-01-run.json", "set", true},
		{"set/manifest.json", "out", false},
		{"out/drift.json", "out", false}, // yesterday's
		{"out/hosts/old.txt", "out", false},
		{"out/hosts/part-00001.parquet", "out", false}, // is not there
		{"bare/drift.html", "bare", false},
		{"out/manifest.json", "", false},
		{"out/manifest.json", "none", false},
	} {
		read := at(c.read)
		if c.read == "" {
			read = ""
		}
		if got := isRead(at(c.file), []string{read}); got != c.want {
			t.Errorf("%s of %s: %v", c.file, c.read, got)
		}
	}
}
