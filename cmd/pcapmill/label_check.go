package main

import (
	"bytes"
	"context"

	"pcapmill/cmd/job"
	"pcapmill/cmd/labels"
)

// labelCheckCmd are the arguments of label check.
type labelCheckCmd struct {
	Rules  []string `arg:"" help:"Sources of labels, which would be used together."`
	Output string   `enum:"text,markdown,html" default:"text" help:"Format of what is said: ${enum}."`
	sourceFlags
}

// Run implements the command.
func (c *labelCheckCmd) Run(ctx context.Context, s streams) error {
	checked, err := labels.Check(ctx, c.Rules, c.options())
	if err != nil {
		return unlabelled(ctx, err)
	}
	var b bytes.Buffer
	if err := labels.WriteCheck(&b, checked, c.Output, widthOf(s.out)); err != nil {
		return err
	}
	if _, err := (verdict{s.out}).Write(b.Bytes()); err != nil {
		return written(err)
	}
	if checked.Refused() > 0 {
		return coded{code: job.ExitPartial} // the report has said what
	}
	return nil
}
