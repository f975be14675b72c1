package publish_test

import (
	"os"
	"path/filepath"
	"testing"

	"pcapmill/outputs/publish"
)

// FuzzMarker opens a folder with any marker in it. Whatever it says, a file that
// no run of ours could have written stays, and so does everything outside.
func FuzzMarker(f *testing.F) {
	marker := `{"format":"pcapmill run marker","version":1,"phase":"writing","plan_id":"","run_key":"","pid":1,"started_at":"","owned":[%]}`
	for _, owned := range []string{``, `"flows/"`, `"mine.txt"`, `"../mine.txt"`, `"/etc/passwd"`, `"notes/"`, `"."`, `"a/../.."`, `"link/"`} {
		f.Add(marker[:len(marker)-3] + owned + "]}")
	}
	f.Add("")
	f.Add("{}")
	f.Fuzz(func(t *testing.T, marker string) {
		outside := tempDir(t)
		dir := filepath.Join(outside, "out")
		theirs := []string{
			filepath.Join(outside, "part-00000.parquet"),
			filepath.Join(dir, "notes", "thesis.txt"),
			filepath.Join(dir, "flows", "sub", "thesis.txt"),
		}
		for _, path := range append(theirs, filepath.Join(dir, ".pcapmill-run.json")) {
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(marker), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
			t.Skip(err)
		}
		d, _, err := publish.Open(dir, newRun("x").owner(true))
		if err == nil {
			_ = d.Abort()
		}
		for _, path := range theirs {
			if _, err := os.Lstat(path); err != nil {
				t.Errorf("%s is gone: %v", path, err)
			}
		}
		os.RemoveAll(outside)
	})
}
