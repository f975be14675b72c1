package build

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"pcapmill/datasets/folder"
	"pcapmill/outputs/text"
)

// Pair is a run's tables, and the labels that were made of them.
type Pair struct{ Tables, Labels *folder.Opened }

// predicateColumns is the option of labels that lists the columns that rules ask for.
const predicateColumns = "predicate_columns"

// maxRuns is how many runs a dataset may be of: a folder has up to 1,000 manifests of earlier steps, those of
// runs and of labels, and each later step adds one.
const maxRuns = 490

// OpenPairs opens runs and labels, and finds the labels of each run: those whose manifest says
// that they were made of it. Errors are ErrInput, ErrLimit and folder.ErrFolder.
func OpenPairs(tables, labels []string) ([]Pair, error) {
	if len(tables) > maxRuns {
		return nil, fmt.Errorf("%w runs: %d, and %d are the most; one run can read many captures", ErrLimit, len(tables), maxRuns)
	}
	said := make([]*folder.Opened, len(labels))
	for i, dir := range labels {
		var err error
		if said[i], err = folder.Open(dir); err != nil {
			return nil, err
		}
	}
	used := make([]bool, len(labels))
	pairs := make([]Pair, len(tables))
	for i, dir := range tables {
		run, err := folder.Open(dir)
		if err != nil {
			return nil, err
		}
		pairs[i], err = labelled(run, said)
		if err != nil {
			return nil, err
		}
		for k := range i {
			if pairs[k].Tables.SHA256 == pairs[i].Tables.SHA256 {
				return nil, unfit("%s is the same run as %s: its rows would be there twice", text.Escape(dir), text.Escape(tables[k]))
			}
		}
		used[slices.Index(said, pairs[i].Labels)] = true
	}
	if i := slices.Index(used, false); i >= 0 {
		return nil, unfit("labels %s were made of none of the tables", text.Escape(labels[i]))
	}
	return pairs, nil
}

// labelled returns a run's tables with the labels that were made of them. Live tables that have
// grown since are taken as they were then: no label speaks of what came later.
func labelled(run *folder.Opened, said []*folder.Opened) (found Pair, err error) {
	for _, l := range said {
		was, err := run.AsOf(l)
		switch {
		case err != nil:
			return found, err
		case was == nil:
			continue
		case found.Labels != nil:
			return found, unfit("%s has two labellings, %s and %s: name one", text.Escape(run.Dir), text.Escape(found.Labels.Dir), text.Escape(l.Dir))
		}
		found = Pair{was, l}
	}
	switch {
	case found.Labels != nil:
		return found, nil
	case run.Manifest.Live != nil:
		return found, unfit("no labels were made of %s as it is now or was before: label it again", text.Escape(run.Dir))
	}
	return found, unfit("no labels were made of %s as it is now: label it again", text.Escape(run.Dir))
}

// twice returns notes on captures that several runs have read, whose rows are copies of one another. Runs
// have their numbers there: what their folders are called is in no byte of a dataset.
func twice(pairs []Pair) (notes []string) {
	first, said := map[string]int{}, map[[2]int]bool{}
	for i, p := range pairs {
		for k := range p.Tables.Manifest.Inputs {
			in := &p.Tables.Manifest.Inputs[k]
			other, known := first[in.SHA256]
			switch {
			case in.SHA256 == "":
			case !known:
				first[in.SHA256] = i
			case other != i && !said[[2]int{other, i}]:
				said[[2]int{other, i}] = true
				notes = append(notes, fmt.Sprintf("runs %d and %d have read the same capture, %s: its rows are there twice", other, i, text.Escape(filepath.Base(in.Path))))
			}
		}
	}
	return notes
}

// Sources returns the folders as sources of a dataset, those of a pair beside one another.
func Sources(pairs []Pair) []folder.Source {
	var all []folder.Source
	for _, p := range pairs {
		all = append(all, p.Tables.Source("tables"), p.Labels.Source("labels"))
	}
	return all
}

// predicates returns the columns that rules of any labels ask for.
func predicates(pairs []Pair) map[string]bool {
	names := map[string]bool{}
	for _, p := range pairs {
		for _, name := range folder.SplitList(p.Labels.Manifest.Options[predicateColumns]) {
			names[name] = true
			if rest, ok := strings.CutPrefix(name, "fwd_"); ok { // of a flow that its victim began it is the other one
				names["rev_"+rest] = true
			} else if rest, ok := strings.CutPrefix(name, "rev_"); ok {
				names["fwd_"+rest] = true
			}
		}
	}
	return names
}

// has returns an error where a folder lacks a table.
func has(o *folder.Opened, table string) error {
	if _, ok := o.Table(table); ok {
		return nil
	}
	if kind, ok := strings.CutSuffix(table, "_labels"); ok && kind != "flow" {
		return unfit("%s has no table %s; label --tables %ss writes it", text.Escape(o.Dir), table, kind)
	}
	return unfit("%s has no table %s", text.Escape(o.Dir), table)
}

// inFolder names the folder of an error.
func inFolder(o *folder.Opened, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", text.Escape(o.Dir), err)
}
