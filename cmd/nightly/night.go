package nightly

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"pcapmill/cmd/baselines"
	"pcapmill/cmd/job"
	"pcapmill/model/drift"
	"pcapmill/model/windows"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// folderOf is the folder of a night's tables.
func (c *Config) folderOf(night string) string { return c.at("runs", "date="+night) }

// ownBaseline is the file of what a night taught.
func (c *Config) ownBaseline(night string) string { return c.at("nights", night+".bl") }

// reportsOf is the folder of a night's reports.
func (c *Config) reportsOf(night string) string { return c.at("reports", night) }

// do makes all that there is of a night, but for its record.
func (x *execution) do(ctx context.Context, t *task) (*Night, error) {
	make := x.tables
	if t.ofTables() {
		make = x.gather
	}
	n, err := make(ctx, t)
	if err != nil {
		return nil, err
	}
	j := judging{x: x, n: n, tables: x.c.folderOf(t.name), failOn: x.c.Drift.FailOn}
	if err := j.run(ctx); err != nil {
		return nil, err
	}
	return n, nil
}

// tables runs a night's captures, unless its folder has that already, and begins its record. One
// that is done again is run whatever its folder has: what kept a capture from being read may have
// changed, and the capture not.
func (x *execution) tables(ctx context.Context, t *task) (*Night, error) {
	o := x.c.Run
	o.Out, o.Args, o.Command, o.Tool, o.Force = x.c.folderOf(t.name), nil, x.o.Command, x.o.Tool, t.again
	for _, f := range t.files {
		o.Args = append(o.Args, f.path)
	}
	report, err := job.Run(ctx, o, job.IO{})
	if errors.Is(err, publish.ErrOther) { // of an execution that was killed, or of the night as it was
		o.Force = true
		report, err = job.Run(ctx, o, job.IO{})
	}
	if err != nil {
		return nil, fmt.Errorf("run: %w", err)
	}
	for _, w := range report.Warnings {
		x.o.Warn("night " + t.name + ": " + w)
	}
	m, sum, err := readManifest(ctx, o.Out)
	if err != nil {
		return nil, err
	}
	start, end, _ := spanOf(t.name)
	n := &Night{
		Name: t.name, StartNs: start.UnixNano(), EndNs: end.UnixNano(), Again: t.again, NowNs: x.o.Now.UnixNano(),
		Config: x.c.Hash, PlanID: m.PlanID, RunID: m.RunID, Manifest: sum, Exit: report.Exit, Warned: slices.Clone(m.Notes[:min(len(m.Notes), mostWhy)]), Number: int64(len(t.files)),
	}
	n.counts(m)
	return n, n.inputs(m, t.files)
}

// readManifest returns that of a folder, and its hash.
func readManifest(ctx context.Context, folder string) (*manifest.Manifest, string, error) {
	path := filepath.Join(folder, manifest.Name)
	f, err := os.Open(path)
	if err != nil {
		return nil, "", err
	}
	defer f.Close() //nolint:errcheck // only read
	m, err := manifest.Read(f)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", text.Escape(path), err)
	}
	sum, _, err := manifest.HashFile(ctx, path)
	return m, sum, err
}

func (n *Night) counts(m *manifest.Manifest) {
	n.Packets, n.Bytes = m.Accounting.PacketsRead, m.Accounting.WireBytes
	for i := range m.Tables {
		if m.Tables[i].Name == "flows" {
			n.Flows = m.Tables[i].Rows
		}
	}
	for i := range m.Inputs {
		in := &m.Inputs[i]
		if in.FirstNs != nil && (n.FirstNs == nil || *in.FirstNs < *n.FirstNs) {
			n.FirstNs = in.FirstNs
		}
		if in.LastNs != nil && (n.LastNs == nil || *in.LastNs > *n.LastNs) {
			n.LastNs = in.LastNs
		}
	}
}

// mostWhy bounds what a record says of why.
const mostWhy = 8

