package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/cmd/datasets"
	"pcapmill/datasets/pack"
	"pcapmill/outputs/manifest/manifesttest"
)

// TestHostileRecipes: a recipe is a stranger's. It may make tables, and no more.
func TestHostileRecipes(t *testing.T) {
	dir := t.TempDir()
	planted := filepath.Join(dir, "planted")
	capture := writeFile(t, dir, "a.pcapng", demo(t))
	for _, again := range [][]string{
		{"verify"}, {"completion", "bash"}, {"dataset"}, {"dataset", "rebuild"}, {"run", "--out=" + planted}, {"run", "--force=true"}, {"run", "--cpu-profile=" + planted},
		{"run", "--bpf-ddd=" + capture}, {"run", "--config=" + capture}, {"run", "-o", planted}, {"run", "--active"}, {"run", "--active=1h", planted},
		{"run", "--nothing=1"}, {"run", "--active=x"}, {"run", "--print-config=true"}, {"run", "--help"}, {"run", "--", "-o", planted}, {"run", "--report=" + planted}, {"label", "run", "--report=" + planted},
	} {
		task := &datasets.Task{
			Step:  &pack.Step{Name: "01-run", Again: again, Inputs: []pack.Input{{Role: pack.RoleCapture, Name: "a.pcapng"}}},
			Paths: []string{capture}, Out: filepath.Join(dir, "out"), Room: filepath.Join(dir, "room"),
		}
		if err := doAgain(context.Background(), task, streams{nil, os.Stdout, os.Stderr}); !errors.Is(err, pack.ErrRecipe) {
			t.Errorf("%q: %v", again, err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != 1 {
			t.Fatalf("%q has written %v, %v", again, entries, err)
		}
	}
	role := &datasets.Task{Step: &pack.Step{Name: "01-run", Again: []string{"run"}, Inputs: []pack.Input{{Role: "rules"}}}, Paths: []string{capture}, Out: filepath.Join(dir, "out")}
	if err := doAgain(context.Background(), role, streams{nil, os.Stdout, os.Stderr}); !errors.Is(err, pack.ErrRecipe) || !strings.Contains(err.Error(), "takes none") {
		t.Error(err)
	}
}

// TestSavedStreamsAgain goes to a folder of the step: a manifest keeps that there was one.
func TestSavedStreamsAgain(t *testing.T) {
	dir := t.TempDir()
	capture := writeFile(t, dir, "a.pcapng", demo(t))
	first := filepath.Join(dir, "first")
	run(t, "run", capture, "-o", first, "--save-streams", filepath.Join(dir, "streams")).want(t, 0)
	m := manifesttest.Read(t, first)
	room, second := filepath.Join(dir, "room"), filepath.Join(dir, "second")
	if err := os.Mkdir(room, 0o700); err != nil {
		t.Fatal(err)
	}
	task := &datasets.Task{
		Step:  &pack.Step{Name: "01-run", Again: m.Again, Inputs: []pack.Input{{Role: pack.RoleCapture, Name: capture}}},
		Paths: []string{capture}, Out: second, Room: room,
	}
	if err := doAgain(context.Background(), task, streams{nil, os.Stdout, os.Stderr}); err != nil {
		t.Fatal(err)
	}
	if again := manifesttest.Read(t, second); again.PlanID != m.PlanID || tableHash(t, first) != tableHash(t, second) {
		t.Errorf("%s and %s", m.PlanID, again.PlanID)
	}
	if _, err := os.Stat(filepath.Join(room, "save-streams")); err != nil {
		t.Error(err)
	}
}
