package bench_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const unitFolder = "../docs/systemd"

// exposure is the most that systemd-analyze security may say of each unit: 0 is closed,
// 10 open to everything.
var exposure = map[string]float64{
	"pcapmill-capture@.service": 2.0,
	"pcapmill-analyse@.service": 1.0,
	"pcapmill-forward@.service": 1.5,
	"pcapmill-nightly.service":  1.0,
}

func systemdAnalyze(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	return path
}

func TestUnitsAreClosed(t *testing.T) {
	tool := systemdAnalyze(t)
	overall := regexp.MustCompile(`Overall exposure level for .*: ([0-9.]+) `)
	for name, most := range exposure {
		out, _ := exec.Command(tool, "security", "--offline=true", "--no-pager", filepath.Join(unitFolder, name)).CombinedOutput()
		found := overall.FindSubmatch(out)
		if found == nil {
			if strings.Contains(string(out), "unrecognized option") {
				t.Skip("this systemd-analyze cannot judge files")
			}
			t.Fatalf("%s: no figure in %q", name, out)
		}
		figure, err := strconv.ParseFloat(string(found[1]), 64)
		if err != nil || figure > most {
			t.Errorf("%s: exposure %s, which is above %.1f", name, found[1], most)
		}
		t.Logf("%s: exposure %s of at most %.1f", name, found[1], most)
	}
}

// TestUnitsAreRead has systemd parse each unit. The binary, which must be there for that,
// is replaced by one that is.
func TestUnitsAreRead(t *testing.T) {
	tool := systemdAnalyze(t)
	dir := t.TempDir()
	units, err := filepath.Glob(filepath.Join(unitFolder, "*@.service"))
	more, _ := filepath.Glob(filepath.Join(unitFolder, "*nightly.*"))
	if units = append(units, more...); err != nil || len(units) != len(exposure)+1 {
		t.Fatalf("%d units, %v", len(units), err)
	}
	args := []string{"verify", "--man=no"}
	for _, unit := range units {
		data, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(data), "/usr/bin/pcapmill", "/bin/true")
		path := filepath.Join(dir, filepath.Base(unit))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	out, err := exec.Command(tool, args...).CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, dir) || strings.Contains(line, "pcapmill") {
			t.Errorf("systemd-analyze verify: %s", strings.TrimSpace(line))
		}
	}
	if err != nil {
		t.Logf("systemd-analyze verify: %v: %s", err, out) // it fails for units of the system too
	}
}

// TestAnalysisWaitsForCapture: without --follow it ends well when capture is stopped, or has died and is not
// started again yet, and nobody starts it again.
func TestAnalysisWaitsForCapture(t *testing.T) {
	unit, err := os.ReadFile(filepath.Join(unitFolder, "pcapmill-analyse@.service"))
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?m)^ExecStart=.* live analyse .* --follow `).Match(unit) {
		t.Errorf("analysis does not wait:\n%s", unit)
	}
	// As live does: with code 7 it would do the same again for ever.
	if !regexp.MustCompile(`(?m)^RestartPreventExitStatus=2 7$`).Match(unit) {
		t.Errorf("analysis whose tables differ from what it committed is started again:\n%s", unit)
	}
}

// TestWatchdogStartsAgain: on SIGABRT a Go program ends with 2, and a unit that is not started again with
// that code would end for good where the watchdog ends it.
func TestWatchdogStartsAgain(t *testing.T) {
	units, err := filepath.Glob(filepath.Join(unitFolder, "*.service"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range units {
		unit, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		has := func(line string) bool { return strings.Contains(string(unit), "\n"+line) }
		if has("WatchdogSec=") && has("RestartPreventExitStatus=2") && !has("WatchdogSignal=SIGKILL") {
			t.Errorf("%s is not started again where its watchdog ends it", path)
		}
	}
}
