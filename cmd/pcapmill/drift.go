package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/netip"
	"os"
	"time"

	"pcapmill/cmd/drifts"
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
	From        instant       `placeholder:"TIME" help:"Judge only windows that begin at this instant or later."`
	To          instant       `placeholder:"TIME" help:"Judge only windows that begin before it."`
	Labels      string        `placeholder:"FILE" help:"Labels of hosts, as for baseline build, where the baseline has labels."`
	Covered     float64       `placeholder:"SHARE" default:"${baseline_covered}" help:"Leave out windows of which captures cover a smaller share."`
}

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
	var labels *windows.Labels
	if c.Labels != "" {
		if labels, err = windows.ReadLabels(c.Labels); err != nil {
			return nil, err
		}
	}
	o, notes, err := drifts.Reading(base, c.Covered, labels)
	if err != nil {
		return nil, err
	}
	o.From, o.To = c.within()
	now, err := windows.Open(ctx, c.Tables, o)
	if err != nil {
		return nil, err
	}
	config := drift.DefaultConfig()
	if len(c.Host) > 0 || c.Suppress != "" {
		drifts.ForSuppressions(&config)
	}
	return drifts.Judge(ctx, base, now, config, notes)
}

// within are the windows that --from and --to let in; 0 and 0 are all.
func (c *driftCmd) within() (from, to int64) {
	if !c.From.set && !c.To.set {
		return 0, 0
	}
	from, to = math.MinInt64, math.MaxInt64
	if c.From.set {
		from = c.From.ns
	}
	if c.To.set {
		to = c.To.ns
	}
	return from, to
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
