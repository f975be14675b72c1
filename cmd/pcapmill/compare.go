package main

import (
	"context"
	"errors"
	"math"
	"net/netip"

	"pcapmill/cmd/job"
	"pcapmill/cmd/prints"
	"pcapmill/model/fingerprint"
	"pcapmill/outputs/tables"
)

// compareCmd are the arguments of compare.
type compareCmd struct {
	Source     string     `arg:"" help:"Fingerprints (.json, .parquet), a dataset, or a hosts table."`
	Target     string     `arg:"" optional:"" help:"The same; by default, the source."`
	Host       netip.Addr `placeholder:"ADDRESS" help:"Host of the source, where it has several."`
	TargetHost netip.Addr `placeholder:"ADDRESS" help:"Host of the target; by default the same."`
	Metric     string     `enum:"${metrics}" default:"${metric}" help:"Metric: ${enum}."`
	Threshold  *float64   `placeholder:"X" help:"A similarity of at least X matches, a distance of at most X. By default 0.5, and of distances what docs/fingerprint.md says."`
	Scale      []string   `sep:"none" placeholder:"PATH" help:"Fingerprints (.json, .parquet), a dataset or a hosts table whose hosts say what is usual; by default features have fixed scales."`
	Format     string     `enum:"text,json" default:"text" help:"Format: ${enum}."`
}

// Run implements the command.
func (c *compareCmd) Run(ctx context.Context, s streams) error {
	metric, err := fingerprint.ParseMetric(c.Metric)
	if err != nil {
		return coded{job.ExitUsage, err}
	}
	if c.Threshold != nil && (math.IsNaN(*c.Threshold) || math.IsInf(*c.Threshold, 0)) {
		return coded{job.ExitUsage, errors.New("--threshold is no number")}
	}
	target, host := c.Target, c.TargetHost
	if target == "" {
		target = c.Source
	}
	if !host.IsValid() {
		host = c.Host
	}
	if target == c.Source && host == c.Host {
		return coded{job.ExitUsage, errors.New("a host is compared with itself: name a target, or --target-host")}
	}
	view := tables.NewView()
	a, err := prints.LoadOne(ctx, view, []string{c.Source}, c.Host)
	if err != nil {
		return unread(ctx, err)
	}
	b, err := prints.LoadOne(ctx, view, []string{target}, host)
	if err != nil {
		return unread(ctx, err)
	}
	return c.compare(ctx, s, view, metric, a, b, target)
}

func (c *compareCmd) compare(ctx context.Context, s streams, view *tables.View, metric fingerprint.Metric, a, b *fingerprint.Fingerprint, target string) error {
	scale, err := scaleOf(ctx, view, c.Scale, a)
	if err != nil {
		return unread(ctx, err)
	}
	o := fingerprint.Options{Metric: metric, Scale: scale}
	if c.Threshold != nil {
		o.Threshold = fingerprint.Value{X: *c.Threshold, Known: true}
	}
	result, err := fingerprint.Compare(a, b, o)
	if err != nil {
		return unread(ctx, err)
	}
	write := fingerprint.RenderComparison
	if c.Format == "json" {
		write = fingerprint.WriteComparison
	}
	return written(write(s.out, title(a, c.Source), title(b, target), result))
}

// title names a fingerprint by its host and where it is from.
func title(f *fingerprint.Fingerprint, path string) string { return f.Host.String() + " of " + path }
