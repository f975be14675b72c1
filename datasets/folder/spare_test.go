package folder_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"pcapmill/datasets/folder"
)

// TestSpare: what is read is not written over, whatever the path says.
func TestSpare(t *testing.T) {
	root := t.TempDir()
	in := filepath.Join(root, "in")
	table := filepath.Join(in, "flows")
	if err := os.MkdirAll(table, 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(root, "link")
	if err := os.Symlink(in, link); err != nil {
		t.Skip(err)
	}
	for dir, refused := range map[string]bool{in: true, link: true, in + "/../in": true, root: true, table: true, filepath.Join(in, "labels"): false, filepath.Join(root, "other"): false} {
		for _, read := range []string{table, link + "/flows"} {
			f, err := folder.Create(dir, folder.Spec{Kind: "labels", Reads: []string{read}})
			if errors.Is(err, folder.ErrInput) != refused {
				t.Errorf("%s with %s: %v", dir, read, err)
			}
			if f != nil {
				f.Abort() //nolint:errcheck // a test
			}
			if _, err := os.Stat(table); err != nil {
				t.Fatalf("%s: %v", dir, err)
			}
		}
	}
}
