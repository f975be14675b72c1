package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

var update = flag.Bool("update", false, "rewrite golden files and the generated pages of docs/")

// golden compares with a file, or rewrites it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is out of date: run make docs, and read what changes\n%s", path, difference(string(want), got))
	}
}

// generated compares the end of a page that people write the beginning of.
func generated(t *testing.T, path, end string) {
	t.Helper()
	const mark = "<!-- generated from here on: make docs -->\n"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	beginning, _, found := strings.Cut(string(page), mark)
	if !found {
		t.Fatalf("%s has no mark %q", path, mark)
	}
	golden(t, path, beginning+mark+end)
}

// difference shows the first line that differs.
func difference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			return fmt.Sprintf("line %d\nwant %q\ngot  %q", i+1, at(a, i), at(b, i))
		}
	}
	return ""
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(no line)"
}

// output runs a command line in this process and returns its stdout.
func output(t *testing.T, args ...string) string {
	t.Helper()
	t.Setenv("COLUMNS", "100")
	var out bytes.Buffer
	if code := execute(append([]string{"pcapmill"}, args...), streams{out: &out, err: os.Stderr}); code != 0 {
		t.Fatalf("%v: exit code %d", args, code)
	}
	return out.String()
}

// model is the grammar without anything parsed.
func model(t *testing.T) *kong.Application {
	t.Helper()
	k, err := newParser(&cli{}, streams{out: os.Stdout, err: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	return k.Model
}

// wordsTo returns the words that name a command.
func wordsTo(c *kong.Node) []string {
	if c.Parent == nil {
		return nil
	}
	return append(wordsTo(c.Parent), c.Name)
}

// TestSlotsGolden holds the slots of the generated capture, as CSV.
func TestSlotsGolden(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	output(t, "run", "--demo", "-o", out, "--format", "csv", "--records", "none", "--tick", "2s", "--quiet")
	got, err := os.ReadFile(filepath.Join(out, "slots", "part-00000.csv"))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/slots-demo.csv", string(got))
}

func TestHelpGolden(t *testing.T) {
	golden(t, "testdata/help.txt", output(t, "--help"))
	for _, c := range model(t).Leaves(true) {
		words := wordsTo(c)
		golden(t, "testdata/help-"+strings.Join(words, "-")+".txt", output(t, append(words, "--help")...))
	}
}

func TestCompletionGolden(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		script := output(t, "completion", shell)
		path := "testdata/completion." + shell
		golden(t, path, script)
		interpreter, err := exec.LookPath(shell)
		if err != nil {
			t.Logf("no %s here: its script was not parsed", shell)
			continue
		}
		if out, err := exec.Command(interpreter, "-n", path).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", shell, err, out)
		}
	}
}

// completed returns where a shell is and its completion script.
func completed(t *testing.T, name string) (shell, script string) {
	t.Helper()
	shell, err := exec.LookPath(name)
	if err != nil {
		t.Skip("no " + name)
	}
	if script, err = filepath.Abs("testdata/completion." + name); err != nil {
		t.Fatal(err)
	}
	return shell, script
}

// TestBashCompletes asks bash itself for completions.
func TestBashCompletes(t *testing.T) {
	shell, script := completed(t, "bash")
	for line, want := range map[string]string{
		"pcapmill ve":              "verify version",
		"pcapmill run --form":      "--format",
		"pcapmill run --format cs": "csv",
		"pcapmill run --no-ch":     "--no-checksums",
		"pcapmill completion z":    "zsh",
		"pcapmill show --ta":       "--tail",
		"pcapmill baseline fo":     "forget",
		"pcapmill baseline show -": "--help -h --segment --hour --feature --top --format",

		"pcapmill baseline list --kind s":  "subnet",
		"pcapmill label compar":            "compare compare.go",
		"pcapmill label out --attempted s": "suffix same", // label stands for label run
		"pcapmill label --rul":             "--rules",
		"pcapmill label out --rul":         "--rules",
		"pcapmill label compare --rul":     "",
		"pcapmill label golden_test":       "golden_test.go",

		"pcapmill run --features default,hi":            "default,histograms",
		"pcapmill run --features core,tcp,t":            "core,tcp,timing core,tcp,tunnel", // what is there is not offered again
		"pcapmill run --features=default,hi":            "default,histograms",
		"pcapmill run --format=cs":                      "csv",
		"pcapmill run --format=":                        "parquet csv tsv jsonl arrow sqlite",
		"pcapmill run --key vlan,":                      "vlan,tunnel",
		"pcapmill plan --features al":                   "all",
		"pcapmill show --select start_ns,src_ip,dst_po": "start_ns,src_ip,dst_port",
	} {
		// As bash breaks words, which is at = too.
		words := strings.Fields(strings.ReplaceAll(line, "=", " = "))
		ask := fmt.Sprintf(`source %q; COMP_WORDS=(%s); COMP_CWORD=%d; _pcapmill; echo "${COMPREPLY[*]}"`, script, strings.Join(words, " "), len(words)-1)
		out, err := exec.Command(shell, "-c", ask).CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%s: completes to %q, %v; want %q", line, got, err, want)
		}
	}
}

