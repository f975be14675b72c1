package main

import (
	"context"
	"fmt"

	"pcapmill/cmd/baselines"
	"pcapmill/outputs/text"
)

// baselineCheckCmd are the arguments of baseline check.
type baselineCheckCmd struct {
	File string `arg:"" help:"The baseline."`
}

// Run implements the command.
func (c *baselineCheckCmd) Run(ctx context.Context, s streams) error {
	k, err := baselines.Check(ctx, c.File)
	if err != nil {
		return unlearned(ctx, err)
	}
	line := fmt.Sprintf("%s is whole: %s of table %s version %d, %s", text.Escape(c.File), text.Plural(int64(k.Windows), "window"), text.Escape(k.Table), k.Version, extentLine(&k.Extent))
	if k.Rest > 0 {
		line += fmt.Sprintf(", %s of hosts beyond the limit", text.Plural(int64(k.Rest), "window"))
	}
	_, err = fmt.Fprintln(s.out, line)
	return written(err)
}
