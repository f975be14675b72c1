package main

import (
	"context"
	"errors"
	"net/netip"
	"strings"

	"pcapmill/cmd/job"
	"pcapmill/cmd/prints"
	"pcapmill/model/fingerprint"
	"pcapmill/outputs/tables"
)

// inspectCmd are the arguments of inspect.
type inspectCmd struct {
	Tables   []string   `arg:"" help:"Datasets, folders of hosts tables or files of these, which are joined; or one file of fingerprints (.json, .parquet)."`
	Host     netip.Addr `placeholder:"ADDRESS" help:"The host, where there are several."`
	Feature  string     `placeholder:"NAME" help:"Look at one feature; at all by default."`
	Timeline bool       `help:"Show the feature in each window too; from tables."`
	Limit    int        `default:"${timeline}" help:"Windows of the timeline, the newest."`
	Scale    []string   `sep:"none" placeholder:"PATH" help:"Fingerprints (.json, .parquet), a dataset or a hosts table whose hosts say what is usual."`
	Format   string     `enum:"text,json" default:"text" help:"Format: ${enum}."`
}

// Run implements the command.
func (c *inspectCmd) Run(ctx context.Context, s streams) error {
	if c.Limit < 1 {
		return coded{job.ExitUsage, errors.New("--limit below 1")}
	}
	if c.Timeline && c.Feature == "" {
		return coded{job.ExitUsage, errors.New("--timeline is of one --feature")}
	}
	view := tables.NewView()
	f, err := prints.LoadOne(ctx, view, c.Tables, c.Host)
	if err != nil {
		return unread(ctx, err)
	}
	o := fingerprint.ViewOptions{Feature: c.Feature, Limit: c.Limit}
	if o.Scale, err = scaleOf(ctx, view, c.Scale, f); err != nil {
		return unread(ctx, err)
	}
	var windows []*fingerprint.Fingerprint
	if c.Timeline {
		if windows, err = prints.LoadWindows(ctx, view, c.Tables, f.Host); err != nil {
			return unread(ctx, err)
		}
	}
	v, err := fingerprint.Inspect(f, windows, o)
	if err != nil {
		return coded{job.ExitUsage, err}
	}
	write := fingerprint.RenderView
	if c.Format == "json" {
		write = fingerprint.WriteView
	}
	return written(write(s.out, title(f, strings.Join(c.Tables, ", ")), v))
}
