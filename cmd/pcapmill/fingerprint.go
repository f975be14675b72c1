package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"

	"pcapmill/cmd/job"
	"pcapmill/cmd/prints"
	"pcapmill/features/batch"
	"pcapmill/model/fingerprint"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
)

// fingerprintCmd are the arguments of fingerprint.
type fingerprintCmd struct {
	Tables []string     `arg:"" help:"Datasets, folders of hosts tables or files of these, which are joined; or one file of fingerprints (.json, .parquet)."`
	Host   []netip.Addr `placeholder:"ADDRESS" help:"Only of these hosts; of all by default."`
	Format string       `enum:"json,parquet,text,table" default:"json" help:"Format: ${enum}. Parquet goes to a file."`
	Out    string       `short:"o" placeholder:"FILE" help:"File to write instead of standard output: json to .json, parquet to .parquet."`
	Force  bool         `help:"Replace fingerprints that FILE has. Never touches another file."`
}

// Run implements the command.
func (c *fingerprintCmd) Run(ctx context.Context, s streams) error {
	if err := c.check(); err != nil {
		return coded{job.ExitUsage, err}
	}
	all, err := prints.Load(ctx, tables.NewView(), c.Tables, c.Host...)
	if err != nil {
		return unread(ctx, err)
	}
	for _, host := range missing(all, c.Host) {
		fmt.Fprintf(s.err, "no row of host %s\n", host)
	}
	if len(all) == 0 && len(c.Host) > 0 {
		return coded{job.ExitUsage, errors.New("none of the hosts is there")}
	}
	if c.Out != "" {
		return unsaved(prints.Save(c.Out, all, c.Format == parquet, c.Force))
	}
	switch c.Format {
	case "json":
		return written(fingerprint.Write(s.out, all))
	case "table":
		return written(fingerprintTable(s.out, all))
	}
	for i, f := range all {
		v, err := fingerprint.Inspect(f, nil, fingerprint.ViewOptions{})
		if err == nil && i > 0 {
			_, err = fmt.Fprintln(s.out)
		}
		if err == nil {
			err = fingerprint.RenderView(s.out, f.Host.String(), v)
		}
		if err != nil {
			return written(err)
		}
	}
	return nil
}

// parquet is the format that only goes to a file.
const parquet = "parquet"

// check reports flags that do not go together, before anything is read.
func (c *fingerprintCmd) check() error {
	switch {
	case c.Format == parquet && c.Out == "":
		return errors.New("parquet goes to a file: name one with --out")
	case c.Out != "" && c.Format != parquet && c.Format != "json":
		return fmt.Errorf("--out is for json and parquet, not for %s", c.Format)
	case c.Force && c.Out == "":
		return errors.New("--force is of a file: name one with --out")
	}
	return nil
}

// unsaved is the error of a command that could not write its file.
func unsaved(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, prints.ErrEnding), errors.Is(err, prints.ErrThere):
		return coded{job.ExitUsage, err}
	}
	return written(err)
}

func missing(all []*fingerprint.Fingerprint, hosts []netip.Addr) []netip.Addr {
	there := map[netip.Addr]bool{}
	for _, f := range all {
		there[f.Host] = true
	}
	var none []netip.Addr
	for _, h := range hosts {
		if !there[h] {
			none = append(none, h)
		}
	}
	return none
}

// fingerprintTable writes a line a host.
func fingerprintTable(w io.Writer, all []*fingerprint.Fingerprint) error {
	b := batch.New(fingerprint.Schema())
	for _, f := range all {
		f.Append(b)
	}
	cfg := text.DefaultTable()
	cfg.Cell = 0
	if f, ok := w.(*os.File); ok {
		cfg.Width, _ = terminalWidth(f)
	}
	t, err := text.NewTable(w, b.Schema, cfg)
	if err != nil {
		return err
	}
	return errors.Join(t.Write(b), t.Close())
}

// unread is the error of a command that could not read its fingerprints.
func unread(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return stopped(ctx)
	case errors.Is(err, prints.ErrHost), errors.Is(err, fingerprint.ErrMixed):
		return coded{job.ExitUsage, err}
	case errors.Is(err, fingerprint.ErrLimit):
		return coded{job.ExitLimit, err}
	case errors.Is(err, tables.ErrTable), errors.Is(err, fingerprint.ErrTable), errors.Is(err, fingerprint.ErrFormat),
		errors.Is(err, fingerprint.ErrVersion), errors.Is(err, fingerprint.ErrTooLarge):
		return coded{job.ExitRejected, err}
	}
	return err
}

// written is the error of a command that could not write.
func written(err error) error {
	if err == nil {
		return nil
	}
	return coded{job.ExitOutput, err}
}

// scaleOf returns what is usual among the fingerprints of a document or of tables, of windows as
// long as those of the fingerprint that is looked at; nil where no path is given.
func scaleOf(ctx context.Context, view *tables.View, paths []string, of *fingerprint.Fingerprint) (fingerprint.Scale, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	all, err := prints.Load(ctx, view, paths)
	if err != nil {
		return nil, err
	}
	if len(all) < 2 {
		return nil, fmt.Errorf("%w: --scale has fingerprints of %d hosts, and what is usual takes two at least", prints.ErrHost, len(all))
	}
	if all[0].WindowNanos != of.WindowNanos {
		return nil, fmt.Errorf("%w: %d ns, and %d ns those of --scale", fingerprint.ErrMixed, of.WindowNanos, all[0].WindowNanos)
	}
	return fingerprint.Observe(all), nil
}
