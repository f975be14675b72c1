package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"pcapmill/cmd/job"
	tablesof "pcapmill/datasets/label/labels"
	"pcapmill/datasets/label/match"
	"pcapmill/outputs/publish"
)

// labelled runs a command line and returns its exit code, stdout and stderr.
func labelled(t *testing.T, out io.Writer, args ...string) (code int, stderr string) {
	t.Helper()
	errs, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer errs.Close() //nolint:errcheck // only read again
	code = execute(append([]string{"pcapmill", "label"}, args...), streams{out: out, err: errs})
	said, err := os.ReadFile(errs.Name())
	if err != nil {
		t.Fatal(err)
	}
	return code, string(said)
}

const scanRules = "version: 1\nrules:\n  - {id: scan, label: port scan, src: 203.0.113.66}\n"

// fastLine is an alert without a zone, and nonsense behind it.
const fastLine = "03/02/2026-09:00:30.000000  [**] [1:7:1] a probe [**] [Classification: Scan] [Priority: 2] {TCP} 203.0.113.66:33000 -> 192.0.2.20:1\n"

// TestLabel: exit codes, and what is said where.
func TestLabel(t *testing.T) {
	out := demoTables(t)
	rules, fast := save(t, "rules.yaml", scanRules), save(t, "fast.log", fastLine)
	half := save(t, "half.log", fastLine+"03/02/2026-09:00:30.000000  [**] nonsense\n")
	dir := t.TempDir()
	database := filepath.Join(dir, "database")
	output(t, "run", "--demo", "-q", "--records", "none", "--format", "sqlite", "-o", database)
	for name, test := range map[string]struct {
		args []string
		code int
		says string // on stderr
	}{
		"rules":           {[]string{out, "--rules", rules, "-o", filepath.Join(dir, "a")}, job.ExitOK, "300 of 470 flows labelled (63.83 %)"},
		"run by its name": {[]string{"run", out, "--rules", rules, "-o", filepath.Join(dir, "b"), "--tables", "all"}, job.ExitOK, "window_labels"},
		"quiet":           {[]string{out, "--rules", rules, "-o", filepath.Join(dir, "c"), "-q"}, job.ExitOK, ""},
		"no zone":         {[]string{out, "--rules", fast, "-o", filepath.Join(dir, "d")}, job.ExitUsage, "fast.log:1 (offset 0): times without a zone"},
		"zone":            {[]string{out, "--rules", fast, "--zone", "UTC", "-o", filepath.Join(dir, "e")}, job.ExitOK, "1 of 470 flows labelled"},
		"wrong zone":      {[]string{out, "--rules", fast, "--zone=-03:00", "-o", filepath.Join(dir, "f")}, job.ExitOK, "0 of 470 flows labelled"},
		"no such zone":    {[]string{out, "--rules", fast, "--zone", "Mars", "-o", filepath.Join(dir, "g")}, job.ExitUsage, "no zone such as UTC"},
		"in part":         {[]string{out, "--rules", half, "--zone", "UTC", "-o", filepath.Join(dir, "h"), "-q"}, job.ExitPartial, "1 line of the rules not understood"},
		"no rules":        {[]string{out, "-o", filepath.Join(dir, "i")}, job.ExitUsage, "nothing says what flows are"},
		"absent rules":    {[]string{out, "--rules", filepath.Join(dir, "absent"), "-o", filepath.Join(dir, "i")}, job.ExitRejected, "no such file"},
		"wrong rules":     {[]string{out, "--rules", save(t, "r.yaml", "version: 1\nrules: [{id: a}]\n"), "-o", filepath.Join(dir, "i")}, job.ExitUsage, "r.yaml:2"},
		"absent tables":   {[]string{dir + "/none", "--rules", rules, "-o", filepath.Join(dir, "i")}, job.ExitRejected, "none"},
		"a database":      {[]string{database, "--rules", rules, "-o", filepath.Join(dir, "i")}, job.ExitRejected, "holds .sqlite files, and only Parquet is read"},
		"no folder":       {[]string{out, "--rules", rules, "-o", filepath.Join(rules, "x")}, job.ExitOutput, "rules.yaml"},
		"its own tables":  {[]string{out, "--rules", rules, "-o", out, "--force"}, job.ExitUsage, "name another folder"},
		"its own rules":   {[]string{out, "--rules", rules, "-o", filepath.Dir(rules), "--force"}, job.ExitUsage, "name another folder"},
		"foreign folder":  {[]string{out, "--rules", rules, "-o", filepath.Dir(fast)}, job.ExitOutput, "was not written by pcapmill"},
		"slack":           {[]string{out, "--rules", rules, "--after=-1s", "-o", filepath.Join(dir, "i")}, job.ExitUsage, "after a flow"},
		"report's form":   {[]string{out, "--rules", rules, "--report", "x.pdf", "-o", filepath.Join(dir, "i")}, job.ExitUsage, ".html"},
		"rules replaced":  {[]string{out, "--rules", rules, "--report", rules, "-o", filepath.Join(dir, "i")}, job.ExitUsage, "form of report"},
		"own manifest":    {[]string{out, "--rules", rules, "--report", filepath.Join(dir, "i", "manifest.json"), "-o", filepath.Join(dir, "i")}, job.ExitUsage, "cannot be a report"},
		"its manifest":    {[]string{out, "--rules", rules, "--report", filepath.Join(out, "manifest.json"), "-o", filepath.Join(dir, "i")}, job.ExitUsage, "cannot be a report"},
		"report nowhere":  {[]string{out, "--rules", rules, "--report", rules + "/x.md", "-o", filepath.Join(dir, "j"), "-q"}, job.ExitOutput, "is not a folder"},
		"absent captures": {[]string{out, "--rules", rules, "--packets", dir + "/x.pcap", "-o", filepath.Join(dir, "k")}, job.ExitRejected, "x.pcap"},
		"check":           {[]string{"check", rules, half, "--zone", "UTC"}, job.ExitPartial, ""},
		"check of none":   {[]string{"check", dir + "/none"}, job.ExitRejected, "none"},
		"compare nothing": {[]string{"compare", dir + "/none", out}, job.ExitRejected, "none"},
	} {
		code, said := labelled(t, &bytes.Buffer{}, test.args...)
		if code != test.code || !strings.Contains(said, test.says) || test.says == "" && said != "" {
			t.Errorf("%s: exit code %d, want %d: %s", name, code, test.code, said)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "i")); err == nil {
		t.Error("what was refused has a folder")
	}
}

