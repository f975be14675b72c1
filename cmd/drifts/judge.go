package drifts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"pcapmill/cmd/baselines"
	"pcapmill/model/baseline"
	"pcapmill/model/drift"
	"pcapmill/model/drift/suppress"
	"pcapmill/model/windows"
	"pcapmill/outputs/text"
)

// mostAsked bounds items and hosts of a report from which something is to be picked.
const mostAsked = 1 << 16

// Judge says what is compared with what.
type Judge struct {
	Baseline string   // file
	Tables   []string // datasets, folders of hosts tables or files of these
	Labels   string   // file of labels of hosts; empty: none
	Covered  float64  // share of a window that captures must cover
	Picked   bool     // something is picked from the report, so that all of it is wanted
}

// Run compares the tables with the baseline. ErrTable of package windows also says that no
// window is whole: a sensor that is silent is not as usual.
func (j *Judge) Run(ctx context.Context) (*drift.Report, error) {
	base, err := baseline.Open(j.Baseline, baseline.DefaultFileBytes)
	if err != nil {
		return nil, err
	}
	defer base.Close() //nolint:errcheck // only read
	o, notes, err := j.reading(base)
	if err != nil {
		return nil, err
	}
	now, err := windows.Open(ctx, j.Tables, o)
	if err != nil {
		return nil, err
	}
	config := drift.DefaultConfig()
	if j.Picked {
		config.MostHosts, config.MostItems = mostAsked, mostAsked
	}
	r, err := drift.Judge(ctx, base, now, config)
	if err != nil {
		return nil, err
	}
	if r.Current.Windows == 0 {
		return nil, fmt.Errorf("%w: there are no whole windows to judge; --covered says how much of one captures must cover", windows.ErrTable)
	}
	r.Current.Sources = len(now.Sources())
	r.Notes = slices.Concat(r.Notes, notes, unknown(base, now), learnt(base.Sources(), now))
	return r, nil
}

// reading says how tables are read to be as those that the baseline was built of.
func (j *Judge) reading(base *baseline.File) (o windows.Options, notes []string, err error) {
	o = windows.DefaultOptions()
	o.Covered, o.Categories = j.Covered, base.Config().Categories
	protocols, err := base.Segments(baseline.Protocol)
	if err != nil {
		return o, nil, err
	}
	o.Protocols = len(protocols) > 0
	if j.Labels != "" {
		o.Labels, err = windows.ReadLabels(j.Labels)
		return o, nil, err
	}
	labels, err := base.Segments(baseline.Label)
	if len(labels) > 0 {
		notes = append(notes, "The baseline has labels, and no --labels says which hosts have them now: they are not judged by themselves.")
	}
	return o, notes, err
}

// unknown notes what of tables cannot be judged, so that none takes it for the same as usual.
func unknown(base *baseline.File, now *windows.Set) (notes []string) {
	for _, q := range now.Quality() {
		path := text.Escape(q.Path)
		if !q.Keys && len(base.Config().Categories) > 0 {
			notes = append(notes, fmt.Sprintf("%s has no pairs table beside it: its services, peers and endpoints are not judged.", path))
		}
		if q.Recorded == nil {
			notes = append(notes, fmt.Sprintf("%s has no manifest: whether its captures are whole is not known.", path))
		}
	}
	return notes
}

// learnt notes which tables are in the baseline.
func learnt(known []baseline.Source, now *windows.Set) (notes []string) {
	for i, source := range now.Sources() {
		if slices.ContainsFunc(known, func(k baseline.Source) bool { return k.Hash == source.Hash }) {
			notes = append(notes, fmt.Sprintf("The baseline has learnt %s: it is compared with itself.", text.Escape(now.Quality()[i].Path)))
		}
	}
	return notes
}

// Suppressions reads a list of what is known and does not count, which is empty where no file
// is named. What is wrong with the file names it.
func Suppressions(path string) (suppress.List, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	list, err := suppress.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text.Escape(path), err)
	}
	return list, nil
}

// Advice says what to do about tables that could not be judged, "" where nothing is known.
func Advice(err error) string {
	switch {
	case errors.Is(err, drift.ErrTooMany):
		return "judge fewer tables at once"
	case errors.Is(err, drift.ErrMismatch):
		return "build a baseline of such tables, or run the captures again"
	case errors.Is(err, fs.ErrNotExist):
		return "tables are made by run, baselines by baseline build"
	}
	return baselines.Advice(err)
}
