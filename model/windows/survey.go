package windows

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/model/baseline"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
)

// maxWindows is how many windows and parts of them a Set can have.
const maxWindows = 1 << 22

// survey looks through the windows of a table before its rows are read, as rows of a
// window in several parts do not lie together.
type survey struct {
	set  *Set
	in   *input
	runs []run
	last place // of the last window that came whole
	any  bool  // whether one did
}

// run are rows of one window that lie together.
type run struct {
	frame
	rows int64
}

func (s *Set) survey(ctx context.Context, in *input) error {
	v, err := s.look(ctx, in)
	if err != nil {
		return err
	}
	v.count()
	return nil
}

// look looks through the windows of a table.
func (s *Set) look(ctx context.Context, in *input) (*survey, error) {
	v := &survey{set: s, in: in}
	plan := func(schema *column.Schema) error { return inFile(in.hosts, s.accept(schema)) }
	err := tables.EachFile(in.files, plan, func(p *tables.Part) error {
		return p.Read(ctx, frameNames[:], func(b *batch.Batch) error { return inFile(p.Path(), v.take(b)) })
	})
	return v, err
}

// inFile says which file an error of this package is of.
func inFile(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", text.Escape(path), err)
}

// accept checks that a table is one of hosts, and as those before it.
func (s *Set) accept(schema *column.Schema) error {
	if err := needed(schema, hostsTable, addressColumn(hostColumn)); err != nil {
		return err
	}
	t, err := baseline.TableOf(schema)
	if err != nil {
		return errors.Join(ErrTable, err)
	}
	if s.table.Name == "" {
		s.table, s.columns = t, schema.Columns
	}
	if t.Hash != s.table.Hash {
		return fmt.Errorf("%w: its columns are not those of the tables before it; run makes both anew with one version", ErrMixed)
	}
	return nil
}

// take takes a batch of frames in.
func (v *survey) take(b *batch.Batch) error {
	for i := range b.Rows {
		f, err := frameAt(b, i)
		if err != nil {
			return err
		}
		if !v.set.options.within(f.start) {
			continue
		}
		if n := len(v.runs); n > 0 && v.runs[n-1].frame == f {
			v.runs[n-1].rows++
			continue
		}
		if err := v.begin(f); err != nil {
			return err
		}
	}
	return nil
}

// begin begins a run. Windows that are whole come in order; parts of others between them.
func (v *survey) begin(f frame) error {
	s := v.set
	if s.windows++; s.windows > maxWindows {
		return fmt.Errorf("%w: %d windows", ErrLimit, maxWindows)
	}
	if s.table.Window == 0 {
		s.table.Window = f.length
	}
	if f.length != s.table.Window {
		return fmt.Errorf("%w: a window of %v, and before of %v", ErrMixed, time.Duration(f.length), time.Duration(s.table.Window))
	}
	v.runs = append(v.runs, run{f, 1})
	if f.part > 0 {
		if f.aligned() {
			v.in.broken[f.place] = true
		}
		return nil
	}
	if v.any && !v.last.before(f.place) {
		return fmt.Errorf("%w: windows are not in order, at window_start_ns %d", ErrTable, f.start)
	}
	v.last, v.any = f.place, true
	return nil
}

// count sums up which windows will be read.
func (v *survey) count() {
	uncovered, parts, overlapping := LeftOut{Reason: Uncovered}, LeftOut{Reason: InParts, Windows: int64(len(v.in.broken))}, LeftOut{Reason: Overlapping}
	others := map[place]bool{} // which parts may have several runs of
	q := &v.in.quality
	for i := range v.runs {
		r := &v.runs[i]
		switch v.set.excluded(v.in, &r.frame) {
		case InParts:
			parts.Rows += r.rows
		case Overlapping:
			others[r.place] = true
			overlapping.Rows += r.rows
		case Uncovered:
			uncovered.Windows++
			uncovered.Rows += r.rows
		default:
			end := r.start + r.length
			if q.Windows == 0 {
				q.FirstNs, q.LastNs = r.start, end
			}
			q.FirstNs, q.LastNs = min(q.FirstNs, r.start), max(q.LastNs, end)
			q.Windows++
			q.Rows += r.rows
		}
	}
	overlapping.Windows = int64(len(others))
	q.LeftOut = []LeftOut{uncovered, parts, overlapping}
}

// excluded returns the reason for which rows of a window are left out, or "".
func (s *Set) excluded(in *input, f *frame) string {
	switch {
	case !f.aligned():
		return Overlapping
	case f.part > 0 || in.broken[f.place]:
		return InParts
	case in.cover != nil && in.cover.share(span{f.start, f.start + f.length}, f.capture) < s.options.Covered:
		return Uncovered
	}
	return ""
}