// TestLabelToldAgain: where all is done, reports are written that were not asked for before, or could
// not be written, and a capture that is damaged still is.
func TestLabelToldAgain(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	writeFile(t, dir, "cut.pcapng", demo(t)[:100_001])
	run(t, "run", at("cut.pcapng"), "-o", at("out"), "-q").want(t, job.ExitPartial)
	writeFile(t, dir, "in the way", nil)
	args := []string{at("out"), "--from-name", "cut*=x", "--packets", at("cut.pcapng"), "-o", at("labels")}
	if code, said := labelled(t, &bytes.Buffer{}, append(args, "--report", at("in the way/a.md"))...); code != job.ExitOutput {
		t.Fatalf("exit code %d: %s", code, said)
	}
	for _, ending := range []string{".md", ".html", ".txt", ".json"} {
		code, said := labelled(t, &bytes.Buffer{}, append(args, "--report", at("again"+ending))...)
		if code != job.ExitPartial || !strings.Contains(said, "nothing to do") {
			t.Errorf("exit code %d: %s", code, said)
		}
		code, said = labelled(t, &bytes.Buffer{}, append(args, "--force", "--report", at("first"+ending))...)
		if code != job.ExitPartial || !strings.Contains(said, "read in part") {
			t.Errorf("exit code %d: %s", code, said)
		}
		sameFiles(t, at("again"+ending), at("first"+ending))
	}
}

// TestLabelUnheard writes reports, and ends with what it found, though nobody takes the summary.
func TestLabelUnheard(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close() //nolint:errcheck // nobody reads it
	r.Close()       //nolint:errcheck,gosec // as head does
	half := save(t, "half.log", fastLine+"03/02/2026-09:00:30.000000  [**] nonsense\n")
	args := []string{"pcapmill", "label", demoTables(t), "--rules", half, "--zone", "UTC", "-o", at("labels"), "--report", at("report.md")}
	if code := execute(args, streams{out: io.Discard, err: w}); code != job.ExitPartial {
		t.Errorf("exit code %d", code)
	}
	if _, err := os.Stat(at("report.md")); err != nil {
		t.Error(err)
	}
}

// TestLabelBusy: as for run and dataset, another process at work is no trouble of the disk.
func TestLabelBusy(t *testing.T) {
	out := filepath.Join(t.TempDir(), "labels")
	d, _, err := publish.Open(out, publish.Owner{PlanID: "another"})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Abort() //nolint:errcheck // only a lock
	if code, said := labelled(t, &bytes.Buffer{}, demoTables(t), "--from-name", "*=x", "-o", out); code != job.ExitUsage || !strings.Contains(said, "another process") {
		t.Errorf("exit code %d: %s", code, said)
	}
}

// TestLabelAgain does nothing where all is done, and still says what was not understood.
func TestLabelAgain(t *testing.T) {
	tables, half := demoTables(t), save(t, "half.log", fastLine+"03/02/2026-09:00:30.000000  [**] nonsense\n")
	out := filepath.Join(t.TempDir(), "labels")
	for _, want := range []string{"1 of 470", "nothing to do"} {
		code, said := labelled(t, &bytes.Buffer{}, tables, "--rules", half, "--zone", "UTC", "-o", out)
		if code != job.ExitPartial || !strings.Contains(said, want) {
			t.Errorf("exit code %d: %s", code, said)
		}
	}
	if code, said := labelled(t, &bytes.Buffer{}, tables, "--rules", half, "--zone", "+01:00", "-o", out); code != job.ExitOutput || !strings.Contains(said, "--force") {
		t.Errorf("exit code %d: %s", code, said)
	}
	if got := output(t, "verify", out); !strings.HasPrefix(got, "ok: 2 tables") {
		t.Error(got)
	}
}

