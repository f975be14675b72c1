package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"time"

	"pcapmill/cmd/job"
	"pcapmill/model/baseline"
	"pcapmill/model/drift"
	"pcapmill/model/drift/report"
	"pcapmill/model/drift/suppress"
	"pcapmill/model/windows"
	"pcapmill/outputs/text"
)

// driftCmd are the arguments of drift.
type driftCmd struct {
	Tables      []string      `arg:"" help:"Datasets, folders of hosts tables or files of these, which are judged together."`
	Baseline    string        `required:"" placeholder:"FILE" help:"What is normal: a file of baseline build."`
	FailOn      string        `enum:"low,medium,high,critical,never" default:"medium" placeholder:"SEVERITY" help:"Exit code 10 from this severity on: ${enum}; by default medium."`
	Format      string        `enum:"${drift_formats}" default:"text" help:"What is written to stdout: ${enum}."`
	Output      string        `short:"o" placeholder:"FILE" help:"Write that to a file, and nothing to stdout."`
	Report      []string      `sep:"none" placeholder:"FILE" help:"Write a report there too, in the format that its ending says: ${drift_endings}. May be given several times."`
	Suppress    string        `placeholder:"FILE" help:"What is known and does not count, as YAML; see docs/drift.md."`
	Alerts      string        `placeholder:"FILE" help:"Append what fails to this file, a JSON object a line."`
	AlertPeriod time.Duration `default:"${alert_period}" help:"How long an alert is not appended again, by the time of the windows."`
	Host        []netip.Addr  `placeholder:"ADDRESS" help:"Say only what is said of these hosts by themselves."`
	Top         int           `placeholder:"N" default:"20" help:"Show N items of a layer and N hosts in text, markdown and html; 0: as many as there is room for; by default 20. The other formats have all."`
	Labels      string        `placeholder:"FILE" help:"Labels of hosts, as for baseline build, where the baseline has labels."`
	Covered     float64       `placeholder:"SHARE" default:"${baseline_covered}" help:"Leave out windows of which captures cover a smaller share."`
}

// mostAsked bounds items and hosts of a report from which something is to be picked.
const mostAsked = 1 << 16

// Run implements the command.
func (c *driftCmd) Run(ctx context.Context, s streams) error {
	out, err := c.outputs(s)
	if err != nil {
		return coded{job.ExitUsage, err}
	}
	if err := out.spare(append([]string{c.Baseline, c.Suppress, c.Labels}, c.Tables...)); err != nil {
		return coded{job.ExitUsage, err}
	}
	list, err := readSuppressions(c.Suppress)
	if err != nil {
		return err
	}
	r, err := c.judge(ctx)
	if err != nil {
		return undrifted(ctx, err)
	}
	report.Only(r, c.Host)
	list.Apply(r)
	return out.deliver(ctx, s, r)
}

// judge compares the tables with the baseline.
func (c *driftCmd) judge(ctx context.Context) (*drift.Report, error) {
	base, err := baseline.Open(c.Baseline, baseline.DefaultFileBytes)
	if err != nil {
		return nil, err
	}
	defer base.Close() //nolint:errcheck // only read
	o, notes, err := c.reading(base)
	if err != nil {
		return nil, err
	}
	now, err := windows.Open(ctx, c.Tables, o)
	if err != nil {
		return nil, err
	}
	config := drift.DefaultConfig()
	if len(c.Host) > 0 || c.Suppress != "" {
		config.MostHosts, config.MostItems = mostAsked, mostAsked
	}
	r, err := drift.Judge(ctx, base, now, config)
	if err != nil {
		return nil, err
	}
	if r.Current.Windows == 0 { // a sensor that is silent is not as usual
		return nil, fmt.Errorf("%w: there are no whole windows to judge; --covered says how much of one captures must cover", windows.ErrTable)
	}
	r.Current.Sources = len(now.Sources())
	r.Notes = slices.Concat(r.Notes, notes, unknown(base, now), learnt(base.Sources(), now))
	return r, nil
}

// reading says how tables are read to be as those that the baseline was built of.
func (c *driftCmd) reading(base *baseline.File) (o windows.Options, notes []string, err error) {
	o = windows.DefaultOptions()
	o.Covered, o.Categories = c.Covered, base.Config().Categories
	protocols, err := base.Segments(baseline.Protocol)
	if err != nil {
		return o, nil, err
	}
	o.Protocols = len(protocols) > 0
	if c.Labels != "" {
		o.Labels, err = windows.ReadLabels(c.Labels)
		return o, nil, err
	}
	labels, err := base.Segments(baseline.Label)
	if len(labels) > 0 {
		notes = append(notes, "The baseline has labels, and no --labels says which hosts have them now: they are not judged by themselves.")
	}
	return o, notes, err
}

// unknown notes what of tables cannot be judged, so that none takes it for the same as usual.
func unknown(base *baseline.File, now *windows.Set) (notes []string) {
	for _, q := range now.Quality() {
		path := text.Escape(q.Path)
		if !q.Keys && len(base.Config().Categories) > 0 {
			notes = append(notes, fmt.Sprintf("%s has no pairs table beside it: its services, peers and endpoints are not judged.", path))
		}
		if q.Recorded == nil {
			notes = append(notes, fmt.Sprintf("%s has no manifest: whether its captures are whole is not known.", path))
		}
	}
	return notes
}

// learnt notes which tables are in the baseline.
func learnt(known []baseline.Source, now *windows.Set) (notes []string) {
	for i, source := range now.Sources() {
		if slices.ContainsFunc(known, func(k baseline.Source) bool { return k.Hash == source.Hash }) {
			notes = append(notes, fmt.Sprintf("The baseline has learnt %s: it is compared with itself.", text.Escape(now.Quality()[i].Path)))
		}
	}
	return notes
}

// readSuppressions reads a list, which is empty where none is named.
func readSuppressions(path string) (suppress.List, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, coded{job.ExitUsage, fmt.Errorf("--suppress: %w", err)}
	}
	defer f.Close() //nolint:errcheck // only read
	list, err := suppress.Read(f)
	if err != nil {
		return nil, coded{job.ExitUsage, fmt.Errorf("--suppress: %s: %w", text.Escape(path), err)}
	}
	return list, nil
}

// undrifted is the error of a drift that could not be judged, with what to do next.
func undrifted(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return stopped(ctx)
	case errors.Is(err, drift.ErrTooMany):
		return coded{job.ExitLimit, fmt.Errorf("%w; judge fewer tables at once", err)}
	case errors.Is(err, drift.ErrMismatch):
		return coded{job.ExitRejected, fmt.Errorf("%w; build a baseline of such tables, or run the captures again", err)}
	case errors.Is(err, fs.ErrNotExist):
		return coded{job.ExitRejected, fmt.Errorf("%w; tables are made by run, baselines by baseline build", err)}
	}
	return unlearned(ctx, err)
}
