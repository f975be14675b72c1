package main

import (
	"context"
	"fmt"
	"runtime"

	"pcapmill/cmd/job"
	"pcapmill/outputs/text"
	"pcapmill/outputs/verify"
)

// verifyCmd are the arguments of verify.
type verifyCmd struct {
	Dir     string `arg:"" name:"dir" help:"Folder that run wrote."`
	AnyMode bool   `help:"Accept files that others may read, as after unpacking an archive."`
}

// Run implements the command.
func (c *verifyCmd) Run(ctx context.Context, s streams) error {
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
	for _, f := range report.Findings {
		if _, err := fmt.Fprintln(s.out, f); err != nil {
			return coded{job.ExitOutput, err}
		}
	}
	if report.Dropped > 0 {
		fmt.Fprintf(s.out, "… and %d more findings\n", report.Dropped)
	}
	if !report.OK() {
		return coded{code: job.ExitSelfCheck}
	}
	_, err = fmt.Fprintf(s.out, "ok: %s, %s, %s, %s\n",
		text.Plural(int64(report.Tables), "table"), text.Plural(int64(report.Parts), "file"), text.Plural(report.Rows, "row"), size(report.Bytes))
	return err
}
