package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"pcapmill/cmd/baselines"
	"pcapmill/cmd/job"
	"pcapmill/outputs/text"
)

// baselineForgetCmd are the arguments of baseline forget.
type baselineForgetCmd struct {
	File  string       `arg:"" help:"The baseline, which is changed."`
	Hosts []netip.Addr `arg:"" help:"Addresses of the hosts."`
	Quiet bool         `short:"q" help:"Say nothing but what is wrong."`
}

// Run implements the command.
func (c *baselineForgetCmd) Run(ctx context.Context, s streams) error {
	done, err := baselines.Forget(ctx, c.File, c.Hosts)
	if err != nil {
		return unlearned(ctx, err)
	}
	for _, h := range done.Missing {
		fmt.Fprintf(s.err, "host %s is not there by itself\n", h)
	}
	if len(done.Missing) > 0 && done.Rest > 0 {
		fmt.Fprintf(s.err, "%s of hosts beyond the limit are summed up: what is in there can only be dropped with its days, by baseline build --append --max-age\n", text.Plural(int64(done.Rest), "window"))
	}
	if done.Hosts == 0 {
		return coded{job.ExitUsage, errors.New("none of the hosts is there; the file is as it was")}
	}
	if !c.Quiet {
		fmt.Fprintf(s.err, "%s forgotten\n%s: %s\n", text.Plural(int64(done.Hosts), "host"), text.Escape(c.File), extentLine(&done.Extent))
	}
	return nil
}
