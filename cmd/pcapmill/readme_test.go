package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestDocsReadme runs the commands of README.md's console blocks in a folder
// where the demo has been run, and compares what they print with what stands
// below them; of the run itself all but how long it took. A YAML block that begins with "# rules.yaml" is
// that file. With -update it writes that instead.
func TestDocsReadme(t *testing.T) {
	path := filepath.Join("..", "..", "README.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	const first = "text\n$ pcapmill run --demo -o out\n"
	_, said, _ := strings.Cut(call{dir: dir}.run(t, "run", "--demo", "-o", "out").want(t, 0).err, "\n")
	var out strings.Builder
	blocks := 0
	for i, block := range strings.Split(string(text), "```") {
		if i > 0 {
			out.WriteString("```")
		}
		if rules, is := strings.CutPrefix(block, "yaml\n# rules.yaml\n"); is && i%2 == 1 {
			if err := os.WriteFile(filepath.Join(dir, "rules.yaml"), []byte(rules), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if shown, is := strings.CutPrefix(block, first); is && i%2 == 1 {
			took, _, _ := strings.Cut(shown, "\n")
			out.WriteString(first + took + "\n" + said)
			continue
		}
		body, isConsole := strings.CutPrefix(block, "console\n$ ")
		if i%2 == 0 || !isConsole {
			out.WriteString(block)
			continue
		}
		blocks++
		command, _, _ := strings.Cut(body, "\n")
		out.WriteString("console\n$ " + command + "\n" + shell(t, dir, command))
	}
	if blocks < 4 {
		t.Errorf("only %d console blocks found", blocks)
	}
	golden(t, path, out.String())
}

// shell runs a command line whose pcapmill is the one under test.
func shell(t *testing.T, dir, line string) string {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh")
	}
	cmd := exec.Command(sh, "-c", `pcapmill() { "$PROGRAM" "$@"; }; `+line)
	cmd.Dir, cmd.Env = dir, append(environment(), "PROGRAM="+binary)
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("%s: %v", line, err)
	}
	return string(out)
}
