package drift_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"pcapmill/bench/drift"
)

// TestMake: the tables of all hours are there, no capture is, and they are not taken for
// those of another network.
func TestMake(t *testing.T) {
	binary, folder := build(t), t.TempDir()
	net := drift.Networks(drift.QuickSize())[0]
	net.Config.Clients, net.Hours = 3, net.Hours[2:5]
	if drift.Made(folder, net) {
		t.Error("a network is made before it is")
	}
	if err := drift.Make(binary, folder, net); err != nil {
		t.Fatal(err)
	}
	if !drift.Made(folder, net) {
		t.Error("a network is not made after it is")
	}
	for _, h := range net.Hours {
		for _, table := range []string{"hosts", "pairs", "slots", "flows"} {
			if files, err := filepath.Glob(filepath.Join(folder, net.Name, h.Name(), table, "*.parquet")); len(files) != 1 || err != nil {
				t.Errorf("%s has %d files of %s, %v", h.Name(), len(files), table, err)
			}
		}
	}
	if entries, err := os.ReadDir(filepath.Join(folder, net.Name)); len(entries) != len(net.Hours)+1 || err != nil {
		t.Errorf("%d entries for %d hours and their truth, %v", len(entries), len(net.Hours), err)
	}
	other, fewer := net, net
	other.Config.Seed++
	fewer.Hours = net.Hours[1:]
	if drift.Made(folder, other) || drift.Made(folder, fewer) {
		t.Error("another network's tables are taken for its own")
	}
}

// build returns the program, built from this tree.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "pcapmill.exe")
	cmd := exec.Command("go", "build", "-o", binary, "../../cmd/pcapmill")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building pcapmill: %v\n%s", err, said)
	}
	return binary
}
