package show

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
	"pcapmill/outputs/usage"
	"pcapmill/outputs/where"
)

// Summary is what was shown.
type Summary struct {
	Rows  int64    // shown
	Total int64    // in the table
	More  bool     // Head left rows out
	Notes []string // what people should know of the statistics
}

// consumer takes the rows that passed the filter.
type consumer interface {
	// take handles the given rows of b; done says that it wants no more.
	take(b *batch.Batch, rows []int32) (done bool, err error)
	close() error
}

// errDone ends the reading of a part early.
var errDone = errors.New("done")

// Run shows the table on w. Errors are usage.Err, tables.ErrTable, the context's or w's.
func Run(ctx context.Context, o Options, w io.Writer) (Summary, error) {
	if err := o.Validate(); err != nil {
		return Summary{}, err
	}
	s := &scan{}
	plan := func(schema *column.Schema) error { return s.plan(&o, schema, w) }
	err := tables.EachPlaced(o.Path, plan, func(p *tables.Part) error {
		s.sum.Total += p.NumRows()
		return s.read(ctx, p)
	})
	if err != nil {
		return s.sum, err
	}
	err = s.out.close()
	s.count()
	return s.sum, err
}

// scan reads a table's parts one after the other.
type scan struct {
	names []string // columns to read
	where where.Predicate
	out   consumer
	rows  []int32
	done  bool
	sum   Summary
}

// plan decides which columns are read and who takes the rows.
func (s *scan) plan(o *Options, schema *column.Schema, w io.Writer) error {
	picked, err := choose(o.Select, schema)
	if err != nil {
		return err
	}
	read := &column.Schema{Table: schema.Table, Version: schema.Version}
	add := func(i int) {
		read.Columns = append(read.Columns, schema.Columns[i])
		s.names = append(s.names, schema.Columns[i].Name)
	}
	if o.Format == FormatJSON || o.Format == FormatJSONL { // whose objects have a key once
		picked = once(picked)
	}
	for _, i := range picked {
		add(i)
	}
	// What is only asked for by conditions and the order is read behind them.
	use := func(i int) int {
		at := slices.Index(s.names, schema.Columns[i].Name)
		if at < 0 {
			at = len(s.names)
			add(i)
		}
		return at
	}
	by, err := parseOrder(o.Order, schema, use)
	if err != nil {
		return err
	}
	kept := *read // conditions are met before rows are kept
	if s.where, err = parse(o.Where, schema, use); err != nil {
		return err
	}
	view := &column.Schema{Table: schema.Table, Version: schema.Version, Columns: read.Columns[:len(picked):len(picked)]}
	s.out, err = newConsumer(o, view, &kept, by, w)
	return err
}

func newConsumer(o *Options, view, kept *column.Schema, by []sortKey, w io.Writer) (consumer, error) {
	if o.Stats {
		return newStatistics(o, view, w), nil
	}
	rows, err := newRowWriter(o, view, w)
	switch {
	case err != nil:
		return nil, err
	case len(by) > 0:
		return newSorted(o, kept, by, rows), nil
	case o.Tail != nil:
		return &tail{rows: rows, keep: *o.Tail}, nil
	}
	return rows, nil
}

// choose returns the positions of the selected columns, all where none is named. A
// name with * or ? in it stands for the columns that it matches.
func choose(names []string, schema *column.Schema) ([]int, error) {
	if len(names) == 0 {
		names = []string{"*"}
	}
	var picked []int
	for _, name := range names {
		name = strings.TrimSpace(name)
		if strings.ContainsAny(name, "*?") {
			matched := matching(name, schema)
			if len(matched) == 0 && name != "*" {
				return nil, usage.Errorf("table %s has no column like %s", text.Escape(schema.Table), text.Escape(name))
			}
			picked = append(picked, matched...)
			continue
		}
		i, err := find(name, schema)
		if err != nil {
			return nil, err
		}
		picked = append(picked, i)
	}
	return picked, nil
}

// once leaves out what is there already.
func once(picked []int) []int {
	var all []int
	for _, i := range picked {
		if !slices.Contains(all, i) {
			all = append(all, i)
		}
	}
	return all
}

func matching(pattern string, schema *column.Schema) []int {
	var found []int
	wanted := where.NewGlob(pattern)
	for i := range schema.Columns {
		if wanted.Match([]byte(schema.Columns[i].Name)) {
			found = append(found, i)
		}
	}
	return found
}

func find(name string, schema *column.Schema) (int, error) {
	i, err := where.Find(name, schema)
	if err != nil {
		return 0, usage.Errorf("%w", err)
	}
	return i, nil
}

// parse reads the condition of --where.
func parse(expr string, schema *column.Schema, use func(int) int) (where.Predicate, error) {
	found, err := where.Parse(expr, schema, use)
	switch {
	case err == nil:
		return found, nil
	case errors.Is(err, where.ErrColumn):
		return nil, usage.Errorf("%w", err)
	}
	return nil, usage.Errorf("--where: %w", err)
}

// read passes one part's rows through the filter to the consumer.
func (s *scan) read(ctx context.Context, p *tables.Part) error {
	if s.done {
		return nil
	}
	err := p.Read(ctx, s.names, func(b *batch.Batch) (err error) {
		s.rows = where.Pass(s.where, b, s.rows[:0])
		if s.done, err = s.out.take(b, s.rows); err == nil && s.done {
			return errDone
		}
		return err
	})
	if errors.Is(err, errDone) {
		return nil
	}
	return err
}

// count completes the summary.
func (s *scan) count() {
	switch out := s.out.(type) {
	case *rowWriter:
		s.sum.Rows, s.sum.More = out.written, out.more
	case *tail:
		s.sum.Rows = out.rows.written
	case *sorted:
		s.sum.Rows, s.sum.More = out.rows.written, out.rows.more
	case *statistics:
		s.sum.Notes = out.notes()
	}
}
