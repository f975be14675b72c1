package job

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestBuildID compares with what the go command says of this very test program.
func TestBuildID(t *testing.T) {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	printed, err := exec.Command("go", "tool", "buildid", path).Output()
	if err != nil {
		t.Skip("no go command: ", err)
	}
	want := strings.TrimSpace(string(printed))
	if got := BuildID(); got != want {
		t.Errorf("BuildID() = %q, go tool buildid says %q", got, want)
	}
}

func TestBuildIDIn(t *testing.T) {
	for _, c := range []struct{ name, beginning, want string }{
		{"there", "\x7fELF..\xff Go build ID: \"a/b/c/d\"\n \xff..", "a/b/c/d"},
		{"nothing", "", ""},
		{"not Go's", "#!/bin/sh\n", ""},
		{"cut", "\xff Go build ID: \"a/b", ""},
		{"empty", "\xff Go build ID: \"\"\n \xff", ""},
	} {
		if got := buildIDIn([]byte(c.beginning)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
