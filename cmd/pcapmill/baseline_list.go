package main

import (
	"context"

	"pcapmill/cmd/baselines"
)

// baselineListCmd are the arguments of baseline list.
type baselineListCmd struct {
	File   string `arg:"" help:"The baseline."`
	Kind   string `enum:"all,global,protocol,label,subnet,host" default:"all" help:"List segments of one kind: ${enum}."`
	Limit  int    `placeholder:"N" default:"100" help:"List N segments of a kind at most, and say how many more there are."`
	Format string `enum:"table,json" default:"table" help:"Format: ${enum}."`
}

// Run implements the command.
func (c *baselineListCmd) Run(ctx context.Context, s streams) error {
	kinds, err := baselines.Kinds(c.Kind)
	if err != nil {
		return unlearned(ctx, err)
	}
	l, err := baselines.List(ctx, c.File, kinds, c.Limit)
	if err != nil {
		return unlearned(ctx, err)
	}
	if c.Format == "json" {
		return written(baselines.WriteJSON(s.out, l))
	}
	return written(baselines.RenderList(s.out, l, widthOf(s.out)))
}
