package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/cmd/job"
)

// twoDatasets runs the demo twice, so that two datasets have nothing in common.
func twoDatasets(t *testing.T) (tcp, rest string) {
	t.Helper()
	dir := t.TempDir()
	tcp, rest = filepath.Join(dir, "tcp"), filepath.Join(dir, "rest")
	run(t, "run", "--demo", "-o", tcp, "--window", "10s", "--filter", "tcp").want(t, job.ExitOK)
	run(t, "run", "--demo", "-o", rest, "--window", "10s", "--filter", "not tcp").want(t, job.ExitOK)
	return tcp, rest
}

func sameFiles(t *testing.T, a, b string) {
	t.Helper()
	x, err := os.ReadFile(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := os.ReadFile(b)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(x, y) {
		t.Errorf("%s and %s differ", a, b)
	}
}

// TestBaseline goes from captures to what is normal, in one step and in several.
func TestBaseline(t *testing.T) {
	tcp, rest := twoDatasets(t)
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	r := run(t, "baseline", "build", "-o", at("all"), tcp, rest).want(t, job.ExitOK).says(t, "rows in", "left out: covered in part", "2 tables")
	if r.out != "" {
		t.Errorf("stdout has %q", r.out)
	}
	if info, err := os.Stat(at("all")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	run(t, "baseline", "build", "-o", at("all"), rest, tcp).want(t, job.ExitOK).says(t, "is in the baseline already: left out", "nothing to do")
	run(t, "baseline", "build", "-o", at("grown"), rest, "-q").want(t, job.ExitOK)
	run(t, "baseline", "build", "-o", at("grown"), tcp).want(t, job.ExitUsage).says(t, "--append adds to them")
	run(t, "baseline", "build", "-o", at("grown"), tcp, "--append", "--max-age", "30d").want(t, job.ExitOK)
	sameFiles(t, at("all"), at("grown"))

	run(t, "baseline", "build", "-o", at("tcp"), tcp, "-q").want(t, job.ExitOK)
	run(t, "baseline", "build", "-o", at("rest"), rest, "-q").want(t, job.ExitOK)
	run(t, "baseline", "merge", "-o", at("merged"), at("rest"), at("tcp")).want(t, job.ExitOK).says(t, "2 tables")
	sameFiles(t, at("all"), at("merged"))
	run(t, "baseline", "merge", "-o", at("merged"), at("all"), at("tcp"), "--force").want(t, job.ExitUsage).says(t, "would count twice")

	for _, format := range []string{"json", "sqlite"} {
		run(t, "baseline", "export", at("all"), "--format", format, "-o", at(format)).want(t, job.ExitOK)
		run(t, "baseline", "import", at(format), "-o", at(format+".back")).want(t, job.ExitOK).says(t, "2 tables")
		sameFiles(t, at("all"), at(format+".back"))
	}
	if shown := run(t, "baseline", "check", at("all")).want(t, job.ExitOK); !strings.Contains(shown.out, "is whole") || shown.err != "" {
		t.Errorf("%q, %q", shown.out, shown.err)
	}
}

// TestBaselineViews show what there is, and forget takes it out.
func TestBaselineViews(t *testing.T) {
	tcp, rest := twoDatasets(t)
	file := filepath.Join(t.TempDir(), "b")
	labels := save(t, "labels.csv", "address_or_prefix,label\n10.0.0.0/8,inside\n")
	run(t, "baseline", "build", "-o", file, tcp, rest, "-q", "--labels", labels, "--protocols").want(t, job.ExitOK)
	var listed struct {
		Segments []struct {
			Kind, Name string
			Windows    int
		}
		More []struct{ Kind string }
	}
	r := run(t, "baseline", "list", file, "--format", "json", "--limit", "1000").want(t, job.ExitOK)
	if err := json.Unmarshal([]byte(r.out), &listed); err != nil || len(listed.More) != 0 {
		t.Fatal(err, r.out)
	}
	kinds := map[string]int{}
	host, all := "", 0
	for _, s := range listed.Segments {
		if kinds[s.Kind]++; s.Kind == "host" {
			host, all = s.Name, all+s.Windows
		}
	}
	if kinds["global"] != 1 || kinds["host"] < 10 || kinds["subnet"] == 0 || kinds["protocol"] < 2 || kinds["label"] != 1 || all != listed.Segments[0].Windows {
		t.Errorf("%v, %d windows of hosts, %+v", kinds, all, listed.Segments[0])
	}
	run(t, "baseline", "list", file, "--kind", "host", "--limit", "3").want(t, job.ExitOK)
	for _, segment := range []string{"global", host, "label inside", "protocol tcp"} {
		shown := run(t, "baseline", "show", file, "--segment", segment, "--hour", "9").want(t, job.ExitOK)
		if !strings.Contains(shown.out, "hour of week 9 (Monday 09 UTC)") || !strings.Contains(shown.out, "out_packets") || !strings.Contains(shown.out, "service: ") {
			t.Errorf("%s:\n%s", segment, shown.out)
		}
	}
	run(t, "baseline", "forget", file, host, "203.0.113.77").want(t, job.ExitOK).says(t, "host 203.0.113.77 is not there by itself", "1 host forgotten")
	run(t, "baseline", "forget", file, host).want(t, job.ExitUsage).says(t, "the file is as it was")
	run(t, "baseline", "show", file, "--segment", host).want(t, job.ExitUsage).says(t, "no windows of host "+host)
}

// TestBaselineExitCodes: what is wrong is said with what to do, and nothing is written.
func TestBaselineExitCodes(t *testing.T) {
	tcp, rest := twoDatasets(t)
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	run(t, "baseline", "build", "-o", at("good"), tcp, "-q").want(t, job.ExitOK)
	data, err := os.ReadFile(at("good"))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir, "cut", data[:len(data)-1])
	writeFile(t, dir, "newer", bytes.Replace(data, []byte("baseline\n\x01"), []byte("baseline\n\x07"), 1))
	writeFile(t, dir, "foreign", []byte("hello"))
	writeFile(t, dir, "labels", []byte("10.0.0.1\n"))
	if err := os.Symlink("loop", at("loop")); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"check", at("cut")}, job.ExitRejected, "restore a copy"},
		{[]string{"show", at("newer")}, job.ExitRejected, "use the pcapmill that wrote it"},
		{[]string{"list", at("foreign")}, job.ExitRejected, "name another file"},
		{[]string{"build", "-o", at("foreign"), tcp, "--force"}, job.ExitRejected, "not a baseline"},
		{[]string{"build", "-o", at("cut"), tcp, "--append"}, job.ExitRejected, "with --force"},
		{[]string{"build", "-o", at("new"), at("nowhere")}, job.ExitRejected, "no such file"},
		{[]string{"build", "-o", at("new"), filepath.Join(tcp, "flows")}, job.ExitRejected, "it is a table flows"},
		{[]string{"build", "-o", at("new"), tcp, tcp}, job.ExitUsage, "is the same table as"},
		{[]string{"build", "-o", at("new"), tcp, "--labels", at("labels")}, job.ExitRejected, "line 1"},
		{[]string{"build", "-o", at("new"), tcp, "--covered", "1.5"}, job.ExitUsage, "covered share"},
		{[]string{"build", "-o", at("new"), tcp, "--max-age", "0d"}, job.ExitUsage, "want days"},
		{[]string{"build", "-o", at("good"), rest, "--append", "--keys", "3"}, job.ExitUsage, "64 keys of a category, not 3"},
		{[]string{"show", at("good"), "--feature", "out_flow"}, job.ExitUsage, "did you mean out_flows"},
		{[]string{"show", at("good"), "--segment", "nobody"}, job.ExitUsage, "host ADDRESS"},
		{[]string{"import", at("good"), "-o", at("new")}, job.ExitRejected, "not an exported baseline"},
		{[]string{"export", at("good"), "--format", "sqlite"}, job.ExitUsage, "--out"},
		{[]string{"merge", "-o", at("good"), at("foreign")}, job.ExitUsage, "--force replaces it"},
		{[]string{"check", at("loop")}, job.ExitRejected, "symbolic links"},
		{[]string{"merge", "-o", at("new"), at("loop")}, job.ExitRejected, "symbolic links"},
		{[]string{"import", dir, "-o", at("new")}, job.ExitRejected, "is a directory"},
		{[]string{"build", "-o", at("new"), tcp, "--labels", at("loop")}, job.ExitRejected, "symbolic links"},
		{[]string{"merge", "-o", at("loop"), at("good")}, job.ExitOutput, "examine"},
		{[]string{"build", "-o", filepath.Join(at("good"), "x"), tcp}, job.ExitOutput, "is not a folder"},
	} {
		run(t, append([]string{"baseline"}, test.args...)...).want(t, test.code).says(t, test.says)
	}
	if _, err := os.Stat(at("new")); err == nil {
		t.Error("something was written")
	}
	if after, err := os.ReadFile(at("good")); err != nil || !bytes.Equal(after, data) {
		t.Errorf("the baseline was changed, %v", err)
	}
	run(t, "baseline", "build", "-o", at("cut"), tcp, "--force", "-q").want(t, job.ExitOK)
	sameFiles(t, at("cut"), at("good"))
}

