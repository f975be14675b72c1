package publish_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"pcapmill/outputs/publish"
	"pcapmill/outputs/publish/faultfs"
)

func writes(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// TestReplace: a file that is there has the old content or the new one, whatever fails.
func TestReplace(t *testing.T) {
	dir := tempDir(t)
	name := filepath.Join(dir, "below", "file")
	for _, content := range []string{"old", "new"} {
		p, err := publish.Replace(name, writes(content), nil)
		if err != nil || p.Bytes != 3 || p.Path != "file" {
			t.Fatalf("%+v, %v", p, err)
		}
	}
	bad := errors.New("bad")
	for what, try := range map[string]func() error{
		"write": func() error {
			_, err := publish.Replace(name, func(w io.Writer) error { io.WriteString(w, "half"); return bad }, nil)
			return err
		},
		"check": func() error {
			_, err := publish.Replace(name, writes("wrong"), func(io.ReaderAt, int64) error { return bad })
			return err
		},
	} {
		if err := try(); !errors.Is(err, bad) {
			t.Errorf("%s: %v", what, err)
		}
	}
	sameTree(t, tree(t, filepath.Dir(name)), map[string]string{"file": "new"})
	if info, _ := os.Stat(name); runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

// TestReplaceBehindALink: the folder of a file may be reached by one, as /tmp is on some systems.
func TestReplaceBehindALink(t *testing.T) {
	dir := tempDir(t)
	link := filepath.Join(dir, "link")
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "folder"), 0o700), os.Symlink("folder", link)); err != nil {
		t.Skip(err)
	}
	for range 2 {
		if _, err := publish.Replace(filepath.Join(link, "file"), writes("x"), nil); err != nil {
			t.Fatal(err)
		}
	}
	sameTree(t, tree(t, filepath.Join(dir, "folder")), map[string]string{"file": "x"})
}

// TestReplaceRefuses what is no regular file.
func TestReplaceRefuses(t *testing.T) {
	dir := tempDir(t)
	link := filepath.Join(dir, "link")
	if err := os.Symlink(filepath.Join(dir, "elsewhere"), link); err != nil {
		t.Skip(err)
	}
	os.Mkdir(filepath.Join(dir, "folder"), 0o700)
	for name, says := range map[string]string{link: " is a symbolic link;", filepath.Join(dir, "folder"): " is a folder"} {
		_, err := publish.Replace(name, writes("x"), nil)
		if !errors.Is(err, publish.ErrForeign) || !strings.HasPrefix(err.Error(), name+says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("%v", entries)
	}
}

// TestReplacePowerCut fails at every call in turn and then loses power: what is there is
// the old file or the new one, whole.
func TestReplacePowerCut(t *testing.T) {
	cut := errors.New("cut")
	for n := 1; ; n++ {
		disk := newDisk()
		if _, err := publish.ReplaceIn(disk, "", "file", writes("old content"), nil); err != nil {
			t.Fatal(err)
		}
		_, err := publish.ReplaceIn(faultfs.New(disk, func(c faultfs.Call) error {
			if c.N >= n {
				return cut
			}
			return nil
		}).SyncAll(), "", "file", writes("new"), nil)
		for seed := range uint64(20) {
			after := disk.cut(rand.New(rand.NewPCG(uint64(n), seed)))
			file := after.now["file"]
			if file == nil || string(file.data) != "old content" && string(file.data) != "new" || err == nil && string(file.data) != "new" {
				t.Fatalf("call %d, %v: %+v", n, err, file)
			}
		}
		if err == nil {
			t.Logf("%d calls", n-1)
			return
		}
	}
}
