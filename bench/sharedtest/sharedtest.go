// Package sharedtest finds the folder of reference captures and truths that
// tests compare with. It lies outside the repository and may be absent, so a
// test that needs it is skipped there. Where it must be there, as in CI,
// PCAPMILL_REQUIRE_SHARED=1 makes its absence a failure.
package sharedtest

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir returns the shared folder: $PCAPMILL_SHARED, or the nearest folder named
// shared that holds a README.md beside the working directory or any of its
// parents. It skips the test where there is none, or fails it where one is
// required.
func Dir(t testing.TB) string {
	t.Helper()
	if dir := os.Getenv("PCAPMILL_SHARED"); dir != "" {
		if !isShared(dir) {
			absent(t, "PCAPMILL_SHARED="+dir+" holds no README.md")
		}
		return dir
	}
	dir, err := os.Getwd()
	if err != nil {
		absent(t, "no working directory: "+err.Error())
	}
	for {
		if candidate := filepath.Join(dir, "shared"); isShared(candidate) {
			return candidate
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			absent(t, "no shared folder with reference captures: set PCAPMILL_SHARED to run this test")
		}
		dir = parent
	}
}

func absent(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("PCAPMILL_REQUIRE_SHARED") == "1" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// Accept reports whether the long acceptance sweeps are asked for.
func Accept() bool { return os.Getenv("PCAPMILL_ACCEPT") == "1" }

func isShared(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, "README.md"))
	return err == nil && info.Mode().IsRegular()
}
