package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"pcapmill/cmd/capture"
	"pcapmill/cmd/job"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
	"pcapmill/outputs/verify"
)

// verifyCmd are the arguments of verify.
type verifyCmd struct {
	Dir     string `arg:"" name:"dir" help:"Folder that run or live wrote, or one of segments."`
	AnyMode bool   `help:"Accept files that others may read, as after unpacking an archive."`
}

// Run implements the command.
func (c *verifyCmd) Run(ctx context.Context, s streams) error {
	if _, err := os.Lstat(filepath.Join(c.Dir, manifest.Name)); err != nil && capture.IsFolder(c.Dir) {
		return c.segments(ctx, s)
	}
	cfg := verify.DefaultConfig()
	cfg.Workers, cfg.AnyMode = runtime.GOMAXPROCS(0), c.AnyMode
	report, err := verify.Folder(ctx, c.Dir, cfg)
	switch {
	case err != nil && ctx.Err() != nil:
		return stopped(ctx)
	case err != nil:
		return coded{job.ExitOutput, err}
	}
	for _, u := range report.Unchecked {
		fmt.Fprintf(s.err, "not checked: %s\n", text.Escape(u))
	}
	if err := found(s, report.Findings, report.Dropped); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "ok: %s, %s, %s, %s\n",
		text.Plural(int64(report.Tables), "table"), text.Plural(int64(report.Parts), "file"), text.Plural(report.Rows, "row"), size(report.Bytes))
	return err
}

// segments verifies a folder of segments.
func (c *verifyCmd) segments(ctx context.Context, s streams) error {
	a, err := capture.Check(ctx, c.Dir)
	switch {
	case err != nil && ctx.Err() != nil:
		return stopped(ctx)
	case err != nil:
		return coded{job.ExitOutput, err}
	}
	if a.Torn > 0 {
		fmt.Fprintf(s.err, "not checked: %s of a record of the ledger that is unfinished\n", text.Plural(a.Torn, "byte"))
	}
	if err := found(s, a.Findings, a.Dropped); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "ok: %s, %s, %s, %s; %d deleted, %d lost\n", text.Plural(a.Sessions, "session"),
		text.Plural(a.Segments, "segment"), text.Plural(a.Packets, "packet"), size(a.Bytes), a.Deleted, a.Lost)
	return err
}

// found writes findings, and how many more there are. Where there are any, the error has their code.
func found[F any](s streams, findings []F, more int) error {
	out := verdict{s.out}
	for _, f := range findings {
		if _, err := fmt.Fprintln(out, f); err != nil {
			return coded{job.ExitOutput, err}
		}
	}
	if more > 0 {
		fmt.Fprintf(out, "… and %d more findings\n", more)
	}
	if len(findings) > 0 {
		return coded{code: job.ExitSelfCheck}
	}
	return nil
}
