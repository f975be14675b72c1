package main

import (
	"fmt"
	"path/filepath"
	"runtime"
	"testing"

	"pcapmill/cmd/capture"
	"pcapmill/cmd/job"
	"pcapmill/ingest/live"
)

// TestLiveCaptureMisused: every mistake is one line with what to do, and makes no folder.
func TestLiveCaptureMisused(t *testing.T) {
	for _, test := range []struct {
		args []string
		says string
	}{
		{[]string{"--rotate", "5"}, `"5" is no time as 5m`},
		{[]string{"--rotate", "1h,2h"}, "twice"},
		{[]string{"--retain", "free=200%"}, "free=200%"},
		{[]string{"--retain", "released"}, "folder of who releases"},
		{[]string{"--filter", "tcp prot 80"}, "--filter"},
		{[]string{"--snaplen", "1B"}, "snapshot length"},
		{[]string{"--blocks", "1"}, "1 blocks"},
		{[]string{"--rings", "0"}, "0 rings"},
	} {
		seg := filepath.Join(t.TempDir(), "seg")
		r := run(t, append([]string{"live", "capture", "-i", "lo", "--segments", seg}, test.args...)...).want(t, job.ExitUsage).says(t, test.says)
		if lines := r.linesWith("pcapmill:"); len(lines) != 1 {
			t.Errorf("%v: %q", test.args, r.err)
		}
		if found, _ := filepath.Glob(seg); len(found) != 0 {
			t.Errorf("%v made %v", test.args, found)
		}
	}
}

func TestLiveCaptureRefused(t *testing.T) {
	if runtime.GOOS != "linux" {
		run(t, "live", "capture", "-i", "eth0", "--segments", "seg").want(t, job.ExitUsage).says(t, "live capture needs Linux")
		return
	}
	dir := t.TempDir()
	run(t, "live", "capture", "-i", "no-such-if0", "--segments", filepath.Join(dir, "a")).want(t, job.ExitRejected).says(t, "no such interface")
	run(t, "live", "capture", "-i", "any", "--segments", filepath.Join(dir, "b"), "--filter", "vlan 5").want(t, job.ExitUsage).says(t, "--filter: ")
	busy := filepath.Join(dir, "busy")
	f, err := capture.Open(capture.DefaultConfig(busy))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	run(t, "live", "capture", "-i", "lo", "--segments", busy).want(t, job.ExitOutput).says(t, "another process")
	writeFile(t, filepath.Join(dir), "file", nil)
	run(t, "live", "capture", "-i", "lo", "--segments", filepath.Join(dir, "file")).want(t, job.ExitOutput).says(t, "is not a folder")
}

// TestBrokenCaptureIsNoMisuse: a capture that breaks off, as where the interface comes back with frames of
// another link type, can begin again; who starts it does not where usage is wrong.
func TestBrokenCaptureIsNoMisuse(t *testing.T) {
	for _, why := range []error{live.ErrConfig, live.ErrPermission} {
		if code := captureCode(fmt.Errorf("%w: eth0: %w", capture.ErrSource, why)); code != job.ExitPartial {
			t.Errorf("%v: %d", why, code)
		}
	}
}
