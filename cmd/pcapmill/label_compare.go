package main

import (
	"bytes"
	"context"
	"errors"

	"pcapmill/cmd/job"
	"pcapmill/cmd/labels"
)

// labelCompareCmd are the arguments of label compare.
type labelCompareCmd struct {
	A       string `arg:"" help:"What is true: a folder of labels, a table with labels, or a capture with pcapML's comments."`
	B       string `arg:"" help:"What is judged, likewise."`
	KeyA    string `placeholder:"COLUMN" help:"Column of A that says which row is which; by default flow_id, and for captures packet_index."`
	KeyB    string `placeholder:"COLUMN" help:"The same of B."`
	ColumnA string `placeholder:"COLUMN" help:"Column of A that has labels; by default label."`
	ColumnB string `placeholder:"COLUMN" help:"The same of B."`
	Capture int32  `placeholder:"N" help:"Packets of which capture are compared: its capture_id, by default 0."`
	Format  string `enum:"text,json,markdown,html" default:"text" help:"Format: ${enum}."`
	Top     int    `placeholder:"N" default:"20" help:"Show N rows of a table, but for json; 0: all."`
}

// Run implements the command.
func (c *labelCompareCmd) Run(ctx context.Context, s streams) error {
	if c.Top < 0 || c.Capture < 0 {
		return coded{job.ExitUsage, errors.New("--top and --capture are 0 or more")}
	}
	compared := labels.Compare{A: c.A, B: c.B, KeyA: c.KeyA, KeyB: c.KeyB, ColumnA: c.ColumnA, ColumnB: c.ColumnB, Capture: c.Capture}
	r, err := compared.Run(ctx)
	if err != nil {
		return unlabelled(ctx, err)
	}
	var b bytes.Buffer
	if err := labels.WriteComparison(&b, r, c.Format, c.Top, widthOf(s.out)); err != nil {
		return err
	}
	_, err = s.out.Write(b.Bytes())
	return written(err)
}
