package labels

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"pcapmill/datasets/label"
	"pcapmill/datasets/label/match"
	"pcapmill/datasets/label/source"
	"pcapmill/outputs/manifest"
)

// Labelling is what sources say of the rows of a dataset.
type Labelling struct {
	Set    *label.Set
	Said   []Want          // of each row
	First  []*match.Hit    // of each row: what counts; nil: nothing is said of it
	Events map[int32][]int // rows that an event is about, of each event that is about any
	Report *match.Report
}

// Label reads sources and matches them with the flows of a dataset.
func Label(dataset string, o source.Options, paths ...string) (*Labelling, error) {
	ctx := context.Background()
	set, err := source.Read(ctx, paths, o)
	if err != nil {
		return nil, err
	}
	captures, err := capturesOf(dataset)
	if err != nil {
		return nil, err
	}
	l := &Labelling{Set: set, Events: map[int32][]int{}}
	in := match.Input{Flows: filepath.Join(dataset, "flows"), Captures: captures, Set: set}
	cfg := match.DefaultConfig()
	cfg.MaxHits = 4096 // of one flow there are 310 alerts
	l.Report, err = match.Run(ctx, in, cfg, l.take)
	return l, err
}

// capturesOf are the paths of a dataset's captures, by capture_id.
func capturesOf(dataset string) (paths []string, err error) {
	data, err := os.ReadFile(filepath.Join(dataset, manifest.Name))
	if err != nil {
		return nil, err
	}
	m, err := manifest.Decode(data)
	if err != nil {
		return nil, err
	}
	for i := range m.Inputs {
		paths = append(paths, m.Inputs[i].Path)
	}
	return paths, nil
}

// take keeps what is said of a row.
func (l *Labelling) take(r *match.Row) error {
	w, n := Want{Outcome: r.Outcome, Attempt: -1}, len(l.Said)
	var first *match.Hit
	for i := range r.Hits {
		h := r.Hits[i]
		if i == 0 {
			first = &h
		}
		if h.Rule >= 0 {
			w.Rules = append(w.Rules, h.Meaning.ID)
		}
		if h.Event >= 0 {
			l.Events[h.Event] = append(l.Events[h.Event], n)
		}
	}
	slices.Sort(w.Rules)
	if r.Outcome == label.Labelled {
		w.Label, w.Overlap, w.Attempt, w.Reversed = first.Meaning.Label, first.Overlap, first.Attempt, first.Reversed
	}
	l.Said, l.First = append(l.Said, w), append(l.First, first)
	return nil
}
