package drifts

import (
	"context"
	"fmt"
	"slices"

	"pcapmill/model/baseline"
	"pcapmill/model/drift"
	"pcapmill/model/windows"
)

// Reading says how tables are read to be as those that a baseline was built of: what share of
// a window captures must cover, and labels of hosts where the baseline has some (nil: not
// known). notes say what cannot be judged for that.
func Reading(base *baseline.File, covered float64, labels *windows.Labels) (o windows.Options, notes []string, err error) {
	o = windows.DefaultOptions()
	o.Covered, o.Categories, o.Labels = covered, base.Config().Categories, labels
	protocols, err := base.Segments(baseline.Protocol)
	if err != nil {
		return o, nil, err
	}
	o.Protocols = len(protocols) > 0
	if labels != nil {
		return o, nil, nil
	}
	labelled, err := base.Segments(baseline.Label)
	if len(labelled) > 0 {
		notes = append(notes, "The baseline has labels, and no --labels says which hosts have them now: they are not judged by themselves.")
	}
	return o, notes, err
}

// Judge compares windows with a baseline; notes are those of Reading. Errors are those of
// drift.Judge, and windows.ErrTable where there is nothing to judge.
func Judge(ctx context.Context, base *baseline.File, now *windows.Set, config drift.Config, notes []string) (*drift.Report, error) {
	r, err := drift.Judge(ctx, base, now, config)
	if err != nil {
		return nil, err
	}
	if r.Current.First.IsZero() { // a sensor that is silent is not as usual
		return nil, windows.NoneWhole(now.Quality())
	}
	r.Current.Sources = len(now.Sources())
	r.Notes = slices.Concat(r.Notes, notes, unknown(base, now), learnt(base.Sources(), now))
	return r, nil
}

// unknown notes what of tables cannot be judged, so that none takes it for the same as usual.
func unknown(base *baseline.File, now *windows.Set) (notes []string) {
	for _, q := range now.Quality() {
		if !q.Keys && len(base.Config().Categories) > 0 {
			notes = append(notes, fmt.Sprintf("%s has no pairs table beside it: its services, peers and endpoints are not judged.", q.Path))
		}
		if q.Recorded == nil {
			notes = append(notes, fmt.Sprintf("%s has no manifest: whether its captures are whole is not known.", q.Path))
		}
	}
	return notes
}

// learnt notes which tables are in the baseline.
func learnt(known []baseline.Source, now *windows.Set) (notes []string) {
	for i, source := range now.Sources() {
		if slices.ContainsFunc(known, func(k baseline.Source) bool { return k.Hash == source.Hash }) {
			notes = append(notes, fmt.Sprintf("The baseline has learnt %s: it is compared with itself.", now.Quality()[i].Path))
		}
	}
	return notes
}

// ForSuppressions makes a report long enough to be asked of whom a list suppresses, or of
// single hosts.
func ForSuppressions(c *drift.Config) { c.MostHosts, c.MostItems = mostAsked, mostAsked }

// mostAsked bounds items and hosts of a report from which something is to be picked.
const mostAsked = 1 << 16
