package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pcapmill/cmd/job"
	"pcapmill/outputs/manifest/manifesttest"
)

// setting returns a line of --print-config without its padding.
func printed(t *testing.T, c call, key string, args ...string) string {
	t.Helper()
	r := c.run(t, append([]string{"run", "--print-config"}, args...)...).want(t, job.ExitOK)
	for _, line := range strings.Split(r.out, "\n") {
		if strings.HasPrefix(line, key+":") {
			return strings.Join(strings.Fields(line), " ")
		}
	}
	t.Fatalf("no %s in\n%s", key, r.out)
	return ""
}

func TestFlagBeatsEnvironmentBeatsFileBeatsDefault(t *testing.T) {
	file := writeFile(t, t.TempDir(), "c.yaml", []byte("workers: 7\n"))
	env := []string{"PCAPMILL_WORKERS=9"}
	for _, test := range []struct {
		env  []string
		args []string
		want string
	}{
		{nil, nil, "workers: 0 # default"},
		{nil, []string{"--config", file}, "workers: 7 # file"},
		{env, nil, "workers: 9 # environment"},
		{env, []string{"--config", file}, "workers: 9 # environment"},
		{env, []string{"--config", file, "--workers", "11"}, "workers: 11 # flag"},
		{[]string{"PCAPMILL_WORKERS="}, nil, "workers: 0 # default"}, // empty is unset
		{[]string{"PCAPMILL_WORKERS="}, []string{"--config", file}, "workers: 7 # file"},
		{[]string{"PCAPMILL_CONFIG="}, nil, "workers: 0 # default"},
		{append(env, "PCAPMILL_CONFIG="+file), nil, "workers: 9 # environment"},
		{[]string{"PCAPMILL_CONFIG=" + file}, nil, "workers: 7 # file"},
	} {
		if got := printed(t, call{env: test.env}, "workers", test.args...); got != test.want {
			t.Errorf("env %v, args %v: %s, want %s", test.env, test.args, got, test.want)
		}
	}
}

func TestPrintedConfigReadsBack(t *testing.T) {
	dir := t.TempDir()
	args := []string{
		"--features", "core,tcp", "--exclude", `*.tmp,a\,b`, "--no-checksums", "--tcp-idle", "90s", "--timers", "zeek",
		"--from", "1772442000.5", "--include", "#x: y", "--include", "some where", "--print-config", "-o", "null",
	}
	first := run(t, append([]string{"run"}, args...)...).want(t, job.ExitOK).out
	file := writeFile(t, dir, "c.yaml", []byte(first))
	second := run(t, "run", "--config", file, "--print-config").want(t, job.ExitOK).out
	strip := func(s string) []string {
		var values []string
		for _, line := range strings.Split(s, "\n") {
			value, _, _ := strings.Cut(line, "  # ")
			values = append(values, strings.TrimSpace(strings.TrimSuffix(value, "#")))
		}
		return values
	}
	a, b := strip(first), strip(second)
	for i := range a {
		a[i], b[i] = trimOrigin(a[i]), trimOrigin(b[i])
	}
	if !slices.Equal(a, b) {
		t.Errorf("printed\n%s\nread back\n%s", first, second)
	}
	if !strings.Contains(first, `["*.tmp", "a,b"]`) || !strings.Contains(first, "2026-03-02T09:00:00.5Z") {
		t.Errorf("printed\n%s", first)
	}
}

// TestPrintedListsReadBack: of lists that commas do not divide, too, what is printed is what is read.
func TestPrintedListsReadBack(t *testing.T) {
	dir := t.TempDir()
	for _, rules := range [][]string{nil, {"a.yaml"}, {"a.yaml", "b, c.yaml"}} {
		args := []string{"live", "analyse", dir, "-o", "tables", "--print-config"}
		for _, file := range rules {
			args = append(args, "--rules", file)
		}
		first := run(t, args...).want(t, job.ExitOK).out
		file := writeFile(t, dir, "c.yaml", []byte(first))
		second := run(t, "live", "analyse", dir, "--config", file, "--print-config").want(t, job.ExitOK).out
		if a, b := lineOfKey(first, "rules"), lineOfKey(second, "rules"); a != b || a == "" {
			t.Errorf("%q: printed %s, read back %s", rules, a, b)
		}
	}
}

// lineOfKey is the line of a key of what was printed.
func lineOfKey(printed, key string) string {
	for line := range strings.Lines(printed) {
		if strings.HasPrefix(line, key+":") {
			return trimOrigin(strings.TrimSpace(line))
		}
	}
	return ""
}

