//go:build unix

package publish_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"pcapmill/outputs/publish"
)

// TestModes: folders 0700 and files 0600 whatever the umask, also in a folder that
// was there with a wider mode.
func TestModes(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o777} {
		parent := tempDir(t)
		given := filepath.Join(parent, "given")
		os.Mkdir(given, 0o755)
		for _, dir := range []string{given, filepath.Join(parent, "created")} {
			func() {
				defer syscall.Umask(syscall.Umask(umask))
				d, _ := mustOpen(t, dir, newRun("x").owner(false))
				if err := newRun("x").fill(d); err != nil {
					t.Fatal(err)
				}
			}()
			filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
				info, _ := e.Info()
				want := fs.FileMode(0o600)
				if e.IsDir() {
					want = 0o700
				}
				if info.Mode().Perm() != want {
					t.Errorf("umask %03o: %s has mode %v", umask, path, info.Mode())
				}
				return err
			})
		}
	}
}

func TestForeignOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a folder away")
	}
	dir := tempDir(t)
	if err := os.Chown(dir, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if _, _, err := publish.Open(dir, publish.Owner{}); !errors.Is(err, publish.ErrUnsafe) {
		t.Errorf("error %v", err)
	}
	if _, err := publish.Replace(filepath.Join(dir, "file"), writes("x"), nil); err != nil { // as into /tmp
		t.Errorf("a file: %v", err)
	}
}

// TestPipes: a pipe in place of a document must not make Open wait.
func TestPipes(t *testing.T) {
	for _, name := range []string{"manifest.json", ".pcapmill-run.json"} {
		dir := tempDir(t)
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Skip("no pipes here: ", err)
		}
		if _, _, err := publish.Open(dir, publish.Owner{Force: true}); !errors.Is(err, publish.ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
