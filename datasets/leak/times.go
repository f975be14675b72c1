package leak

import (
	"context"
	"fmt"
	"time"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// stretch is the time of a split's rows, ns since 1970.
type stretch struct {
	first, last int64
	rows        int64
}

func (s *stretch) add(first, last int64) {
	if s.rows == 0 || first < s.first {
		s.first = first
	}
	if s.rows == 0 || last > s.last {
		s.last = last
	}
	s.rows++
}

// stretches reads the time of each split from columns of instants, of which last may be empty.
func stretches(ctx context.Context, d *Dataset, of table, l *labelled, first, last string) (all [3]stretch, err error) {
	names := []string{first}
	if last != "" {
		names = append(names, last)
	}
	err = d.walk(ctx, of, names, func(b *batch.Batch, at int64, _ *Part) error {
		for i := range b.Rows {
			v := &b.Vectors[0]
			if v.Null(i) {
				continue
			}
			begin := instantAt(v, &b.Schema.Columns[0], i)
			end := begin
			if last != "" && !b.Vectors[1].Null(i) {
				end = max(begin, instantAt(&b.Vectors[1], &b.Schema.Columns[1], i))
			}
			all[l.splitOf(at+int64(i))].add(begin, end)
		}
		return nil
	})
	return all, err
}

// instantAt returns an instant in ns. What it is in is guessed where the column does not say.
func instantAt(v *batch.Vector, c *column.Column, i int) int64 {
	switch {
	case c.Unit == column.EpochNano && c.Type == column.Int64:
		return v.Int64[i]
	case c.Type == column.Int32:
		return int64(v.Int32[i]) * int64(time.Second)
	case c.Type == column.Timestamp:
		return v.Int64[i] * int64(time.Microsecond)
	case c.Type == column.Double:
		return int64(v.Float64[i] * scaleOf(v.Float64[i]))
	}
	return v.Int64[i] * int64(scaleOf(float64(v.Int64[i])))
}

// scaleOf guesses by what to multiply an instant since 1970 so that it is in ns: those of
// years from 1973 on in s, ms, µs and ns do not meet.
func scaleOf(x float64) float64 {
	switch {
	case x >= 1e8 && x < 1e11:
		return 1e9
	case x >= 1e11 && x < 1e14:
		return 1e6
	case x >= 1e14 && x < 1e17:
		return 1e3
	}
	return 1
}

// timeFinding says where one split reaches into the time of the next, or too near to it.
func timeFinding(d *Dataset, all [3]stretch, start string) *Finding {
	promised := d.Policy.promises(byTime)
	if !promised && d.Policy.Known {
		return nil
	}
	f := &Finding{Kind: TimeOverlap, Columns: []string{start}, Severity: Note}
	if promised {
		f.Severity = Error
	}
	last := -1
	for s := range all {
		if all[s].rows == 0 {
			continue
		}
		if last >= 0 {
			f.gap(last, s, all[s].first-all[last].last, d.Policy.Embargo)
		}
		last = s
	}
	if len(f.Evidence) == 0 {
		return nil
	}
	f.Detail = "splits do not follow one another in time"
	if promised {
		f.Detail = fmt.Sprintf("the split is by time with an embargo of %v, which is not kept", time.Duration(d.Policy.Embargo))
	}
	return f
}

// gap notes a gap that is shorter than it should be.
func (f *Finding) gap(a, b int, gap, embargo int64) {
	if gap >= embargo {
		return
	}
	f.Evidence = append(f.Evidence, Number{splits[a] + "_to_" + splits[b] + "_gap_s", float64(gap) / 1e9})
	f.Examples = append(f.Examples, fmt.Sprintf("%s ends %v %s %s begins", splits[a], time.Duration(gap).Abs(), before(gap), splits[b]))
}

func before(gap int64) string {
	if gap < 0 {
		return "after"
	}
	return "before"
}