// trimOrigin drops the comment that ends a printed line.
func trimOrigin(line string) string {
	for _, o := range []string{originFlag, originFile, originEnvironment, originDefault} {
		line = strings.TrimSuffix(line, "# "+o)
	}
	return strings.TrimSpace(line)
}

func TestConfigFileErrorsNameTheLine(t *testing.T) {
	for name, test := range map[string]struct{ content, says string }{
		"unknown key":   {"workers: 2\n\nformatt: csv\n", "line 3: unknown key \"formatt\"; did you mean format?"},
		"own flag":      {"config: x.yaml\n", `unknown key "config"`},
		"twice":         {"workers: 2\nworkers: 3\n", "line 2"},
		"nested":        {"run:\n  workers: 2\n", `unknown key "run"`},
		"mapping value": {"workers: {a: b}\n", "line 1: workers: a mapping"},
		"no value":      {"out: x\nworkers:\n", "line 2: workers: has no value"},
		"a list":        {"- workers\n", "line 1: want a mapping"},
		"wrong type":    {"workers: many\n", "workers"},
		"wrong enum":    {"format: xls\n", "parquet"},
		"two documents": {"workers: 1\n---\nworkers: 2\n", "more than one"},
		"no YAML":       {"{[\n", "c.yaml"},
		"list in list":  {"features: [[core]]\n", "line 1: features"},
		"list for text": {"filter: [tcp, udp]\n", "filter: --config has a list, and it is one text"},
		"an anchor":     {"workers: &a 2\n", "line 1, column 10: anchors"},
		"deep":          {strings.Repeat("[", 1<<19), "nested deeper than 40"}, // the parser would take all memory
	} {
		t.Run(name, func(t *testing.T) {
			file := writeFile(t, t.TempDir(), "c.yaml", []byte(test.content))
			run(t, "run", "--demo", "-o", "out", "--config", file).want(t, job.ExitUsage).says(t, test.says)
		})
	}
	run(t, "run", "--demo", "-o", "out", "--config", "nowhere.yaml").want(t, job.ExitUsage).says(t, "nowhere.yaml")
	empty := writeFile(t, t.TempDir(), "c.yaml", []byte("# nothing\n"))
	run(t, "run", "--config", empty, "--print-config").want(t, job.ExitOK)
}

func TestEnvironmentIsCheckedLikeFlags(t *testing.T) {
	call{env: []string{"PCAPMILL_WORKERS=many"}}.run(t, "run", "--demo", "-o", "out").want(t, job.ExitUsage).says(t, "PCAPMILL_WORKERS")
	call{env: []string{"PCAPMILL_FORMAT=xls"}}.run(t, "run", "--demo", "-o", "out").want(t, job.ExitUsage).says(t, "parquet")
	// Empty is unset, whatever the flag's type.
	call{env: []string{"PCAPMILL_FORMAT=", "PCAPMILL_TCP_IDLE=", "PCAPMILL_FEATURES=", "PCAPMILL_DEMO="}}.run(t, "run", "--demo", "-o", "out").want(t, job.ExitOK)
	// It is run's: other commands have formats of their own.
	call{env: []string{"PCAPMILL_FORMAT=arrow", "PCAPMILL_CONFIG=nowhere"}}.run(t, "features").want(t, job.ExitOK)
}

func TestEnvironmentAndFileDriveARun(t *testing.T) {
	dir := t.TempDir()
	file := writeFile(t, dir, "c.yaml", []byte("demo: true\nformat: csv\npackets: 50\nquiet: yes\n"))
	out := filepath.Join(dir, "out")
	r := call{env: []string{"PCAPMILL_OUT=" + out, "PCAPMILL_FORMAT=jsonl"}}.run(t, "run", "--config", file).want(t, job.ExitOK)
	if r.err != "" {
		t.Errorf("quiet, but says %q", r.err)
	}
	m := manifesttest.Read(t, out)
	if m.Options["format"] != "jsonl" || m.Options["packets"] != "50" {
		t.Errorf("options are %v", m.Options)
	}
}

func FuzzConfig(f *testing.F) {
	for _, seed := range []string{"workers: 2\n", "a: [1, 2]\n", "a: &x 1\nb: *x\n", "? a\n: b\n", "a: |\n  b\n", "{a: {b: [c]}}", "<<: 1", "---\n...\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		values, err := readConfig(strings.NewReader(content), []string{"workers", "a", "features"})
		if err == nil && values == nil {
			t.Error("neither values nor an error")
		}
	})
}
