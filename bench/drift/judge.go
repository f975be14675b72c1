package drift

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"pcapmill/bench/traffic"
)

// Verdict is what the program says of one hour, and whether that is right.
type Verdict struct {
	Network string             `json:"network"`
	Group   string             `json:"group"`
	Hour    string             `json:"hour"`
	Kind    traffic.ChangeKind `json:"kind"`
	Flagged bool               `json:"flagged"` // exit code 10, not 0
	Named   bool               `json:"named"`   // of a changed hour: what changed is among the items
	Report  Report             `json:"report"`
}

// Right reports whether the hour was told for what it is.
func (v *Verdict) Right() bool {
	if v.Kind == traffic.Unchanged {
		return !v.Flagged
	}
	return v.Flagged && v.Named
}

// Report is what we read of the program's JSON.
type Report struct {
	Verdict string  `json:"verdict"`
	Items   []Item  `json:"items"`
	Hosts   []Score `json:"hosts"`
}

// Item is one thing that the program says.
type Item struct {
	Layer    string   `json:"layer"`
	Segment  string   `json:"segment"`
	Subject  string   `json:"subject"`
	Severity string   `json:"severity"`
	Text     string   `json:"text"`
	Baseline *float64 `json:"baseline"`
	Current  *float64 `json:"current"`
	Keys     []Key    `json:"keys"`
}

// Key is a value of a category.
type Key struct {
	Key    string `json:"key"`
	Change string `json:"change"`
}

// Score is what is said of a host.
type Score struct {
	Host     string   `json:"host"`
	New      bool     `json:"new"`
	Index    *float64 `json:"drift_index"`
	Severity string   `json:"severity"`
}

// Exit codes of drift.
const (
	exitSame  = 0
	exitDrift = 10
)

// baselineFile is beside the hours of a network.
const baselineFile = "baseline"

// Judge builds the baseline of a network that Make wrote, and has each of its other hours
// judged.
func Judge(binary, folder string, net Network) ([]Verdict, error) {
	dir := filepath.Join(folder, net.Name)
	truths, err := readTruth(filepath.Join(dir, truthFile))
	if err != nil {
		return nil, err
	}
	var references []string
	for _, t := range truths {
		if t.Reference {
			references = append(references, filepath.Join(dir, t.Name))
		}
	}
	base := filepath.Join(dir, baselineFile)
	if err := build(binary, base, references); err != nil {
		return nil, err
	}
	var verdicts []Verdict
	for _, t := range truths {
		if t.Reference {
			continue
		}
		v := Verdict{Network: net.Name, Group: net.Group, Hour: t.Name, Kind: t.Change.Kind}
		if v.Report, v.Flagged, err = drift(binary, base, filepath.Join(dir, t.Name)); err != nil {
			return nil, err
		}
		v.Named = v.Report.names(t.Change.Kind, t.Service)
		verdicts = append(verdicts, v)
	}
	return verdicts, nil
}

// build makes a baseline of tables, anew.
func build(binary, base string, tables []string) error {
	if err := os.Remove(base); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	cmd := exec.Command(binary, append([]string{"baseline", "build", "-o", base}, tables...)...)
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", cmd.Args, err, said)
	}
	return nil
}

// drift has tables judged with default settings.
func drift(binary, base, tables string) (r Report, flagged bool, err error) {
	cmd := exec.Command(binary, "drift", "--baseline", base, tables, "--format", "json")
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	runErr := cmd.Run()
	if cmd.ProcessState == nil {
		return r, false, runErr
	}
	code := cmd.ProcessState.ExitCode()
	if code != exitSame && code != exitDrift {
		return r, false, fmt.Errorf("%v: exit code %d\n%s", cmd.Args, code, said.Bytes())
	}
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		return r, false, fmt.Errorf("%v: %w", cmd.Args, err)
	}
	return r, code == exitDrift, nil
}
