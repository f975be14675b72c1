package capture

import (
	"os"
	"path/filepath"
	"testing"

	"pcapmill/outputs/ledger"
	"pcapmill/outputs/livefolder"
)

// TestDamagedReleases: a ledger that is damaged is read once, and again when it is another one.
func TestDamagedReleases(t *testing.T) {
	path := filepath.Join(t.TempDir(), livefolder.LedgerName)
	log, err := ledger.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range int64(3) {
		if err := log.Append(livefolder.ReleaseEvent, livefolder.Release{Through: n + 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(sound, "{}\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	var r releases
	if err := r.read(path, ""); err == nil || !r.has(3) {
		t.Fatalf("%v, up to %d", err, r.through)
	}
	r.through = 4 // which reading it again would change
	if err := r.read(path, ""); err == nil || r.through != 4 {
		t.Errorf("%v, up to %d: it was read again", err, r.through)
	}
	if err := os.WriteFile(path, sound, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.read(path, ""); err != nil || r.damaged != nil {
		t.Error(err, r.damaged)
	}
}
