package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"pcapmill/cmd/drifts"
	"pcapmill/cmd/job"
	"pcapmill/model/drift"
	"pcapmill/model/drift/alert"
	"pcapmill/model/drift/report"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// driftNames returns the formats' names, and their endings.
func driftNames() (names, endings []string) {
	for _, f := range drifts.Formats() {
		names, endings = append(names, f.Name), append(endings, f.Ending)
	}
	return names, endings
}

// driftOutputs are where a report goes to.
type driftOutputs struct {
	options report.Options
	files   []driftFile
	alerts  string // file, empty: none
	period  time.Duration
}

// driftFile is a report's file; one without a path is stdout.
type driftFile struct {
	path   string
	format int
}

// outputs are what the flags ask for.
func (c *driftCmd) outputs(s streams) (*driftOutputs, error) {
	o := &driftOutputs{options: report.Options{Top: c.Top}, alerts: c.Alerts, period: c.AlertPeriod}
	if c.AlertPeriod < 0 {
		return nil, errors.New("--alert-period below 0")
	}
	if c.AlertPeriod != alert.DefaultPeriod && c.Alerts == "" {
		return nil, errors.New("--alert-period is of a file of alerts: name one with --alerts")
	}
	if c.From.set && c.To.set && c.From.ns >= c.To.ns {
		return nil, errors.New("--to is not behind --from: there is no window to judge")
	}
	if c.Top < 0 {
		return nil, errors.New("--top below 0")
	}
	if !(c.Covered >= 0 && c.Covered <= 1) {
		return nil, fmt.Errorf("--covered %v is no share from 0 to 1", c.Covered)
	}
	if c.FailOn != "never" {
		var err error
		if o.options.FailOn, err = drift.ParseSeverity(c.FailOn); err != nil {
			return nil, err
		}
	}
	for i, f := range drifts.Formats() {
		if f.Name == c.Format {
			o.files = append(o.files, driftFile{c.Output, i})
		}
	}
	if c.Output == "" {
		o.options.Width = widthOf(s.out)
		o.options.Color = o.options.Width > 0 && os.Getenv("NO_COLOR") == ""
	}
	for _, path := range c.Report {
		format, err := driftFormat(path)
		if err != nil {
			return nil, err
		}
		o.files = append(o.files, driftFile{path, format})
	}
	return o, o.apart()
}

// driftFormat returns the format that a file's ending says.
func driftFormat(path string) (int, error) {
	_, endings := driftNames()
	for i, ending := range endings {
		if strings.EqualFold(filepath.Ext(path), ending) {
			return i, nil
		}
	}
	return 0, fmt.Errorf("--report %s: its ending is none of %s", text.Escape(path), strings.Join(endings, ", "))
}

// apart refuses two outputs in one file.
func (o *driftOutputs) apart() error {
	all := o.paths()
	for i, path := range all {
		if slices.ContainsFunc(all[:i], func(before string) bool { return sameFile(before, path) }) {
			return fmt.Errorf("%s is named for two outputs", text.Escape(path))
		}
	}
	return nil
}

// sameFile reports whether two paths are of one file, which need not be there: of one name in one
// folder, by whatever path.
func sameFile(a, b string) bool {
	a, b = filepath.Clean(a), filepath.Clean(b)
	if a == b || filepath.Base(a) != filepath.Base(b) {
		return a == b
	}
	in, err := os.Stat(filepath.Dir(a))
	other, err2 := os.Stat(filepath.Dir(b))
	return err == nil && err2 == nil && os.SameFile(in, other)
}

// spare refuses outputs that would take the place of what is read: weeks of a baseline, or of
// tables, for a page of text.
func (o *driftOutputs) spare(inputs []string) error {
	for _, path := range o.paths() {
		if isRead(path, inputs) {
			return fmt.Errorf("%s is read, and cannot be an output", text.Escape(path))
		}
	}
	return nil
}

func (o *driftOutputs) paths() (all []string) {
	for _, f := range o.files {
		if f.path != "" {
			all = append(all, f.path)
		}
	}
	if o.alerts != "" {
		all = append(all, o.alerts)
	}
	return all
}

// deliver writes a report wherever it goes. One output that fails does not keep the others
// from being written; the exit code then is that of output, else what the verdict asks for.
func (o *driftOutputs) deliver(ctx context.Context, s streams, r *drift.Report) error {
	if err := report.Check(r); err != nil {
		return err // the judge's fault: exit code 1
	}
	var errs []error
	for _, f := range o.files {
		if err := o.write(s, f, r); err != nil {
			errs = append(errs, err)
		}
	}
	if err := o.alert(ctx, s, r); err != nil {
		errs = append(errs, err)
	}
	switch {
	case ctx.Err() != nil:
		return stopped(ctx)
	case len(errs) > 0:
		return coded{job.ExitOutput, errors.Join(errs...)}
	case r.Gated:
		return coded{code: job.ExitPartial} // so has what is missing
	case o.options.Fails(r.Verdict):
		return coded{code: job.ExitDrift} // the report has said everything
	}
	return nil
}

func (o *driftOutputs) write(s streams, f driftFile, r *drift.Report) error {
	write := drifts.Formats()[f.format].Write
	if f.path == "" {
		var b bytes.Buffer
		if err := write(&b, r, o.options); err != nil {
			return err
		}
		if _, err := s.out.Write(b.Bytes()); err != nil && !brokenPipe(err) {
			return err
		}
		return nil // who asked has seen enough; the verdict stands
	}
	plain := o.options
	plain.Width, plain.Color = 0, false
	_, err := publish.Replace(f.path, func(w io.Writer) error { return write(w, r, plain) }, nil)
	return err
}

func (o *driftOutputs) alert(ctx context.Context, s streams, r *drift.Report) error {
	if o.alerts == "" {
		return nil
	}
	done, err := alert.Append(ctx, o.alerts, alert.Of(r, o.options.FailOn), o.period)
	if err != nil {
		return fmt.Errorf("--alerts: %w", err)
	}
	path := text.Escape(o.alerts)
	fmt.Fprintf(s.err, "%s: %s added, %d known\n", path, text.Plural(int64(done.Added), "alert"), done.Known)
	if done.Mended > 0 {
		fmt.Fprintf(s.err, "%s: %s of a line that was not whole are gone\n", path, text.Plural(done.Mended, "byte"))
	}
	if done.Strange > 0 {
		fmt.Fprintf(s.err, "%s: %s that are no alerts\n", path, text.Plural(int64(done.Strange), "line"))
	}
	return nil
}
