package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/job"
	"pcapmill/outputs/ledger"
	"pcapmill/stages"
)

// TestLiveMisused: what a part would refuse, live refuses in one line, before a part is started or a
// folder made. Analysis once waited for ever for segments of a capture that had refused its flags.
func TestLiveMisused(t *testing.T) {
	base := save(t, "b.bl", "")
	for _, test := range []struct {
		args []string
		says string
	}{
		{[]string{"--rotate", "5"}, `"5" is no time as 5m`},
		{[]string{"--retain", "free=200%"}, "free=200%"},
		{[]string{"--filter", "tcp prot 80"}, "--filter"},
		{[]string{"--snaplen", "1B"}, "snapshot length"},
		{[]string{"--baseline", "no-such.baseline"}, "no-such.baseline"},
		{[]string{"--baseline", base, "--save-baseline", base}, "would replace the --baseline"},
		{[]string{"--baseline", base, "--save-baseline", filepath.Dir(base) + "/./b.bl"}, "would replace the --baseline"},
		{[]string{"--rules", "no-such.yaml"}, "no-such.yaml"},
		{[]string{"--pprof"}, "--metrics"},
		{[]string{"--features", ""}, "no feature group"},
		{[]string{"--workers=-1"}, "or 0 for one for two CPUs, not -1"},
		{[]string{"--metrics", "192.0.2.1:9469"}, "--metrics-any takes it"},
		{[]string{"--segments", "./out/"}, "for tables and for segments"},
		{[]string{"--metrics", "9469"}, "want one as 127.0.0.1:9469"},
		{[]string{"--merge"}, "are for run"},
		{[]string{"--records", "dsn"}, `unknown record "dsn"`},
		{[]string{"--tick", "0s"}, "the tick must be"},
		{[]string{"--tunnel-depth", "9"}, "tunnel depth"},
		{[]string{"--memory", "1MiB"}, "bytes of memory are too few"},
		{[]string{"--max-packet", "0"}, "maximum packet length"},
		{[]string{"--checkpoint-every=-1s"}, "checkpoint"},
	} {
		dir := t.TempDir()
		t.Chdir(dir)
		r := run(t, append([]string{"live", "-i", "lo", "-o", "out"}, test.args...)...).want(t, job.ExitUsage).says(t, test.says)
		if lines := r.linesWith("pcapmill:"); len(lines) != 1 {
			t.Errorf("%v: %q", test.args, r.err)
		}
		if lines := strings.Split(strings.TrimPrefix(r.err, "pcapmill: "), "\n"); len(slices.Compact(slices.Clone(lines))) < len(lines) {
			t.Errorf("%v is said twice: %q", test.args, r.err)
		}
		if found, _ := os.ReadDir(dir); len(found) != 0 {
			t.Errorf("%v made %v", test.args, found)
		}
	}
}

// TestLiveRefused: neither a folder of somebody else nor an interface that is not there starts anything.
func TestLiveRefused(t *testing.T) {
	dir := t.TempDir()
	foreign := filepath.Join(dir, "foreign")
	if err := os.Mkdir(foreign, 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, foreign, "file", nil)
	run(t, "live", "-i", "lo", "-o", foreign).want(t, job.ExitOutput).says(t, "was not written by pcapmill")
	run(t, "live", "-i", "lo", "-o", filepath.Join(foreign, "file")).want(t, job.ExitOutput).says(t, "cannot be used for live tables")
	if runtime.GOOS == "linux" {
		run(t, "live", "-i", "no-such-if0", "-o", filepath.Join(dir, "out")).want(t, job.ExitRejected).says(t, "no such interface")
	}
	if found, _ := os.ReadDir(dir); len(found) != 1 {
		t.Errorf("made %v", found)
	}
}

// TestLiveAnalyseNowhere: a folder that no capture wrote is told from one of which all is done.
func TestLiveAnalyseNowhere(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	run(t, "live", "analyse", "--no-sandbox", filepath.Join(dir, "nowhere"), "-o", out).want(t, job.ExitRejected).says(t, "--follow waits")
	run(t, "live", "analyse", "--no-sandbox", dir, "-o", out).want(t, job.ExitRejected).says(t, "no live capture has written there")
}

// TestNoBaselineOfAnOpenSession: where the capture has no end, it is said that --save-baseline wrote nothing.
func TestNoBaselineOfAnOpenSession(t *testing.T) {
	dir := t.TempDir()
	log, err := ledger.Open(filepath.Join(dir, event.LedgerName))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	data := []byte("\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\x01\x00\x00\x00") // no packets
	first := event.Segment{
		Number: 1, Name: event.SegmentName(1, false), Session: "s", Bytes: int64(len(data)), SHA256: fmt.Sprintf("%x", sha256.Sum256(data)), Reason: event.BySize,
	}
	if err := os.WriteFile(filepath.Join(dir, first.Name), data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, file := filepath.Join(t.TempDir(), "out"), filepath.Join(t.TempDir(), "new.bl")
	for _, record := range []struct {
		name string
		body any
	}{{event.SessionEvent, event.Session{ID: "s"}}, {event.SegmentEvent, &first}} {
		if err := log.Append(record.name, record.body); err != nil {
			t.Fatal(err)
		}
		run(t, "live", "analyse", "--no-sandbox", dir, "-o", out, "--save-baseline", file, "-q").want(t, job.ExitOK).says(t, "new.bl is not written")
	}
}

// TestLongSegmentIsAlive: an analysis that has been in one segment for longer than the service manager waits
// is alive as long as it comes further.
func TestLongSegmentIsAlive(t *testing.T) {
	var said telling
	progress := new(stages.Progress)
	hashed := new(atomic.Int64)
	lives := said.living(progress, hashed)
	for i, step := range []struct {
		does func()
		want bool
	}{
		{func() {}, false},
		{func() { said.alive.Store(true) }, true},
		{func() {}, false},
		{func() { hashed.Add(1) }, true},
		{func() { progress.Packets.Add(1) }, true},
		{func() {}, false},
		{func() { progress.Rows.Add(1); said.alive.Store(true) }, true},
		{func() {}, false},
	} {
		if step.does(); lives() != step.want {
			t.Errorf("step %d: want %v", i, step.want)
		}
	}
}

// TestPartsGetEmptyLists: what live is told to leave out is not what its analysis has by default.
func TestPartsGetEmptyLists(t *testing.T) {
	grammar := &cli{}
	parser, err := newParserWith(grammar, streams{nil, io.Discard, os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.Parse([]string{"live", "-i", "lo", "-o", "out", "--records", "", "--windows", ""})
	if err != nil {
		t.Fatal(err)
	}
	parts := grammar.Live.Start.parts(parsed)
	for _, want := range []string{"--records=", "--windows="} {
		if !slices.Contains(parts.Analysis, want) {
			t.Errorf("no %s in %q", want, parts.Analysis)
		}
	}
}

// TestObservedWindowsArePrinted: the configuration that is printed has the windows that --save-baseline
// chooses, and a file of it does the same.
func TestObservedWindowsArePrinted(t *testing.T) {
	args := []string{"live", "-i", "lo", "-o", "out", "--duration", "15m", "--save-baseline", "b.bl", "--print-config"}
	first := run(t, args...).want(t, job.ExitOK).out
	for _, printed := range []string{first, run(t, "live", "--config", save(t, "live.yaml", first), "--print-config").want(t, job.ExitOK).out} {
		if !strings.Contains(printed, "\nwindow: 1m0s ") {
			t.Errorf("%s", printed)
		}
	}
}
