package main

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"pcapmill/cmd/job"
	"pcapmill/outputs/manifest/manifesttest"
)

// others are the arguments that commands cannot do without.
var others = map[string][]string{
	"run": {"x.pcap"}, "label run": {"x", "--out=y"}, "dataset export": {"x", "--out=y"},
	"dataset build": {"x", "--labels=z", "--out=y"}, "dataset split": {"x", "--out=y"},
}

// parsedCommand parses flags of a command, and returns what it is then.
func parsedCommand(t *testing.T, words string, args ...string) (any, *kong.Node) {
	t.Helper()
	parser, err := newParser(&cli{}, streams{nil, io.Discard, os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	all := slices.Concat(strings.Fields(words), args, others[words])
	parsed, err := parser.Parse(all)
	if err != nil {
		t.Fatalf("%q: %v", all, err)
	}
	return parsed.Selected().Target.Interface(), parsed.Selected()
}

// unusual are values of flags that are not their default, where the type does not say one.
var unusual = map[string]string{
	"memory": "2GiB", "timers": "zeek", "inputs": "independent", "reorder": "7ms", "duplicates": "drop", "duplicate-key": "frame",
	"key": "vlan,tunnel", "features": "core,tcp", "addr-format": "both", "records": "dns,tls", "windows": "slots", "overlap": "last",
	"stream-bytes": "3MiB", "stream-memory": "9MiB", "unknown-limit": "70MiB", "from": "2026-03-02T09:00:00.5Z", "to": "1772442000",
	"filter": "tcp port 443, \\ \"q\" 'é'", "include": `a\,b,*.pcap`, "exclude": `--force,=x, y`, "max-expand": "5000:1,50GiB",
	"format": "csv", "hop": "10s", "save-streams": "FOLDER",
	"zone": "+02:00", "alert-label": "signature", "score-threshold": "0.125", "from-name": "*.pcap=a,b", "skip-label": `a\,b`, "attempted": "same", "tables": "records,windows",
	"keep-role": "time,label", "leak-prone": "warn", "outcome": "ambiguous", "small-classes": "drop", "sample": "10%",
	"by": "host", "shares": "60,20,20", "boundaries": "2026-03-02T09:00:00Z,2026-03-03T09:00:00.25Z", "hosts": "initiator", "internal": "10.1.0.0/16,fd00::/8",
	"test-hosts": "192.0.2.1", "scale": "standard", "impute": "median",
}

// unusualValue returns a value that is not a flag's default.
func unusualValue(t *testing.T, f *kong.Flag) string {
	t.Helper()
	if value, known := unusual[f.Name]; known {
		return value
	}
	switch f.Target.Kind() {
	case reflect.Bool:
		return map[bool]string{true: "false", false: "true"}[f.Target.Bool()]
	case reflect.Slice:
		return `a\,b,c*`
	case reflect.String:
		return "a, \\ 'b'"
	case reflect.Int, reflect.Uint32, reflect.Uint64:
		return "3"
	case reflect.Int64:
		if f.Target.Type() == reflect.TypeFor[time.Duration]() || f.Target.Type() == reflect.TypeFor[hop]() {
			return "1h2m3.000000004s"
		}
		return "77777"
	}
	t.Fatalf("--%s: no value is known here that is not its default", f.Name)
	return ""
}

// TestRecordedFlagsDoTheSameAgain sets each flag of every command that a recipe can have, and all
// together: what is recorded must be read back as the same settings. A flag that is not recorded
// has to be in the list of those.
func TestRecordedFlagsDoTheSameAgain(t *testing.T) {
	for words := range inputFlags {
		t.Run(words, func(t *testing.T) { recordedAgain(t, words) })
	}
}

// changesNothing are flags that change neither rows nor files.
var changesNothing = map[string]bool{
	"help": true, "print-config": true, "force": true, "demo": true, "workers": true, "input-hash": true, "log-format": true, "quiet": true, "verbose": true, "progress": true,
}

// namesPlace reports whether a flag's value is a file or folder, as help says.
func namesPlace(f *kong.Flag) bool {
	return slices.Contains([]string{"FILE", "DIR", "CAPTURE"}, f.PlaceHolder)
}

func recordedAgain(t *testing.T, words string) {
	usual, node := parsedCommand(t, words)
	count := len(strings.Fields(words))
	if got := strings.Join(recorded(node)[:count], " "); got != words {
		t.Fatalf("recorded as %s", got)
	}
	again := func(node *kong.Node) any {
		what, _ := parsedCommand(t, words, recorded(node)[count:]...)
		return what
	}
	if second := again(node); !reflect.DeepEqual(usual, second) {
		t.Errorf("defaults: %+v, and again %+v", usual, second)
	}
	var all []string
	for _, f := range node.Flags {
		if !isRecorded(words, f.Name) {
			if !namesPlace(f) && !changesNothing[f.Name] {
				t.Errorf("--%s changes what comes of %s, and manifests do not keep it", f.Name, words)
			}
			continue
		}
		arg := "--" + f.Name + "=" + unusualValue(t, f)
		all = append(all, arg)
		once, node := parsedCommand(t, words, arg)
		if reflect.DeepEqual(once, usual) {
			t.Errorf("%s changes nothing", arg)
		}
		if second := again(node); !reflect.DeepEqual(once, second) {
			t.Errorf("%s: recorded as %q, which is %+v and not %+v", arg, recorded(node), second, once)
		}
	}
	once, node := parsedCommand(t, words, all...)
	if second := again(node); !reflect.DeepEqual(once, second) {
		t.Errorf("all: %+v, and again %+v", once, second)
	}
}

// TestManifestSaysHow to make the same dataset, wherever its capture lies by then.
func TestManifestSaysHow(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	file := writeFile(t, dir, "a.pcapng", demo(t))
	run(t, "run", file, "-o", first, "--features", "core,tcp", "--records", "none", "--tcp-idle", "3s", "--workers", "3").want(t, job.ExitOK)
	m := manifesttest.Read(t, first)
	run(t, slices.Concat(m.Again, []string{file, "-o", second})...).want(t, job.ExitOK)
	if again := manifesttest.Read(t, second); again.PlanID != m.PlanID || !slices.Equal(again.Again, m.Again) {
		t.Errorf("%s of %q, and again %s of %q", m.PlanID, m.Again, again.PlanID, again.Again)
	}
}