// TestFishCompletes asks fish itself.
func TestFishCompletes(t *testing.T) {
	shell, script := completed(t, "fish")
	for line, want := range map[string]string{
		"pcapmill run --format cs":            "csv",
		"pcapmill run --features default,hi":  "default,histograms",
		"pcapmill run --features=core,tcp,t":  "--features=core,tcp,timing --features=core,tcp,tunnel",
		"pcapmill run --key vlan,":            "vlan,tunnel",
		"pcapmill baseline fo":                "forget",
		"pcapmill baseline show --seg":        "--segment",
		"pcapmill baseline show --sta":        "",
		"pcapmill show --sta":                 "--stats",
		"pcapmill baseline list --kind s":     "subnet",
		"pcapmill label out --rul":            "--rules",
		"pcapmill label --rul":                "--rules",
		"pcapmill label run --rul":            "--rules",
		"pcapmill label compare --rul":        "",
		"pcapmill show --select src_ip,dst_p": "src_ip,dst_port",
	} {
		cmd := exec.Command(shell, "--no-config", "-c", fmt.Sprintf(`source %q; complete -C %q`, script, line))
		cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
		out, err := cmd.Output()
		var words []string
		for _, match := range strings.Split(strings.TrimSpace(string(out)), "\n") {
			word, _, _ := strings.Cut(match, "\t")
			words = append(words, word)
		}
		if got := strings.Join(words, " "); err != nil || got != want {
			t.Errorf("%s: completes to %q, %v; want %q", line, got, err, want)
		}
	}
}

// TestDocs holds the generated pages to the code; make docs rewrites them.
func TestDocs(t *testing.T) {
	docs := filepath.Join("..", "..", "docs")
	for _, name := range tableNames() {
		schema, groups, err := described(name)
		if err != nil {
			t.Fatal(err)
		}
		page := "columns.md"
		if name != "flows" {
			page = "columns-" + name + ".md"
		}
		golden(t, filepath.Join(docs, page), schemaMarkdown(schema, groups))
	}
	golden(t, filepath.Join(docs, "cli.md"), commandPage(t))
}

func commandPage(t *testing.T) string {
	var b strings.Builder
	b.WriteString("# Command line\n\nMade by `make docs` from the code: edit the commands in `cmd/pcapmill`, not this page.\n\n")
	fmt.Fprintf(&b, "```\n%s```\n", output(t, "--help"))
	for _, c := range model(t).Leaves(true) {
		words := wordsTo(c)
		fmt.Fprintf(&b, "\n## pcapmill %s\n\n```\n%s```\n", strings.Join(words, " "), output(t, append(words, "--help")...))
		if hasConfig(c) {
			b.WriteString(configPage(t, c))
		}
	}
	return b.String()
}

func configPage(t *testing.T, run *kong.Node) string {
	var b strings.Builder
	b.WriteString("\n### Configuration\n\nA flag beats the environment, which beats the file of `--config`, which beats the default. An empty variable counts as unset. The file is YAML, flat, with the keys below; lists may be written as lists; unknown keys are refused with their line. `--print-config` writes the values in force as such a file and says where each comes from.\n\n| key | environment |\n|---|---|\n")
	names := configurable(run)
	for _, f := range run.Flags {
		if slices.Contains(names, f.Name) && !f.Hidden {
			fmt.Fprintf(&b, "| `%s` | `%s` |\n", f.Name, variable(f.Name))
		}
	}
	fmt.Fprintf(&b, "\nThe file itself can be named by `%s`.\n", variable("config"))
	return b.String()
}

func TestOnlyCommandsThatWork(t *testing.T) {
	var names []string
	for _, c := range model(t).Children {
		names = append(names, c.Name)
	}
	if got := strings.Join(names, " "); got != "run live plan show fingerprint compare inspect baseline drift rules label dataset nightly interfaces schema features verify version completion" {
		t.Errorf("commands are %s", got)
	}
}
