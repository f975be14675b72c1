// Package manifesttest reads manifests in tests.
package manifesttest

import (
	"os"
	"path/filepath"
	"testing"

	"pcapmill/outputs/manifest"
)

// Read returns the manifest of a folder.
func Read(t testing.TB, dir string) *manifest.Manifest {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, manifest.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
	m, err := manifest.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
