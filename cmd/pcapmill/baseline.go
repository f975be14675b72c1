package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"pcapmill/cmd/baselines"
	"pcapmill/cmd/job"
	"pcapmill/model/baseline"
	"pcapmill/model/baseline/exchange"
	"pcapmill/model/windows"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
	"pcapmill/outputs/usage"
)

// baselineCmd are the commands about baselines.
type baselineCmd struct {
	Build  baselineBuildCmd  `cmd:"" help:"Learn from hosts tables what is normal."`
	Show   baselineShowCmd   `cmd:"" help:"Say what is normal of a host, a subnet or all."`
	List   baselineListCmd   `cmd:"" help:"List what a baseline has, and how much of it."`
	Merge  baselineMergeCmd  `cmd:"" help:"Make one baseline of several."`
	Forget baselineForgetCmd `cmd:"" help:"Take hosts out of a baseline."`
	Check  baselineCheckCmd  `cmd:"" help:"Check that a baseline is whole."`
	Export baselineExportCmd `cmd:"" help:"Write a baseline in a format that other programs read."`
	Import baselineImportCmd `cmd:"" help:"Make the baseline that was exported."`
}

// unlearned is the error of a command about baselines, with what to do next.
func unlearned(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return stopped(ctx)
	}
	if advice := baselines.Advice(err); advice != "" {
		err = fmt.Errorf("%w; %s", err, advice)
	}
	return coded{unlearnedCode(err), err}
}

// rejections are of input that cannot be used.
func rejections() []error {
	return []error{
		tables.ErrTable, windows.ErrTable, windows.ErrManifest, windows.ErrLabels,
		baseline.ErrForeign, baseline.ErrNewer, baseline.ErrTampered, baseline.ErrCorrupt, baseline.ErrRow, fs.ErrNotExist,
		exchange.ErrFormat, exchange.ErrVersion, exchange.ErrChanged, baseline.ErrConfig,
	}
}

func unlearnedCode(err error) int {
	switch {
	case errors.Is(err, usage.Err), errors.Is(err, windows.ErrMixed):
		return job.ExitUsage
	case errors.Is(err, baseline.ErrFull), errors.Is(err, baseline.ErrTooLarge), errors.Is(err, windows.ErrLimit):
		return job.ExitLimit
	case errors.Is(err, publish.ErrForeign), errors.As(err, new(*publish.Error)):
		return job.ExitOutput
	}
	for _, rejected := range rejections() {
		if errors.Is(err, rejected) {
			return job.ExitRejected
		}
	}
	var at *fs.PathError // what is written has a publish.Error, its lock is opened below a folder
	if errors.As(err, &at) && (at.Op == "open" || at.Op == "stat" || at.Op == "read") {
		return job.ExitRejected
	}
	return job.ExitOutput
}

// widthOf returns the cells of a line where w is a terminal, else 0.
func widthOf(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		width, _ := terminalWidth(f)
		return width
	}
	return 0
}

// extentLine says how much there is.
func extentLine(e *baselines.Extent) string {
	line := fmt.Sprintf("%s of %s, %s", text.Plural(int64(e.Hosts), "host"), text.Plural(int64(e.Sources), "table"), size(e.Bytes))
	if e.Days == 0 {
		return line
	}
	if e.Days == 1 {
		return line + ", day " + e.First
	}
	return fmt.Sprintf("%s, %d days from %s to %s", line, e.Days, e.First, e.Last)
}
