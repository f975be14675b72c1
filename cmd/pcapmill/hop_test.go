package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/cmd/job"
	"pcapmill/outputs/manifest"
)

// TestHop: windows that overlap are in the tables, which who reads windows as observations
// takes as if they were not.
func TestHop(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	run(t, "run", "--demo", "-o", at("side"), "--window", "10s").want(t, job.ExitOK)
	run(t, "run", "--demo", "-o", at("same"), "--window", "10s", "--hop", "10s").want(t, job.ExitOK)
	run(t, "run", "--demo", "-o", at("hop"), "--window", "10s", "--hop", "5s", "--quiet").want(t, job.ExitOK)
	side, hop := readManifestOf(t, at("side")), readManifestOf(t, at("hop"))
	sameFiles(t, at("side/manifest.json"), at("same/manifest.json"))
	if _, set := side.Options["hop"]; set || hop.Options["hop"] != "5s" || side.PlanID == hop.PlanID {
		t.Errorf("hop %q and %q, plans %s and %s", side.Options["hop"], hop.Options["hop"], side.PlanID, hop.PlanID)
	}
	sums := 0
	for _, c := range hop.SelfChecks {
		if strings.Contains(c.Name, "at offset") {
			sums++
		}
		if !c.OK {
			t.Errorf("%s: %d, want %d", c.Name, c.Got, c.Want)
		}
	}
	if sums != 2*2*2 { // tables, offsets, packets and bytes
		t.Errorf("%d sums are checked", sums)
	}
	want := run(t, "fingerprint", at("side")).want(t, job.ExitOK).out
	if got := run(t, "fingerprint", at("hop")).want(t, job.ExitOK).out; got != want {
		t.Error("fingerprints differ where windows overlap")
	}
	run(t, "baseline", "build", "-o", at("base"), at("hop")).want(t, job.ExitOK).says(t, "left out: they overlap others")
	run(t, "baseline", "build", "-o", at("plain"), at("side")).want(t, job.ExitOK)
	want = run(t, "baseline", "show", at("plain")).want(t, job.ExitOK).out
	if got := run(t, "baseline", "show", at("base")).want(t, job.ExitOK).out; got != want {
		t.Errorf("baselines differ where windows overlap:\n%s\nwant\n%s", got, want)
	}
}

func readManifestOf(t *testing.T, dir string) *manifest.Manifest {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, manifest.Name))
	var m manifest.Manifest
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &m
}

// TestHopsRefused: what cannot be is said in a line, by run and by plan.
func TestHopsRefused(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	for args, why := range map[string]string{
		"--hop 0s": "leave --hop out", "--hop=-5m": "leave --hop out", "--hop soon": "--hop",
		"--hop 3m": "divide the window", "--hop 20m": "a hop must be 1s to the window", "--hop 1ms": "a hop must be 1s to the window",
		"--window 10s --hop 2500ms": "divide the window", "--window 61s --hop 1s": "at most 60 hops",
		"--windows nope": "unknown window table", "--features=": "no feature group", "--hop 5m --windows slots": "--windows leaves out both", "--hop 5m --windows none": "--windows leaves out both",
	} {
		run(t, append([]string{"run", "--demo", "-o", out}, strings.Fields(args)...)...).want(t, job.ExitUsage).says(t, why)
		if r := run(t, append([]string{"plan"}, strings.Fields(args)...)...).want(t, job.ExitUsage).says(t, why); strings.Count(r.err, why) > 1 {
			t.Errorf("plan %s says it twice: %s", args, r.err)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("something was written")
	}
}

// TestHopOfAFile: the configuration file and the environment set it, and what is printed
// reads back.
func TestHopOfAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(file, []byte("window: 10m\nhop: 5m\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	printed := run(t, "run", "--config", file, "--print-config").want(t, job.ExitOK).out
	if !strings.Contains(printed, "5m0s") {
		t.Fatal(printed)
	}
	if err := os.WriteFile(file, []byte(printed), 0o600); err != nil {
		t.Fatal(err)
	}
	if again := run(t, "run", "--config", file, "--print-config").want(t, job.ExitOK).out; !strings.Contains(again, "5m0s") {
		t.Error(again)
	}
}

// TestHopsArePlanned: each further offset takes memory, which flows then have not.
func TestHopsArePlanned(t *testing.T) {
	r := run(t, "plan", "--hop", "2m").want(t, job.ExitOK)
	if !strings.Contains(r.out, "window offsets          4 ×") {
		t.Error(r.out)
	}
	if r := run(t, "plan", "--hop", "10m"); strings.Contains(r.out, "offsets") {
		t.Error(r.out)
	}
	if r := run(t, "plan", "--hop", "2m", "--windows", "pairs").want(t, job.ExitOK); !strings.Contains(r.out, "window offsets          4 ×") {
		t.Error(r.out)
	}
	run(t, "plan", "--hop", "10m", "--windows", "slots").want(t, job.ExitOK)
}

// TestPlanSavesStreams: streams that are saved take memory though there are no records.
func TestPlanSavesStreams(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "streams")
	for _, c := range []struct {
		args string
		want bool
	}{{"", false}, {" --save-streams " + folder, true}} {
		r := run(t, strings.Fields("plan --records none"+c.args)...).want(t, job.ExitOK)
		if got := strings.Contains(r.out, "  streams "); got != c.want {
			t.Errorf("plan%s has streams: %v\n%s", c.args, got, r.out)
		}
	}
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s: %v", folder, err)
	}
}