// inputs takes over what became of the captures.
func (n *Night) inputs(m *manifest.Manifest, files []*file) error {
	if len(m.Inputs) != len(files) {
		return fmt.Errorf("internal failure: %d captures were named and %d are in the manifest", len(files), len(m.Inputs))
	}
	for i, f := range files {
		in := &m.Inputs[i]
		n.Inputs = append(n.Inputs, newInput(f, Input{
			Bytes: in.Bytes, SHA256: in.SHA256, Outcome: in.Outcome, Reason: in.Reason, Offset: in.Offset, Packets: in.Packets,
		}))
		name := text.Escape(filepath.Base(f.path))
		if in.Outcome != manifest.Complete && in.Outcome != manifest.CompleteWithNotes {
			n.Damaged++
			n.say("%s: %s, %s at offset %d; %s kept", name, in.Outcome, in.Reason, in.Offset, text.Plural(in.Packets, "packet"))
		}
		if f.sha256 != "" && f.sha256 != in.SHA256 {
			n.Damaged++
			n.Exit = worse(n.Exit, job.ExitPartial)
			n.say("%s is not what capture wrote: its hash is another", name)
		}
		if f.drops > 0 {
			n.say("%s: capture lost %s", name, text.Plural(f.drops, "packet"))
		}
	}
	return nil
}

// newInput names a file in what became of it.
func newInput(f *file, in Input) Input {
	in.Path, in.PathHex = manifest.EncodePath(f.path)
	in.ModNs = f.modNs
	return in
}

// say adds a reason, clipped, until there are enough.
func (n *Night) say(format string, args ...any) {
	switch {
	case len(n.Why) < mostWhy-1:
		n.Why = append(n.Why, text.Truncate(fmt.Sprintf(format, args...), mostReason))
	case len(n.Why) == mostWhy-1:
		n.Why = append(n.Why, "and more: see the reports and the manifest")
	}
}

// mostReason is the most cells of a reason.
const mostReason = 400

// judging is a night on its way to a verdict.
type judging struct {
	x      *execution
	n      *Night
	tables string
	failOn drift.Severity
	past   string // baseline to judge by; empty: too few nights for one
	wrote  []string
	drift  *drift.Report
	worst  drift.Severity
}

// run gives the night its verdict, reports and alerts.
func (j *judging) run(ctx context.Context) error {
	if err := os.MkdirAll(j.x.c.reportsOf(j.n.Name), 0o700); err != nil {
		return err
	}
	whole, err := j.teach(ctx)
	if err != nil {
		return err
	}
	remove, err := j.findPast(ctx)
	if err != nil {
		return err
	}
	defer remove()
	j.n.Verdict = Learning
	if whole && j.past != "" {
		if err := j.judge(ctx); err != nil {
			return err
		}
	}
	if !whole {
		j.n.Verdict, j.n.Exit = Empty, worse(j.n.Exit, job.ExitRejected)
	}
	if j.x.rules != nil {
		if err := j.applyRules(ctx); err != nil {
			return err
		}
	}
	j.n.Severity = j.worst.String()
	if j.n.Verdict == Flagged {
		j.n.Exit = worse(j.n.Exit, job.ExitDrift)
	}
	j.n.Reports = j.wrote
	return j.sweep()
}

// teach makes the baseline of the night alone. whole is false where no window is.
func (j *judging) teach(ctx context.Context) (whole bool, err error) {
	c := j.x.c
	if c.Baseline.Fixed != "" {
		return true, nil
	}
	if err := os.MkdirAll(c.at("nights"), 0o700); err != nil {
		return false, err
	}
	build := baselines.Build{
		Out: c.ownBaseline(j.n.Name), Tables: []string{j.tables}, Force: true, Hosts: c.Baseline.Hosts, Keys: c.Baseline.Keys,
		Labels: c.Baseline.Labels, Protocols: c.Baseline.Protocols, Covered: c.Drift.Covered,
	}
	built, err := build.Run(ctx)
	if errors.Is(err, windows.ErrTable) && !errors.Is(err, os.ErrNotExist) {
		j.n.say("%s", text.Escape(err.Error()))
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("baseline: %w", err)
	}
	j.n.Taught, j.n.Hosts = true, uint64(built.Extent.Hosts)
	return true, nil
}

// sweep removes reports of an earlier judgement that this one has not.
func (j *judging) sweep() error {
	folder := j.x.c.reportsOf(j.n.Name)
	there, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range there {
		if e.Type().IsRegular() && isReport(e.Name()) && !slices.Contains(j.wrote, e.Name()) {
			if err := os.Remove(filepath.Join(folder, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
