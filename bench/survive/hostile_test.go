package survive_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"pcapmill/bench/hostile"
	"pcapmill/bench/sharedtest"
	"pcapmill/bench/survive"
	"pcapmill/ingest/packet"
)

// Bounds of what a run allocates in total. A run of nothing takes some tens of
// megabytes for its blocks, tables and writers; then each byte of input may cost
// so many.
const (
	allocatedByNothing = 40 << 20 // 4 each of them for hosts and pairs, which have windows open
	allocatedPerByte   = 64
	allocatedPerPacket = 256 // also of packets without bytes
)

// memoryDir returns an empty folder, in memory where the system has such a place:
// these tests publish thousands of datasets and wait for no disk.
func memoryDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "pcapmill-survive-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// newRunner returns a runner that knows the documented reasons.
func newRunner(t testing.TB) survive.Runner {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "inputs.md"))
	if err != nil {
		t.Fatal(err)
	}
	reasons := survive.Reasons(string(page))
	if len(reasons) < 20 {
		t.Fatalf("docs/inputs.md has %d reasons: %q", len(reasons), reasons)
	}
	return survive.Runner{Dir: memoryDir(t), Reasons: reasons}
}

// TestHostile runs every hostile case and holds what was worked out for it.
func TestHostile(t *testing.T) {
	runner, seen := newRunner(t), map[string]bool{}
	cases := 0
	for _, class := range hostile.Classes() {
		if len(class.Cases) == 0 || class.Threats == "" {
			t.Errorf("class %s: %d cases, threats %q", class.Name, len(class.Cases), class.Threats)
		}
		for _, c := range class.Cases {
			if seen[c.Name] {
				t.Errorf("two cases are called %s", c.Name)
			}
			seen[c.Name] = true
			cases++
			t.Run(class.Name+"/"+c.Name, func(t *testing.T) { hold(t, runner, &c) })
		}
	}
	if cases < 200 {
		t.Errorf("%d cases are fewer than 200", cases)
	}
	t.Logf("%d cases in %d classes", cases, len(hostile.Classes()))
}

func hold(t *testing.T, runner survive.Runner, c *hostile.Case) {
	if c.Heavy && !sharedtest.Accept() {
		t.Skip("takes seconds: runs under PCAPMILL_ACCEPT=1")
	}
	if c.File != "" && runtime.GOOS == "windows" {
		t.Skip("the file system has no such names")
	}
	data, want := c.Make()
	path := filepath.Join(runner.Dir, c.FileName())
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(path)
	r, err := runner.Run(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Input().Outcome; got.Kind != want.Outcome || got.Reason != want.Reason {
		t.Errorf("%s %q, want %s %q: %s", got.Kind, got.Reason, want.Outcome, want.Reason, r.Input().Line())
	}
	if r.Allocated > bound(len(data), r) {
		t.Errorf("%d MiB allocated for %d bytes and %d packets", r.Allocated>>20, len(data), r.Accounting.Read.Packets)
	}
	if want.Loose {
		return
	}
	if got := r.Accounting.Read.Packets; got != want.Packets {
		t.Errorf("%d packets, want %d", got, want.Packets)
	}
	for out := range packet.NumOutcomes {
		if got := r.Accounting.By[out].Packets; got != want.By[out] {
			t.Errorf("%d packets %s, want %d", got, out, want.By[out])
		}
	}
	if want.Flows > 0 && r.Flows() != want.Flows {
		t.Errorf("%d flows, want %d", r.Flows(), want.Flows)
	}
}

// prefixFiles are small sound captures of each format, all of whose packets are
// in flows.
func prefixFiles(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, class := range hostile.Classes() {
		for _, c := range class.Cases {
			switch c.Name {
			case "modified_header", "link_types_by_interface", "obsolete_packets":
				files[c.Name], _ = c.Make()
			}
		}
	}
	if len(files) != 3 {
		t.Fatalf("%d files", len(files))
	}
	return files
}
