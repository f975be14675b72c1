package survive_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"pcapmill/bench/sharedtest"
	"pcapmill/bench/survive"
	"pcapmill/ingest/packet"
)

// captures lists the reference captures, by captures.tsv of the truths.
func captures(t *testing.T) []string {
	t.Helper()
	shared := sharedtest.Dir(t)
	f, err := os.Open(filepath.Join(shared, "truth", "captures.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for first := true; lines.Scan(); first = false {
		if name, _, _ := strings.Cut(lines.Text(), "\t"); !first {
			list = append(list, filepath.Join(shared, "captures", filepath.FromSlash(name)))
		}
	}
	if err := lines.Err(); err != nil || len(list) < 1000 {
		t.Fatalf("%d captures: %v", len(list), err)
	}
	return list
}

// tally counts outcomes.
type tally struct {
	mu sync.Mutex
	by map[string]int
}

func (c *tally) add(kind string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by[kind]++
}

// TestDamaged damages every reference capture in nine ways and runs what is left:
// a seeded sample of them, or with PCAPMILL_ACCEPT=1 all. It may come to any
// outcome that is one, in order and in bounded memory.
func TestDamaged(t *testing.T) {
	if testing.Short() {
		t.Skip("runs some hundred captures")
	}
	list, every := captures(t), 1
	if !sharedtest.Accept() {
		every = 197 // prime: meets every kind of damage
	}
	runner, outcomes := newRunner(t), tally{by: map[string]int{}}
	jobs := make(chan func())
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for do := range jobs {
				do()
			}
		})
	}
	n := 0
	for _, path := range list {
		for _, d := range survive.Damages(filepath.Base(path)) {
			if n++; n%every == 0 {
				jobs <- func() { outcomes.add(damaged(t, runner, path, d)) }
			}
		}
	}
	close(jobs)
	workers.Wait()
	t.Logf("%d captures, %d damaged copies in all, these run: %v", len(list), n, outcomes.by)
}

// damaged runs one damaged copy and returns its outcome. Damage that is found to
// break something can be had again from the file's name and the damage's.
func damaged(t *testing.T, runner survive.Runner, path string, d survive.Damage) string {
	what := filepath.Base(path) + ", " + d.Name
	data, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
		return "unread"
	}
	data = d.Do(data)
	copied, err := os.CreateTemp(runner.Dir, "damaged-*"+filepath.Ext(path))
	if err == nil {
		_, err = copied.Write(data)
		copied.Close()
	}
	if err != nil {
		t.Error(err)
		return "unread"
	}
	defer os.Remove(copied.Name())
	r, err := runner.Run(copied.Name())
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return "broken"
	}
	return r.Input().Outcome.Kind
}

// TestDamagedMemory holds the bound of what one damaged capture allocates: alone,
// so that nothing else is counted.
func TestDamagedMemory(t *testing.T) {
	list, every := captures(t), 11
	if !sharedtest.Accept() {
		every = 331
	}
	runner := newRunner(t)
	var most uint64
	for i := 0; i < len(list); i += every {
		data, err := os.ReadFile(list[i])
		if err != nil {
			t.Fatal(err)
		}
		all := survive.Damages(filepath.Base(list[i]))
		d := all[i%len(all)]
		path := filepath.Join(runner.Dir, "damaged")
		if err := os.WriteFile(path, d.Do(data), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := runner.Run(path)
		if err != nil {
			t.Fatalf("%s, %s: %v", list[i], d.Name, err)
		}
		most = max(most, r.Allocated)
		if limit := bound(len(data), r); r.Allocated > limit {
			t.Errorf("%s, %s: %d MiB allocated for %d bytes", list[i], d.Name, r.Allocated>>20, len(data))
		}
	}
	t.Logf("at most %d MiB allocated", most>>20)
}

// bound is what a run of a file of so many bytes may allocate in total.
func bound(stored int, r *survive.Result) uint64 {
	read := r.Accounting.Read
	return allocatedByNothing + allocatedPerByte*uint64(int64(stored)+read.CapturedBytes) + allocatedPerPacket*uint64(read.Packets)
}

// TestDamages holds that each kind of damage changes files, the same way each
// time, and leaves its argument alone.
func TestDamages(t *testing.T) {
	data := bytes.Repeat([]byte("capture "), 500)
	before := bytes.Clone(data)
	seen := map[string]bool{}
	for _, d := range survive.Damages("a.pcap") {
		once, again := d.Do(data), d.Do(data)
		if !bytes.Equal(once, again) || bytes.Equal(once, data) || !bytes.Equal(data, before) {
			t.Errorf("%s: %d bytes, equal again %v", d.Name, len(once), bytes.Equal(once, again))
		}
		if seen[string(once)] {
			t.Errorf("%s does what another does", d.Name)
		}
		seen[string(once)] = true
		_ = d.Do(nil) // an empty file is a file
	}
	share := 0
	for i, b := range survive.Damages("b.pcap")[0].Do(data) {
		if b != data[i] {
			share++
		}
	}
	if got := fmt.Sprintf("%.3f", float64(share)/float64(len(data))); share < 40 || share > 120 {
		t.Errorf("errors changed a share of %s, want about %v", got, survive.ErrorRate)
	}
}

// TestEveryPrefix cuts small captures at every byte: all packets that are whole
// before the cut are kept.
func TestEveryPrefix(t *testing.T) {
	step := 31
	if sharedtest.Accept() {
		step = 1
	}
	runner := newRunner(t)
	path := filepath.Join(runner.Dir, "prefix")
	for name, data := range prefixFiles(t) {
		before := int64(0)
		for n := 0; n <= len(data); n += step {
			if err := os.WriteFile(path, data[:n], 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := runner.Run(path)
			if err != nil {
				t.Fatalf("%s, %d of %d bytes: %v", name, n, len(data), err)
			}
			got := r.Accounting.Read.Packets
			if got < before || r.Accounting.By[packet.InFlow].Packets != got {
				t.Errorf("%s: %d packets in the first %d bytes, %d in fewer", name, got, n, before)
			}
			before = got
		}
	}
}
