package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/netip"
	"strings"
	"time"

	"pcapmill/cmd/drifts"
	"pcapmill/cmd/job"
	"pcapmill/model/drift"
	"pcapmill/model/drift/report"
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
	list, err := drifts.Suppressions(c.Suppress)
	if err != nil {
		return coded{job.ExitUsage, fmt.Errorf("--suppress: %w", err)}
	}
	tables := drifts.Tables{
		Baseline: c.Baseline, Paths: c.Tables, Labels: c.Labels, Covered: c.Covered,
		Picked: len(c.Host) > 0 || c.Suppress != "", Hosts: c.Host,
	}
	tables.From, tables.To = c.within()
	r, err := tables.Judge(ctx)
	if err != nil {
		return undrifted(ctx, err)
	}
	if err := anyKnown(r.Asked); err != nil {
		return coded{job.ExitUsage, err}
	}
	report.Only(r, c.Host)
	list.Apply(r)
	return out.deliver(ctx, s, r)
}

// anyKnown returns an error where hosts were asked for and nothing is known of any: "no drift" would be
// said of an address that was mistyped.
func anyKnown(asked []drift.Presence) error {
	var names []string
	for _, p := range asked {
		if p.Windows > 0 || p.Hours > 0 {
			return nil
		}
		names = append(names, p.Host)
	}
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("--host: neither the tables nor the baseline have %s; pcapmill baseline list FILE --kind host lists those of a baseline", strings.Join(names, ", "))
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

// undrifted is the error of a drift that could not be judged, with what to do next.
func undrifted(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return stopped(ctx)
	case errors.Is(err, drift.ErrTooMany):
		return coded{job.ExitLimit, fmt.Errorf("%w; %s", err, drifts.Advice(err))}
	case errors.Is(err, drift.ErrMismatch), errors.Is(err, fs.ErrNotExist):
		return coded{job.ExitRejected, fmt.Errorf("%w; %s", err, drifts.Advice(err))}
	}
	return unlearned(ctx, err)
}
