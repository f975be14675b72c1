package pack

import (
	"math"

	"pcapmill/datasets/build"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/sketch"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/where"
)

// ColumnFacts say of a column of data what its values are like.
type ColumnFacts struct {
	Column column.Column
	Nulls  []int64 // of each split
	Values sketch.Histogram
	Least  float64 // of numbers
	Most   float64
	splits []sketch.Histogram
	Words  *sketch.TopK // of texts; nil of numbers
	Lists  int64        // lists, and Elements in them
	Items  int64
}

// mostWords of a column are counted one by one.
const mostWords = 1 << 10

// Constant reports whether all rows that have a value have the same.
func (c *ColumnFacts) Constant() bool {
	if c.Words != nil {
		return c.Words.Keys() <= 1 && c.Words.TooLong() == 0
	}
	return c.Lists == 0 && (c.Values.Count() == 0 || c.Least == c.Most)
}

// instants reports whether values are times. A quantile is right within a share of itself, which
// of a time are years.
func (c *ColumnFacts) instants() bool {
	return c.Column.Type == column.Timestamp || c.Column.Unit == column.EpochNano
}

// Quantile returns a quantile of all numbers, and whether it is known.
func (c *ColumnFacts) Quantile(q float64) (float64, bool) {
	switch {
	case c.Values.Count() == 0:
		return 0, false
	case q == 0:
		return c.Least, true
	case q == 1:
		return c.Most, true
	case c.instants():
		return 0, false
	}
	return c.quantile(&c.Values, q), true
}

// SplitMedian is the median of a split's numbers.
func (c *ColumnFacts) SplitMedian(split int) (float64, bool) {
	h := &c.splits[split]
	return c.quantile(h, 0.5), h.Count() > 0 && !c.instants()
}

// quantile is the whole number in the bin where there is one alone, and one must be.
func (c *ColumnFacts) quantile(h *sketch.Histogram, q float64) float64 {
	v, _ := h.Quantile(q)
	value := v.Value
	if c.Column.Type != column.Double {
		if value = math.Round(value); math.Ceil(v.Low) >= math.Floor(v.High) {
			value = math.Ceil(v.Low)
		}
	}
	return min(c.Most, max(c.Least, value))
}

func (l *look) columns() error {
	schema := l.s.Schema
	for i := range schema.Columns {
		f := ColumnFacts{Column: schema.Columns[i], Nulls: make([]int64, len(l.s.Splits)), Values: sketch.NewHistogram(sketch.Fine), Least: math.Inf(1), Most: math.Inf(-1)}
		for range l.s.Splits {
			f.splits = append(f.splits, sketch.NewHistogram(sketch.Fine))
		}
		if where.IsText(f.Column.Type) {
			words := sketch.NewTopK(mostWords)
			f.Words = &words
		}
		l.s.Columns = append(l.s.Columns, f)
	}
	for i := range l.s.Splits {
		split := &l.s.Splits[i]
		err := tables.Read(l.ctx, l.o.Path(build.Data, split.Folder()), allColumns, func(b *batch.Batch) error {
			for c := range l.s.Columns {
				l.s.Columns[c].add(i, &b.Vectors[c], b.Rows)
				split.Arrow += arrowBytes(&l.s.Columns[c].Column, &b.Vectors[c], b.Rows)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for c := range l.s.Columns {
		f := &l.s.Columns[c]
		for i := range f.splits {
			if err := f.Values.Merge(&f.splits[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func allColumns(*column.Schema) ([]string, error) { return nil, nil }

// add counts the values of a batch.
func (c *ColumnFacts) add(split int, v *batch.Vector, rows int) {
	for row := range rows {
		if v.Null(row) {
			c.Nulls[split]++
			continue
		}
		switch c.Column.Type {
		case column.Int64, column.Timestamp:
			c.number(split, float64(v.Int64[row]))
		case column.Int32:
			c.number(split, float64(v.Int32[row]))
		case column.Double:
			c.number(split, v.Float64[row])
		case column.String, column.Text:
			c.Words.Add([]byte(v.String(row)), 1)
		case column.ListInt64, column.ListInt32, column.ListString:
			c.Lists++
			c.Items += int64(v.Offsets[row+1] - v.Offsets[row])
		}
	}
}

func (c *ColumnFacts) number(split int, x float64) {
	c.splits[split].Add(x)
	c.Least, c.Most = min(c.Least, x), max(c.Most, x)
}

// arrowBytes is what a column of a batch takes as an Arrow array: values or offsets, texts, and
// a bit a row where rows can be null.
func arrowBytes(c *column.Column, v *batch.Vector, rows int) int64 {
	n := int64(rows)
	size := int64(0)
	switch c.Type {
	case column.Int64, column.Double, column.Timestamp:
		size = 8 * n
	case column.Int32:
		size = 4 * n
	default:
		size = 4*n + contentBytes(c.Type, v, rows)
	}
	if c.Optional() {
		size += (n + 7) / 8
	}
	return size
}

// contentBytes is what texts, or the elements of lists, take.
func contentBytes(t column.Type, v *batch.Vector, rows int) int64 {
	switch {
	case t == column.ListInt64 && rows > 0:
		return 8 * int64(v.Offsets[rows]-v.Offsets[0])
	case t == column.ListInt32 && rows > 0:
		return 4 * int64(v.Offsets[rows]-v.Offsets[0])
	case t == column.ListString && rows > 0:
		size := int64(0)
		for _, code := range v.Codes[v.Offsets[0]:v.Offsets[rows]] {
			size += 4 + int64(len(v.Dict[code]))
		}
		return size
	case v.Dict != nil:
		size := int64(0)
		for row := range rows {
			if !v.Null(row) {
				size += int64(len(v.Dict[v.Codes[row]]))
			}
		}
		return size
	}
	return int64(len(v.Bytes))
}
