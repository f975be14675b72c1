package folder

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// stepPrefix is how the names of the manifests of earlier steps begin.
const stepPrefix = "step-"

// IsStep reports whether a file of a folder is the manifest of an earlier step.
func IsStep(name string) bool {
	return strings.HasPrefix(name, stepPrefix) && strings.HasSuffix(name, ".json")
}

// Finish publishes the folder, whose tables are closed. Notes are for its readers.
func (f *Folder) Finish(notes []string) error {
	if err := f.take(); err != nil {
		return err
	}
	if err := f.writeSteps(); err != nil {
		return err
	}
	m := &manifest.Manifest{
		Kind: f.spec.Kind, PlanID: f.plan, Tool: f.spec.Tool, Options: f.spec.Options, Again: f.spec.Again,
		Inputs: []manifest.Input{}, Tables: f.entries(), Files: f.files, SelfChecks: f.checks,
		NotProcessed: []manifest.NotProcessed{}, Notes: notes,
	}
	if m.SelfChecks == nil {
		m.SelfChecks = []manifest.SelfCheck{}
	}
	sums := make([]string, len(f.spec.Sources))
	for i := range f.spec.Sources {
		m.Sources = append(m.Sources, f.spec.Sources[i].Source)
		sums[i] = f.spec.Sources[i].id()
	}
	m.RunID = manifest.RunID(f.plan, sums)
	return f.dir.Finish(m, f.execution())
}

// writeSteps keeps the manifests of earlier steps, each once.
func (f *Folder) writeSteps() error {
	seen := map[string]bool{}
	for _, source := range f.spec.Sources {
		for _, s := range source.steps {
			if seen[s.sum] {
				continue
			}
			seen[s.sum] = true
			name := fmt.Sprintf("%s%02d-%s.json", stepPrefix, len(seen), s.kind)
			write := func(w io.Writer) error {
				_, err := w.Write(s.bytes)
				return err
			}
			if err := f.File(name, write); err != nil {
				return err
			}
		}
	}
	return nil
}

// execution says how this was done; what cannot be found out stays empty.
func (f *Folder) execution() *manifest.Execution {
	e := &manifest.Execution{
		StartedAt: f.started.UTC().Format(time.RFC3339Nano), EndedAt: time.Now().UTC().Format(time.RFC3339Nano),
		WallNs: int64(time.Since(f.started)), OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(),
		UID: os.Getuid(), PID: os.Getpid(), Host: manifest.HostName(),
	}
	for _, arg := range f.spec.Command {
		e.Command = append(e.Command, text.Escape(arg))
	}
	if dir, err := os.Getwd(); err == nil {
		e.WorkingDir, e.WorkingHex = manifest.EncodePath(dir)
	}
	if f.status.Previous != nil {
		e.Resumes = []manifest.Resume{*f.status.Previous}
	}
	return e
}

// Abort takes back what was written. After Finish it does nothing, so it can be deferred.
func (f *Folder) Abort() error {
	for _, t := range f.tables {
		for _, w := range t.writers {
			w.Abort()
		}
	}
	if f.dir == nil {
		return nil
	}
	return f.dir.Abort()
}
