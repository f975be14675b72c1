package windows

import (
	"context"
	"fmt"

	"pcapmill/features/column"
	"pcapmill/model/baseline"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
)

// Set is a number of hosts tables, to be read one after the other. Its methods belong to one
// goroutine at a time.
type Set struct {
	options Options
	table   baseline.Table
	columns []column.Column
	inputs  []*input
	windows int // seen by surveys
}

// Open finds the tables that paths name, in their order, and looks through their windows.
// A path is a dataset, a folder of hosts parts, or one of these. Errors are those of this
// package, tables.ErrTable, the context's and the system's; all name the file.
func Open(ctx context.Context, paths []string, o Options) (*Set, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	s := &Set{options: o}
	known, view := map[[32]byte]string{}, tables.NewView()
	for _, path := range paths {
		in, err := find(ctx, view, path)
		if err != nil {
			return nil, err
		}
		if other, ok := known[in.source.Hash]; ok {
			return nil, fmt.Errorf("%w: %s is the same table as %s", ErrMixed, text.Escape(path), text.Escape(other))
		}
		known[in.source.Hash] = path
		if err := s.survey(ctx, in); err != nil {
			return nil, err
		}
		s.inputs = append(s.inputs, in)
	}
	if len(s.inputs) == 0 {
		return nil, fmt.Errorf("%w: no table is named", ErrTable)
	}
	return s, nil
}

// Columns returns those of the tables, with their units and groups. The slice is the Set's.
func (s *Set) Columns() []column.Column { return s.columns }

// Table returns what a baseline of the rows is of.
func (s *Set) Table() baseline.Table { return s.table }

// Categories returns the categories that counts are of, ascending.
func (s *Set) Categories() []string { return s.options.Categories }

// Sources returns the tables as sources of a baseline, in their order. A table that is
// named by some of its files has no run, as others of it may follow.
func (s *Set) Sources() []baseline.Source {
	sources := make([]baseline.Source, len(s.inputs))
	for i, in := range s.inputs {
		sources[i] = in.source
	}
	return sources
}

// Quality returns what there is of each table.
func (s *Set) Quality() []Quality {
	all := make([]Quality, len(s.inputs))
	for i, in := range s.inputs {
		all[i] = in.quality
	}
	return all
}

// Each hands over all rows, table by table, as they lie there. A row and what it points to
// are take's until it returns. Errors are take's as they are, and those of Open.
func (s *Set) Each(ctx context.Context, take func(*baseline.Row) error) error {
	for i := range s.inputs {
		if err := s.EachOf(ctx, i, take); err != nil {
			return err
		}
	}
	return nil
}

// EachOf is Each of the table of one source.
func (s *Set) EachOf(ctx context.Context, source int, take func(*baseline.Row) error) error {
	r := newRows(s, s.inputs[source], take)
	defer r.close()
	return r.read(ctx)
}
