//go:build !nounsafe

package accuracy_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/stages"
	"pcapmill/stages/checkpoint"
)

// childFolder names, to a process that TestAnotherProcess starts, the folder of what it is to
// go on with.
const childFolder = "PCAPMILL_TEST_CHECKPOINTS"

// tale has packets before and after a cut, of flows on both sides of it and of packets that come twice.
func tale() (before, after *accuracy.Packets) {
	before, after = unanswered(0, 1, 3000, 0, ""), unanswered(0, 3, 1000, 2*time.Second, "x")
	after.List = append(after.List[:len(after.List):len(after.List)], after.List[len(after.List)-50:]...)
	after.List = append(slices.Clone(before.List[len(before.List)-20:]), after.List...)
	return before, after
}

func taleConfig() stages.Config {
	cfg := everything()
	cfg.Workers, cfg.Duplicates.Mode, cfg.Reorder = 2, stages.DuplicatesMark, 0
	cfg.Duplicates.Window = time.Hour
	return cfg
}

// ending is what a session has to say of the packets after the cut.
func ending(t *testing.T, s *stages.Session) string {
	t.Helper()
	_, after := tale()
	f := &fed{Session: s, continued: continued{accuracy.Tables{}}}
	f.feed(t, after)
	f.finish(t)
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(f.Tables)) {
		table := f.Tables[name]
		for row := range table.Rows {
			fmt.Fprint(&text, name)
			for i := range table.Schema.Columns {
				fmt.Fprint(&text, "\t", table.Show(table.Schema.Columns[i].Name, row))
			}
			fmt.Fprintln(&text)
		}
	}
	return text.String()
}

// TestAnotherProcess: a process that is told nothing but a checkpoint goes on with the same
// rows. Keys of hashes, which are drawn anew in each, do not show.
func TestAnotherProcess(t *testing.T) {
	if dir := os.Getenv(childFolder); dir != "" {
		goOn(t, dir)
		return
	}
	s, err := stages.NewSession(taleConfig())
	if err != nil {
		t.Fatal(err)
	}
	before, _ := tale()
	if _, err := s.Feed(context.Background(), []stages.Input{before}, accuracy.Tables{}, new(stages.Progress)); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	store, err := checkpoint.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := store.Write(1, s.Save)
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0], "-test.run=^TestAnotherProcess$")
	child.Env = append(os.Environ(), childFolder+"="+dir, "REF="+ref.SHA256, fmt.Sprintf("BYTES=%d", ref.Bytes), fmt.Sprintf("WRITTEN=%d", ref.Written))
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got, err := os.ReadFile(filepath.Join(dir, "rows"))
	if err != nil {
		t.Fatal(err)
	}
	want := ending(t, s)
	if string(got) != want || strings.Count(want, "\n") < 4000 || !strings.Contains(want, "\nflows\t") {
		t.Errorf("the rows of the other process are others: %d bytes, want %d", len(got), len(want))
	}
}

// goOn is the other process.
func goOn(t *testing.T, dir string) {
	store, err := checkpoint.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	ref := checkpoint.Ref{Name: "checkpoint-0000000001.ckpt", SHA256: os.Getenv("REF")}
	if _, err := fmt.Sscan(os.Getenv("BYTES")+" "+os.Getenv("WRITTEN"), &ref.Bytes, &ref.Written); err != nil {
		t.Fatal(err)
	}
	r, err := store.Read(ref)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	s, err := stages.RestoreSession(taleConfig(), r)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "rows"), []byte(ending(t, s)), 0o600); err != nil {
		t.Fatal(err)
	}
}
