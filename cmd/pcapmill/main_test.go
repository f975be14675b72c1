package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/outputs/manifest/manifesttest"
)

// binary is the program under test, built once.
var binary string

func TestMain(m *testing.M) {
	os.Exit(testMain(m))
}

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "pcapmill-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "pcapmill.exe")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Stdout, build.Stderr = os.Stdout, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "building pcapmill:", err)
		return 1
	}
	return m.Run()
}

// result is what one execution of the program left behind.
type result struct {
	code     int
	out, err string
}

// call describes one execution.
type call struct {
	stdin io.Reader
	env   []string
	dir   string
}

// run executes the program in a folder of its own, without variables of ours.
func run(t *testing.T, args ...string) result { return call{}.run(t, args...) }

func (c call) run(t *testing.T, args ...string) result {
	t.Helper()
	var out, stderr bytes.Buffer
	cmd := exec.Command(binary, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.stdin, &out, &stderr
	cmd.Env = append(environment(), c.env...)
	if cmd.Dir = c.dir; c.dir == "" {
		cmd.Dir = t.TempDir()
	}
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), stderr.String()}
}

// environment is ours without the variables that the program reads.
func environment() []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "PCAPMILL_") {
			env = append(env, v)
		}
	}
	return append(env, "COLUMNS=100")
}

// want fails the test where the exit code is another.
func (r result) want(t *testing.T, code int) result {
	t.Helper()
	if r.code != code {
		t.Fatalf("exit code %d, want %d\nstdout:\n%s\nstderr:\n%s", r.code, code, r.out, r.err)
	}
	return r
}

// says fails the test where stderr lacks one of the texts.
func (r result) says(t *testing.T, texts ...string) result {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.err, text) {
			t.Errorf("stderr lacks %q:\n%s", text, r.err)
		}
	}
	return r
}

// linesWith returns the lines of stderr that hold a text.
func (r result) linesWith(text string) []string {
	var lines []string
	for _, line := range strings.Split(r.err, "\n") {
		if strings.Contains(line, text) {
			lines = append(lines, line)
		}
	}
	return lines
}

// demo returns the bytes of the demo capture.
func demo(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := traffic.Demo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func writeFile(t *testing.T, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// tableHash returns one hash over the table files of a dataset.
func tableHash(t *testing.T, out string) string {
	t.Helper()
	h := sha256.New()
	for _, table := range manifesttest.Read(t, out).Tables {
		for _, part := range table.Parts {
			data, err := os.ReadFile(filepath.Join(out, filepath.FromSlash(part.Path)))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(h, "%s %d\n", part.Path, len(data))
			h.Write(data)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// noDataset fails the test where anything was left behind in a folder.
func noDataset(t *testing.T, out string) {
	t.Helper()
	entries, err := os.ReadDir(out)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("left behind in %s: %s", out, e.Name())
	}
}