// TestLabelReports writes a report in each form.
func TestLabelReports(t *testing.T) {
	dir := t.TempDir()
	args := []string{demoTables(t), "--rules", save(t, "rules.yaml", scanRules), "-o", filepath.Join(dir, "labels"), "-q"}
	begins := map[string]string{"r.txt": "300 of 470", "r.md": "# 300 of 470", "r.html": "<!DOCTYPE html>", "r.json": "{"}
	for name := range begins {
		args = append(args, "--report", filepath.Join(dir, name))
	}
	if code, said := labelled(t, &bytes.Buffer{}, args...); code != job.ExitOK || said != "" {
		t.Fatalf("exit code %d: %s", code, said)
	}
	for name, want := range begins {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !strings.HasPrefix(string(got), want) {
			t.Errorf("%s: %v, %.40s", name, err, got)
		}
	}
}

// full is a disk that has no room.
type full struct{}

// Write implements io.Writer.
func (full) Write([]byte) (int, error) {
	return 0, &os.PathError{Op: "write", Path: "/dev/full", Err: syscall.ENOSPC}
}

// TestLabelFull: what nobody can read is an error, and not success.
func TestLabelFull(t *testing.T) {
	tables, rules := demoTables(t), save(t, "rules.yaml", scanRules)
	out := filepath.Join(t.TempDir(), "labels")
	if code, said := labelled(t, full{}, tables, "--rules", rules, "-o", out, "-q"); code != job.ExitOK {
		t.Errorf("exit code %d: %s", code, said)
	}
	for _, args := range [][]string{{"compare", out, out}, {"check", rules}} {
		if code, said := labelled(t, full{}, args...); code != job.ExitOutput || !strings.Contains(said, "no space left") {
			t.Errorf("%v: exit code %d: %s", args, code, said)
		}
	}
}

// TestLabelImportOntoItself: the rules of another tool are not replaced by what is made of them.
func TestLabelImportOntoItself(t *testing.T) {
	dir := t.TempDir()
	const rules = "# by hand\nversion: 1\nrules: [{id: a, label: b}]\n"
	file := writeFile(t, dir, "rules.yaml", []byte(rules))
	run(t, "label", "import", file, "-o", filepath.Join(dir, ".", "rules.yaml"), "--force").want(t, job.ExitUsage).says(t, "cannot be the file of rules")
	if got := readFile(t, file); got != rules {
		t.Errorf("it has become\n%s", got)
	}
	run(t, "label", "import", file, "-o", filepath.Join(dir, "other.yaml")).want(t, job.ExitOK)
}

// TestLabelCompare: forms, and columns of other tables by other keys.
func TestLabelCompare(t *testing.T) {
	tables := demoTables(t)
	out := filepath.Join(t.TempDir(), "labels")
	if code, said := labelled(t, &bytes.Buffer{}, tables, "--rules", save(t, "rules.yaml", scanRules), "-o", out, "-q"); code != job.ExitOK {
		t.Fatal(code, said)
	}
	for what, test := range map[string]struct {
		args []string
		want string
	}{
		"itself":   {[]string{out, out}, "470 of 470 rows agree (100.00 %)\n"},
		"markdown": {[]string{out, out, "--format", "markdown"}, "# 470 of 470 rows agree"},
		"json":     {[]string{out, out, "--format", "json"}, "{\n  \"a\": "},
		"a column": {[]string{filepath.Join(out, "flow_labels"), filepath.Join(tables, "flows"), "--column-b", "conn_state"}, "0 of 470 rows agree (0.00 %)"},
	} {
		var b bytes.Buffer
		if code, said := labelled(t, &b, append([]string{"compare"}, test.args...)...); code != job.ExitOK || !strings.HasPrefix(b.String(), test.want) {
			t.Errorf("%s: exit code %d: %s%.100s", what, code, said, b.String())
		}
	}
}

// TestLabelDocs: docs/labels.md names every table of labels, every reason why nothing matched,
// and every file of a folder.
func TestLabelDocs(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "labels.md"))
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "labels")
	if code, said := labelled(t, &bytes.Buffer{}, demoTables(t), "--rules", save(t, "rules.yaml", scanRules), "-o", out, "-q", "--tables", "all"); code != job.ExitOK {
		t.Fatal(code, said)
	}
	entries, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.Name() != "execution.json" {
			names = append(names, e.Name())
		}
	}
	for f := match.Time; f <= match.Hosts; f <<= 1 {
		names = append(names, f.String())
	}
	for _, name := range append(names, tablesof.TableNames()...) {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("docs/labels.md does not name %s", name)
		}
	}
}
