package survive_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/hostile"
	"pcapmill/bench/sharedtest"
	"pcapmill/stages"
)

// Bounds of what a run over a shape allocates in total, beside that of nothing: rows of
// messages may come to 64 times the bytes of the packets, and are copied on their way.
const (
	shapeAllocatedPerByte   = 300
	shapeAllocatedPerPacket = 4096
)

// shape returns the first packets of a shape as a file.
func shape(t *testing.T, s *hostile.Shape, packets int) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := s.Write(&file, packets); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// TestShapesCostWhatTheyHold holds, as bytes allocated do not depend on who else uses
// the processor, that a run over four times the packets costs about four times as much,
// whatever they are.
func TestShapesCostWhatTheyHold(t *testing.T) {
	runner, packets := newRunner(t), 1000
	if sharedtest.Accept() {
		packets = 4000
	}
	for _, s := range hostile.Shapes() {
		var allocated [2]uint64
		for i, n := range []int{packets, 4 * packets} {
			file := shape(t, &s, n)
			path := filepath.Join(runner.Dir, s.Name)
			if err := os.WriteFile(path, file, 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := runner.Run(path)
			if err != nil {
				t.Errorf("%s, %d packets: %v", s.Name, n, err)
				break
			}
			allocated[i] = r.Allocated
			if most := allocatedByNothing + shapeAllocatedPerByte*uint64(len(file)) + shapeAllocatedPerPacket*uint64(n); r.Allocated > most {
				t.Errorf("%s: %d MiB allocated for %d packets in %d MiB, want at most %d MiB", s.Name, r.Allocated>>20, n, len(file)>>20, most>>20)
			}
			os.Remove(path)
		}
		if allocated[1] > 5*allocated[0]+allocatedByNothing {
			t.Errorf("%s: %d MiB allocated for four times what took %d MiB", s.Name, allocated[1]>>20, allocated[0]>>20)
		}
		t.Logf("%-20s %5d MiB %5d MiB", s.Name, allocated[0]>>20, allocated[1]>>20)
	}
}

// TestShapesAreDeterministic reads shapes with as little memory as there may be, on
// different numbers of shards: every table is the same.
func TestShapesAreDeterministic(t *testing.T) {
	cfg, shards := stages.DefaultConfig(), []int{1, 3}
	cfg.MaxFlows, cfg.Streams.Total = stages.MinFlows, 1<<20
	if sharedtest.Accept() {
		shards = []int{1, 2, 3, 8}
	}
	for _, s := range hostile.Shapes() {
		if s.Threats != "T23" && s.Threats != "T25" && s.Threats != "T26" {
			continue
		}
		file := stored(shape(t, &s, 10_000))
		var want map[string]string
		for _, workers := range shards {
			cfg.Workers = workers
			tables, r, err := accuracy.RunTables(cfg, file)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range r.Failed() {
				t.Errorf("%s: %s: %s", s.Name, c.Name, c.Detail)
			}
			got := map[string]string{}
			for name, table := range tables {
				got[name] = table.Hash()
			}
			if want == nil {
				want = got
				t.Logf("%-20s %6d flows, %6d rows of errors, %6d given up, %6d not begun", s.Name, tables["flows"].Rows, tables["errors"].Rows, r.Streams.Released, r.Streams.Unheard)
			}
			for _, name := range slices.Sorted(maps.Keys(want)) {
				if got[name] != want[name] {
					t.Errorf("%s: %s on %d shards is another table", s.Name, name, workers)
				}
			}
		}
	}
}

// TestRecordsChangeNoFlow reads flows that are all open at once, and whose streams do not
// fit into memory: what had to be given up is counted, and the flows are as they are
// without records, but for the columns that records fill.
func TestRecordsChangeNoFlow(t *testing.T) {
	const flows = 12_000
	s, err := hostile.ShapeNamed("interleaved")
	if err != nil {
		t.Fatal(err)
	}
	file := stored(shape(t, &s, 4*flows))
	cfg := stages.DefaultConfig()
	cfg.Features, cfg.MaxFlows, cfg.Streams.Total, cfg.Workers = []string{"all"}, 3*flows, 12<<20, 2
	with, r, err := accuracy.RunTables(cfg, file)
	if err != nil {
		t.Fatal(err)
	}
	if n := r.Streams.Released; n < flows/10 || n > flows || r.Evicted != 0 {
		t.Errorf("%d conversations given up, %d flows evicted", n, r.Evicted)
	}
	if with["http"].Rows == 0 || with["tls"].Rows == 0 {
		t.Errorf("%d rows of HTTP, %d of TLS", with["http"].Rows, with["tls"].Rows)
	}
	cfg.Records = []string{"none"}
	without, _, err := accuracy.RunTables(cfg, file)
	if err != nil {
		t.Fatal(err)
	}
	a, b := with["flows"], without["flows"]
	if a.Rows != flows || b.Rows != flows {
		t.Fatalf("%d and %d flows, want %d", a.Rows, b.Rows, flows)
	}
	for i, c := range a.Schema.Columns {
		if c.Group != "application" && c.Group != "streams" && !reflect.DeepEqual(a.Vectors[i], b.Vectors[i]) {
			t.Errorf("%s differs with records", c.Name)
		}
	}
}
