package main

import (
	"context"

	"pcapmill/cmd/baselines"
)

// baselineShowCmd are the arguments of baseline show.
type baselineShowCmd struct {
	File    string `arg:"" help:"The baseline."`
	Segment string `placeholder:"SEGMENT" default:"global" help:"Whose windows: global, 'host ADDRESS', 'subnet PREFIX', 'protocol NAME' or 'label NAME'; an address or prefix alone will do. By default global."`
	Hour    *int   `placeholder:"N" help:"What is normal at this hour of the week, 0 (Monday 00 UTC) to 167; at all hours by default."`
	Feature string `placeholder:"NAME" help:"One feature alone."`
	Top     int    `placeholder:"N" default:"10" help:"Keys to show of each category, the most frequent."`
	Format  string `enum:"table,json" default:"table" help:"Format: ${enum}."`
}

// Run implements the command.
func (c *baselineShowCmd) Run(ctx context.Context, s streams) error {
	v, err := baselines.Show(ctx, c.File, &baselines.Request{Segment: c.Segment, Hour: c.Hour, Feature: c.Feature, Top: max(0, c.Top)})
	if err != nil {
		return unlearned(ctx, err)
	}
	if c.Format == "json" {
		return written(baselines.WriteJSON(s.out, v))
	}
	return written(baselines.RenderView(s.out, v, widthOf(s.out)))
}
