package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pcapmill/cmd/job"
	"pcapmill/outputs/manifest/manifesttest"
)

// hostileNames attack terminals, logs, JSON, spreadsheets, HTML and option
// parsers, or are merely long.
func hostileNames() []string {
	names := []string{
		"new\nline", "carriage\rreturn", "tab\tulator", "esc\x1b[2J", "title\x1b]0;owned\x07", "csi\u009b31m", "bell\a",
		"back\b\b\bspace", "del\x7f", "invalid\xff\xfe", "half\xc3", "overlong\xc0\xae", "surrogate\xed\xa0\x80",
		"right\u202eleft", "isolate\u2066x\u2069", "zero\u200bwidth", "joiner\u200d", "bom\ufeff", "line\u2028sep", "para\u2029sep",
		"nbsp\u00a0", "soft\u00adhyphen", "private\ue000", "tag\U000e0041", "replacement\ufffd", "wide日本", "combining\u0301",
		"-rf", "--force", "--out=x", "-", "--", "=cmd|' /C calc'!A0", "+1", "@SUM(1)", "<script>alert(1)</script>", "&amp;", "'; DROP TABLE x;--",
		`"quoted"`, `back\slash`, `\n`, `\x1b[31m`, "$(id)", "`id`", "%s%n%x", "a;b", "a|b", "#x", " space ", ".hidden", "...", "~", "*", "?", "[a]", "{a}",
		strings.Repeat("n", 255), strings.Repeat("é", 127),
	}
	for c := byte(1); c < 0x20; c++ {
		names = append(names, fmt.Sprintf("c%c0", c))
	}
	return names
}

// unsafeRune is what must never reach people or JSON as it is: controls but for
// line ends, directions and other format characters, what is no UTF-8.
func unsafeRune(s string) (string, bool) {
	if !utf8.ValidString(s) {
		return "invalid UTF-8", true
	}
	for _, r := range s {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029') {
			return fmt.Sprintf("%U", r), true
		}
	}
	return "", false
}

// clean fails the test where a text that people or machines read holds anything
// unsafe, or where a name's line end has made a line.
func clean(t *testing.T, what, text string) {
	t.Helper()
	if bad, is := unsafeRune(strings.ReplaceAll(text, "\t", " ")); is {
		t.Errorf("%s holds %s:\n%q", what, bad, text)
	}
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, "line") && strings.Contains(line, "rejected") {
			t.Errorf("%s has a line of a name's making: %q", what, line)
		}
	}
}

// TestHostileNamesInEverySink gives captures, folders and outputs hostile names
// and looks at all that the program writes.
func TestHostileNamesInEverySink(t *testing.T) {
	good := demo(t)[:4000]
	in := t.TempDir()
	made := map[string]bool{}
	for i, name := range hostileNames() {
		data := good
		if i%3 == 0 {
			data = []byte("\x1f\x8b hostile \x1b[2J\n content")
		}
		if os.WriteFile(filepath.Join(in, name), data, 0o600) == nil {
			made[name] = true
		}
	}
	if len(made) < 40 {
		t.Skipf("this file system takes %d such names only", len(made))
	}
	dir := t.TempDir()
	out := filepath.Join(dir, "out\x1b[31m\nput")
	for _, format := range []string{"text", "json"} {
		r := run(t, "run", in, "-o", out, "--force", "--verbose", "--log-format", format).want(t, job.ExitRejected)
		clean(t, "stderr as "+format, r.err)
	}
	for _, name := range []string{"manifest.json", "execution.json"} {
		b, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		clean(t, name, string(b))
	}
	for _, input := range manifesttest.Read(t, out).Inputs {
		raw, err := input.RawPath()
		if err != nil || !made[filepath.Base(raw)] {
			t.Errorf("the manifest's path %q is %q, %v", input.Path, raw, err)
		}
		delete(made, filepath.Base(raw))
	}
	if len(made) > 0 {
		t.Errorf("not in the manifest: %v", made)
	}
	for _, args := range [][]string{
		{"verify", out}, {"verify", filepath.Join(dir, "mis\x1bsing\n")},
		{"show", filepath.Join(out, "flows")}, {"show", filepath.Join(out, "no\x1bwhere")}, {"show", filepath.Join(out, "flows"), "--where", "x\x1b = 1"},
		{"run", filepath.Join(dir, "mis\x1bsing\n"), "-o", out}, {"run", in, "-o", in}, {"run", in, "-o", filepath.Join(in, "esc\x1b[2J")},
		{"run", "--config", filepath.Join(dir, "no\x1b.yaml")}, {"run", "--out", "x\x1b", "--max-expand", "\x1b[2J", "a"},
		{"run", in, "-o", out, "--include", "\x1b[a-", "--print-config"}, {"run", in, "-o", out, "--include", "[\x1b-"},
		{"run", "--", "-rf\x1b", "-o"}, {"\x1b[2J"}, {"run", "--\x1bx"},
	} {
		r := run(t, args...)
		clean(t, fmt.Sprintf("stderr of %q", args), r.err)
		clean(t, fmt.Sprintf("stdout of %q", args), r.out)
	}
}

