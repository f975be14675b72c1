package survive

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/metrics"
	"slices"
	"strings"
	"time"

	"pcapmill/cmd/job"
	"pcapmill/outputs/manifest"
)

// Deadline is how long a run of one capture may take before it counts as hung.
const Deadline = 10 * time.Second

// Runner runs captures one at a time or several at once.
type Runner struct {
	Dir     string   // for output folders
	Reasons []string // that an outcome may have
}

// Reasons returns the reasons of the table in docs/inputs.md, so that one that is
// not documented is none.
func Reasons(page string) []string {
	var list []string
	_, table, _ := strings.Cut(page, "| reason |")
	table, _, _ = strings.Cut(table, "\n\n")
	for line := range strings.Lines(table) {
		cells := strings.SplitN(line, "|", 3)
		if len(cells) < 3 {
			continue
		}
		for i, part := range strings.Split(cells[1], "`") {
			if i%2 == 1 {
				list = append(list, part)
			}
		}
	}
	return list
}

// Result is what came of a run.
type Result struct {
	job.Report
	Allocated uint64 // bytes, in total
}

// Input returns the report of the only input.
func (r *Result) Input() *job.InputReport { return &r.Inputs[0] }

// Flows returns the rows of the flows table.
func (r *Result) Flows() int64 { return r.Tables[0].Rows }

// Run makes tables of one capture in a folder of its own below Dir, and removes
// them. The error says in what the run was not in order; it is nil for captures
// that were rejected in order.
func (run Runner) Run(capture string) (*Result, error) {
	out, err := os.MkdirTemp(run.Dir, "out-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(out) //nolint:errcheck // in a folder of the test
	o := job.DefaultOptions()
	o.Args, o.Out = []string{capture}, filepath.Join(out, "tables")
	o.Tool = manifest.Tool{Name: "pcapmill", Version: "test"}
	o.Stages.Workers = 2
	ctx, cancel := context.WithTimeout(context.Background(), Deadline)
	defer cancel()
	before := Allocated()
	report, err := job.Run(ctx, o, job.IO{})
	r := &Result{report, Allocated() - before}
	if err != nil {
		return r, err
	}
	return r, r.check(run.Reasons)
}

// Allocated returns the bytes allocated since the program started.
func Allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// check looks at what must hold whatever the input was.
func (r *Result) check(reasons []string) error {
	in := r.Input()
	var errs []error
	for _, c := range r.Checks {
		errs = append(errs, fmt.Errorf("self-check failed: %+v", c))
	}
	if !r.Accounting.Conserved() {
		errs = append(errs, fmt.Errorf("read %+v, disposed %+v", r.Accounting.Read, r.Accounting.Disposed()))
	}
	if want, known := exits[in.Outcome.Kind]; !known || r.Exit != want {
		errs = append(errs, fmt.Errorf("outcome %q with exit code %d", in.Outcome.Kind, r.Exit))
	}
	if in.OK() != (in.Outcome.Reason == "") || !in.OK() && !slices.Contains(reasons, in.Outcome.Reason) {
		errs = append(errs, fmt.Errorf("outcome %s for the reason %q", in.Outcome.Kind, in.Outcome.Reason))
	}
	if in.Outcome.Offset < 0 {
		errs = append(errs, fmt.Errorf("offset %d", in.Outcome.Offset))
	}
	if in.Outcome.Kind == manifest.Rejected && r.Accounting.Read.Packets > 0 {
		errs = append(errs, fmt.Errorf("rejected with %d packets", r.Accounting.Read.Packets))
	}
	return errors.Join(errs...)
}

// exits are the exit codes of the outcomes.
var exits = map[string]int{
	manifest.Complete: job.ExitOK, manifest.CompleteWithNotes: job.ExitOK, manifest.Partial: job.ExitPartial,
	manifest.Rejected: job.ExitRejected, manifest.Limit: job.ExitLimit,
}
