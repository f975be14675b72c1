package job_test

import (
	"context"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pcapmill/bench/sharedtest"
	"pcapmill/cmd/job"
	"pcapmill/outputs/manifest"
)

// circumstances are what must not show in a dataset.
type circumstances struct {
	workers, processors int
	seed                uint64
	zone                string
}

// allCircumstances are workers by processors by keys of the hash tables by time zones.
func allCircumstances() (all []circumstances) {
	for _, workers := range []int{1, 2, 3, 8} {
		for _, processors := range []int{1, 2} {
			for _, seed := range []uint64{1, 2, 3, 0xdeadbeef, 1 << 63} {
				for _, zone := range []string{"UTC", "Asia/Kathmandu", "America/St_Johns"} {
					all = append(all, circumstances{workers, processors, seed, zone})
				}
			}
		}
	}
	return all
}

// TestDatasetsDependOnInputsAndOptionsOnly compares manifests, which hold the SHA-256
// of every file of the tables, over all circumstances.
func TestDatasetsDependOnInputsAndOptionsOnly(t *testing.T) {
	local := time.Local
	defer func() { time.Local = local }()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	all := allCircumstances()
	rng := rand.New(rand.NewPCG(5, 6))
	runs := 0
	for _, path := range someCaptures(t) {
		tried := all
		if !sharedtest.Accept() {
			tried = nil
			for range 4 {
				tried = append(tried, all[rng.IntN(len(all))])
			}
		}
		want := ""
		for i, c := range tried {
			got := documentUnder(t, path, c)
			if i == 0 {
				want = got
			} else if got != want {
				t.Fatalf("%s: %+v gives another dataset than %+v", path, c, tried[0])
			}
			runs++
		}
	}
	t.Logf("%d runs", runs)
}

// someCaptures are captures of different folders that hold some flows and do not take
// long: 36 of them, three in the quick tests.
func someCaptures(t *testing.T) []string {
	var all []string
	err := filepath.WalkDir(filepath.Join(sharedtest.Dir(t), "captures"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.Contains(filepath.Base(path), ".pcap") {
			return err
		}
		if info, err := e.Info(); err == nil && info.Size() > 30<<10 && info.Size() < 1<<20 {
			all = append(all, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	n := 36
	if !sharedtest.Accept() {
		n = 3
	}
	if len(all) < n {
		t.Fatalf("only %d captures of such a size", len(all))
	}
	some := make([]string, n)
	for i := range some {
		some[i] = all[i*len(all)/n]
	}
	return some
}

// documentUnder makes a run under the given circumstances and returns its manifest.
func documentUnder(t *testing.T, path string, c circumstances) string {
	t.Helper()
	zone, err := time.LoadLocation(c.zone)
	if err != nil {
		t.Skip("no time zones here: ", err)
	}
	time.Local = zone
	runtime.GOMAXPROCS(c.processors)
	o := options(t, nil)
	o.Args = []string{path}
	o.Stages.Features = []string{"all"}
	o.Stages.Workers, o.Parquet.Encoders, o.Stages.HashSeed = c.workers, c.workers, c.seed
	if _, err := job.Run(context.Background(), o, job.IO{}); err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile(filepath.Join(o.Out, manifest.Name))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(o.Out); err != nil {
		t.Fatal(err)
	}
	return string(document)
}