// TestNamesLikeFlags are read behind -- and by path.
func TestNamesLikeFlags(t *testing.T) {
	dir := t.TempDir()
	for i, name := range []string{"-rf", "--force", "--out=x"} {
		writeFile(t, dir, name, demo(t))
		call{dir: dir}.run(t, "run", "-o", fmt.Sprint("out", i), "--", name).want(t, job.ExitOK)
		call{dir: dir}.run(t, "run", "-o", fmt.Sprint("out", i), "./"+name, "--force").want(t, job.ExitOK)
	}
}

// TestNamesThatAreNoUTF8 are those of other files where a byte of them is replaced.
func TestNamesThatAreNoUTF8(t *testing.T) {
	dir := t.TempDir()
	if os.WriteFile(filepath.Join(dir, "caf\xe9.pcap"), demo(t), 0o600) != nil {
		t.Skip("this file system takes no such names")
	}
	writeFile(t, dir, "caf\xea.pcap", demo(t)[:4000])
	writeFile(t, dir, "conf\xe9.yaml", []byte("quiet: true\n"))
	in := call{dir: dir}
	in.run(t, "run", "caf\xe9.pcap", "-o", "caf\xe9", "--config", "conf\xe9.yaml").want(t, job.ExitOK)
	in.run(t, "run", "caf\xe9.pcap", "caf\xea.pcap", "--inputs", "independent", "-o", "caf\xea").want(t, job.ExitPartial)
	in.run(t, "verify", "caf\xe9").want(t, job.ExitOK)
	in.run(t, "show", "caf\xe9/flows").want(t, job.ExitOK)
	in.run(t, "label", "caf\xe9", "--from-name", "*=x", "-o", "lab\xe9", "--report", "rep\xe9.md").want(t, job.ExitOK)
	in.run(t, "dataset", "build", "caf\xe9", "--labels", "lab\xe9", "-o", "set\xe9").want(t, job.ExitOK)
	in.run(t, "baseline", "build", "caf\xe9", "--covered", "0", "-o", "base\xe9").want(t, job.ExitOK)
	in.run(t, "baseline", "merge", "base\xe9", "-o", "base\xea").want(t, job.ExitOK)
	call{dir: dir, env: []string{"PCAPMILL_OUT=env\xe9"}}.run(t, "run", "caf\xe9.pcap").want(t, job.ExitOK)
	in.run(t, "run", ".", "--include", "caf?.pcap", "--exclude", "caf\u00e9.pcap", "--inputs", "independent", "-o", "any").want(t, job.ExitPartial)
	for _, args := range [][]string{
		{"run", ".", "--include", "caf\xe9.pcap", "-o", "no"}, {"run", ".", "--exclude", "x,caf\xe9*", "-o", "no"},
		{"label", "caf\xe9", "--from-name", "caf\xe9*=x", "-o", "no"}, {"show", "caf\xe9/flows", "--where", "history = \xe9"},
		{"run", "caf\xe9.pcap", "-o", "no\xe9", "--print-config"},
	} {
		if r := in.run(t, args...).want(t, job.ExitUsage).says(t, "is no UTF-8"); r.out != "" {
			t.Errorf("%q: printed\n%s", args, r.out)
		}
	}
	call{dir: dir, env: []string{"PCAPMILL_INCLUDE=caf\xe9.pcap"}}.run(t, "run", ".", "-o", "no").want(t, job.ExitUsage).says(t, "is no UTF-8")
	for _, name := range []string{"caf\xe9", "caf\xea", "lab\xe9", "rep\xe9.md", "set\xe9", "base\xe9", "base\xea", "env\xe9"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}
