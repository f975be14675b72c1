package alert_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/model/drift/alert"
)

func lineOf(id string) alert.Entry {
	return alert.Entry{ID: id, Line: fmt.Appendf(nil, `{"@timestamp":"2026-11-29T00:00:00Z","event":{"module":"pcapmill","id":%q}}`, id)}
}

// TestAppendEntries: what a file has is not added again, whatever a crash left at its end.
func TestAppendEntries(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	all := []alert.Entry{lineOf("a"), lineOf("b"), lineOf("b"), lineOf("c")}
	r, err := alert.AppendEntries(t.Context(), path, all[:3])
	if err != nil || r.Added != 2 || r.Known != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(want), "\n"); n != 2 {
		t.Errorf("%d lines", n)
	}
	if r, err = alert.AppendEntries(t.Context(), path, all[:3]); err != nil || r.Added != 0 || r.Known != 3 {
		t.Errorf("%+v, %v", r, err)
	}
	third := string(all[3].Line) + "\n"
	for cut := range len(third) {
		if err := os.WriteFile(path, append([]byte(string(want)), third[:cut]...), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := alert.AppendEntries(t.Context(), path, all); err != nil {
			t.Fatal(err)
		}
		if have, _ := os.ReadFile(path); string(have) != string(want)+third {
			t.Fatalf("cut at %d: %s", cut, have)
		}
	}
}

// TestAppendEntriesForeign: another file stays as it is.
func TestAppendEntriesForeign(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(path, []byte("my notes\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := alert.AppendEntries(t.Context(), path, []alert.Entry{lineOf("a")}); err == nil {
		t.Error("lines were added to notes")
	}
	if have, _ := os.ReadFile(path); string(have) != "my notes\n" {
		t.Errorf("%s", have)
	}
}
