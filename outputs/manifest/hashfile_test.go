package manifest_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"pcapmill/outputs/manifest"
)

func TestHashFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "abc")
	if err := os.WriteFile(path, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" // FIPS 180-2, B.1
	if sum, n, err := manifest.HashFile(context.Background(), path); sum != abc || n != 3 || err != nil {
		t.Error(sum, n, err)
	}
	if _, _, err := manifest.HashFile(context.Background(), path+"d"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, _, err := manifest.HashFile(context.Background(), os.DevNull); err == nil { // as of /dev/zero, which has no end
		t.Error("a device has a hash")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := manifest.HashFile(ctx, path); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
