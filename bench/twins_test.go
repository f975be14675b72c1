package bench_test

import (
	"go/build/constraint"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOneTagTurnsUnsafeOff: whatever is assembly, is for one processor or imports
// unsafe has a portable twin, which builds with the tag nounsafe use.
func TestOneTagTurnsUnsafeOff(t *testing.T) {
	found := 0
	err := walkSources(func(file string) error {
		data, err := os.ReadFile(filepath.Join("..", file))
		if err != nil || strings.HasSuffix(file, "_test.go") {
			return err
		}
		if !needsTwin(file, string(data)) {
			return nil
		}
		found++
		if why := twinless(string(data)); why != "" {
			t.Errorf("%s: %s", file, why)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 8 {
		t.Errorf("only %d files seen that need a twin", found)
	}
}

func needsTwin(file, source string) bool {
	name := strings.TrimSuffix(file, filepath.Ext(file))
	return strings.HasSuffix(file, ".s") || strings.HasSuffix(name, "_amd64") || strings.HasSuffix(name, "_arm64") || strings.Contains(source, "\"unsafe\"\n")
}

// twinless says how a source is built with the tag nounsafe, "" where it is not.
func twinless(source string) string {
	for _, line := range strings.Split(source, "\n") {
		if !constraint.IsGoBuild(line) {
			continue
		}
		built, err := constraint.Parse(line)
		switch {
		case err != nil:
			return err.Error()
		case built.Eval(func(string) bool { return true }):
			return "is built with the tag nounsafe, by " + line
		}
		return ""
	}
	return "has no go:build line that leaves it out with the tag nounsafe"
}

// TestTheTwinRuleBites feeds the check sources that it must refuse, or not.
func TestTheTwinRuleBites(t *testing.T) {
	for source, refused := range map[string]bool{
		"package x\n":                                  true,
		"//go:build linux\n\npackage x\n":              true,
		"//go:build !purego || nounsafe\n\npackage x":  true,
		"//go:build !nounsafe\n\npackage x\n":          false,
		"//go:build linux && !nounsafe\n\npackage x\n": false,
	} {
		if got := twinless(source) != ""; got != refused {
			t.Errorf("%q: refused: %v", source, got)
		}
	}
}
