package rules

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
)

// Run applies rules to datasets, folders of tables and files of these. Errors are those of
// New and Open, tables.ErrTable, those of reading the baseline, and the context's.
func Run(ctx context.Context, rules []*Rule, base Baseline, c Config, paths []string) (*Report, error) {
	e, err := New(rules, base, c)
	if err != nil {
		return nil, err
	}
	view := tables.NewView()
	all, err := e.paths(view, paths)
	if err != nil {
		return nil, err
	}
	for _, path := range all {
		if err := e.read(ctx, view, path); err != nil {
			return nil, err
		}
	}
	return e.Finish(), nil
}

// paths puts tables in the place of datasets: those that rules ask.
func (e *Engine) paths(view *tables.View, paths []string) ([]string, error) {
	var all []string
	var files []os.FileInfo
	for _, path := range paths {
		path = filepath.Clean(path)
		found := e.inside(path)
		if len(found) == 0 {
			if _, err := os.Stat(filepath.Join(path, manifest.Name)); err != nil {
				found = []string{path}
			} else if err := tables.Readable(path); err != nil {
				return nil, err // all rules would be skipped, and nothing found
			}
		}
		for _, one := range found {
			more, err := another(view, one, files)
			if err != nil {
				return nil, err
			}
			all, files = append(all, one), append(files, more...)
		}
	}
	return all, nil
}

// another returns the files of a table, of which none is there already: by whatever name, its
// rows would count twice.
func another(view *tables.View, path string, have []os.FileInfo) ([]os.FileInfo, error) {
	names, err := view.Files(path)
	if err != nil {
		return nil, err
	}
	var files []os.FileInfo
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", tables.ErrTable, err)
		}
		if slices.ContainsFunc(have, func(f os.FileInfo) bool { return os.SameFile(f, info) }) {
			return nil, fmt.Errorf("%w: %s is named twice", ErrConfig, text.Escape(name))
		}
		files = append(files, info)
	}
	return files, nil
}

// inside returns the folders of tables in a dataset.
func (e *Engine) inside(dataset string) []string {
	var found []string
	for _, name := range e.Tables() {
		path := filepath.Join(dataset, filepath.Base(name))
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			found = append(found, path)
		}
	}
	return found
}

func (e *Engine) read(ctx context.Context, view *tables.View, path string) error {
	var reading *Reading
	plan := func(s *column.Schema) (err error) {
		reading, err = e.Open(s)
		return err
	}
	return view.EachPart(path, plan, func(p *tables.Part) error {
		if len(reading.Columns()) == 0 {
			return nil
		}
		return p.Read(ctx, reading.Columns(), func(b *batch.Batch) error { return reading.Take(ctx, b) })
	})
}
