package main

import (
	"context"
	"fmt"
	"io"

	"pcapmill/cmd/datasets"
	"pcapmill/cmd/job"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// datasetCardCmd are the arguments of dataset card.
type datasetCardCmd struct {
	Dataset string `arg:"" help:"Folder of a dataset, or of a package."`
	Meta    string `placeholder:"FILE" help:"YAML file with what only you can say; of a package its own, unless this names another."`
	Check   bool   `help:"Look for leaks between the splits, as dataset check does, and say what is found."`
	Out     string `short:"o" placeholder:"FILE" help:"File to write, which is replaced; standard output by default."`
}

// Run implements the command.
func (c *datasetCardCmd) Run(ctx context.Context, s streams) error {
	if isRead(c.Out, []string{c.Dataset, c.Meta}) {
		return coded{job.ExitUsage, fmt.Errorf("%s is read, and cannot be the card", text.Escape(c.Out))}
	}
	card, err := datasets.Card(ctx, c.Dataset, c.Meta, c.Check)
	if err != nil {
		return unpacked(ctx, err)
	}
	if c.Out == "" {
		_, err := s.out.Write(card)
		return written(err)
	}
	_, err = publish.Replace(c.Out, func(w io.Writer) error {
		_, err := w.Write(card)
		return err
	}, nil)
	if err != nil {
		return coded{job.ExitOutput, err}
	}
	return nil
}
