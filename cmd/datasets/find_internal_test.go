package datasets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func sumOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// TestFind knows files by their hash: those of another size are not read, links not followed, and
// it ends when all is found.
func TestFind(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	put := func(path, content string, mode os.FileMode) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), mode)); err != nil {
			t.Fatal(err)
		}
	}
	put(filepath.Join(dir, "a", "b", "first"), "first", 0o600)
	put(filepath.Join(dir, "a", "other"), "othe2", 0o600) // the same size
	put(filepath.Join(dir, "z"), "longer than all", 0o600)
	put(filepath.Join(outside, "linked"), "linked", 0o600)
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Skip(err)
	}
	ctx := context.Background()
	want := []wanted{{sum: sumOf("first"), bytes: 5}, {sum: sumOf("linked"), bytes: 6}}
	at, err := find(ctx, []string{dir}, want)
	if err != nil || at.paths[want[0].sum] != filepath.Join(dir, "a", "b", "first") || len(at.paths) != 1 || at.limited {
		t.Errorf("%+v, %v", at, err)
	}
	at, err = find(ctx, []string{dir, filepath.Join(outside, "linked")}, want) // a file may be named itself
	if err != nil || len(at.paths) != 2 {
		t.Errorf("%+v, %v", at, err)
	}
	if at, err := find(ctx, []string{dir}, want[:1]); err != nil || at.looked != 4 { // dir, a, b, first
		t.Errorf("it goes on: %+v, %v", at, err)
	}
	if at, err := find(ctx, []string{dir}, []wanted{{sum: sumOf("longer than all")}}); err != nil || len(at.paths) != 1 { // of a size that nobody knows
		t.Errorf("%+v, %v", at, err)
	}
	deep := dir
	for range mostDepth + 1 {
		deep = filepath.Join(deep, "d")
	}
	put(filepath.Join(deep, "x"), "deep", 0o600)
	if at, err := find(ctx, []string{dir}, []wanted{{sum: sumOf("deep"), bytes: 4}}); err != nil || len(at.paths) != 0 || !at.limited {
		t.Errorf("%d folders deep: %+v, %v", mostDepth+1, at, err)
	}
	if at, err := find(ctx, []string{filepath.Join(dir, "none")}, want); err != nil || at.unread != 1 {
		t.Errorf("%+v, %v", at, err)
	}
	stopped, stop := context.WithCancel(ctx)
	stop()
	if _, err := find(stopped, []string{dir}, want); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