// TestBaselineNames: nothing that a name or an argument has reaches people as it is.
func TestBaselineNames(t *testing.T) {
	tcp, _ := twoDatasets(t)
	bad := filepath.Join(t.TempDir(), "b\x1b[2J\nx")
	for _, args := range [][]string{
		{"build", "-o", bad, tcp}, {"build", "-o", bad, tcp}, {"build", "-o", bad, bad}, {"check", bad}, {"check", bad + "\x1b"}, {"list", bad}, {"show", bad},
		{"show", bad, "--segment", "label \x1b[2J"}, {"show", bad, "--segment", "\x1b"}, {"show", bad, "--feature", "\x1b"}, {"merge", "-o", bad, bad, bad},
		{"merge", "-o", bad, tcp}, {"forget", bad, "10.9.9.9"}, {"forget", bad, "\x1b"}, {"export", bad, "-o", bad}, {"export", bad}, {"import", bad, "-o", bad, "--force"},
		{"build", "-o", bad, tcp, "--labels", bad}, {"build", "-o", bad, tcp, "--max-age", "\x1b"},
	} {
		r := run(t, append([]string{"baseline"}, args...)...)
		clean(t, fmt.Sprintf("stderr of %q", args), r.err)
		clean(t, fmt.Sprintf("stdout of %q", args), r.out)
	}
}
