package scale

import (
	"math"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/where"
)

// Table is the table of scaled rows.
const Table = "scaled"

// Applied turns rows into scaled ones.
type Applied struct {
	Schema *column.Schema
	to     *batch.Batch
	cells  []cells
}

// cells fills a column: of the rows of a vector.
type cells struct {
	from int
	fill func(dst, src *batch.Vector, rows int)
}

// Apply returns what scales rows of the Fit's schema: numbers become doubles, texts the indexes
// of their categories, and label its index. Columns without a scaler or encoder are left out;
// weight and known, which are no input, stay as they are.
func (f *Fit) Apply() *Applied {
	a := &Applied{Schema: &column.Schema{Table: Table, Version: 1}}
	for i := range f.schema.Columns {
		c := f.schema.Columns[i]
		switch {
		case f.numbers[i] != nil:
			a.add(f.scaled(c), i, f.scale(c.Type, f.numbers[i]))
		case f.words[i] != nil && !f.words[i].over:
			a.add(f.indexed(c), i, f.encode(f.words[i], f.cfg.Impute == None || c.Name == LabelColumn))
		case c.Role == column.Label && (c.Type == column.Double || c.Type == column.Int32) && !c.Optional():
			a.add(c, i, same)
		}
	}
	a.to = batch.New(a.Schema)
	return a
}

func (a *Applied) add(c column.Column, from int, fill func(dst, src *batch.Vector, rows int)) {
	a.Schema.Columns = append(a.Schema.Columns, c)
	a.cells = append(a.cells, cells{from, fill})
}

// Rows returns scaled rows, which are valid until the next call.
func (a *Applied) Rows(b *batch.Batch) *batch.Batch {
	a.to.Reset()
	for i, c := range a.cells {
		c.fill(&a.to.Vectors[i], &b.Vectors[c.from], b.Rows)
	}
	a.to.Rows = b.Rows
	return a.to
}

func (f *Fit) scaled(c column.Column) column.Column {
	c.Type, c.Unit = column.Double, column.None
	c.Doc = "Scaled (" + f.cfg.Method + "): " + c.Doc
	switch c.Null {
	case "":
		c.Null = "the value is no finite number, or training has none"
	default:
		if f.cfg.Impute != None {
			c.Null = "training has no value"
		}
	}
	return c
}

func (f *Fit) indexed(c column.Column) column.Column {
	c.Type, c.Unit = column.Int32, column.None
	c.Doc = "Index of the category in encoders.json: " + c.Doc
	if c.Name != LabelColumn && f.cfg.Impute != None {
		c.Null = ""
	}
	return c
}

// scale returns what scales a column.
func (f *Fit) scale(t column.Type, n *numbers) func(dst, src *batch.Vector, rows int) {
	s := n.scaler("")
	if s.N == 0 {
		return nothing
	}
	shift, by := f.cfg.line(&s)
	filler, fills := f.cfg.filler(&s)
	return func(dst, src *batch.Vector, rows int) {
		for row := range rows {
			x, known := 0.0, !src.Null(row)
			if known {
				x = f.cfg.shape(where.NumberAt(t, src, row))
				known = !math.IsNaN(x) && !math.IsInf(x, 0)
			}
			if !known && fills {
				x, known = filler, true
			}
			put(dst, (x-shift)/by, known)
		}
	}
}

// line returns what is subtracted, and what the rest is divided by.
func (c *Config) line(s *Scaler) (shift, by float64) {
	switch c.Method {
	case Standard:
		shift, by = *s.Mean, *s.Std
	case MinMax:
		shift, by = *s.Min, *s.Max-*s.Min
	case Robust:
		shift, by = *s.Median, *s.Q3-*s.Q1
	default:
		by = 1
	}
	if by == 0 {
		by = 1
	}
	return shift, min(by, math.MaxFloat64)
}

// filler returns what stands for nulls, and whether anything does.
func (c *Config) filler(s *Scaler) (float64, bool) {
	switch c.Impute {
	case Mean:
		return *s.Mean, true
	case Median:
		return *s.Median, true
	case Zero:
		return 0, true
	}
	return 0, false
}

// put appends a number, of which no infinity is left.
func put(dst *batch.Vector, x float64, known bool) {
	valid := byte(1)
	if !known {
		x, valid = 0, 0
	}
	dst.Float64 = append(dst.Float64, max(-math.MaxFloat64, min(x, math.MaxFloat64)))
	dst.Valid = append(dst.Valid, valid)
}

// nothing fills a column that has no value in training.
func nothing(dst, _ *batch.Vector, rows int) {
	for range rows {
		put(dst, 0, false)
	}
}

// encode returns what encodes a column, in which nulls stay so or get the index of unknown
// categories.
func (f *Fit) encode(w *words, nulls bool) func(dst, src *batch.Vector, rows int) {
	index := map[string]int32{}
	for i, word := range sorted(w) {
		index[word] = int32(i)
	}
	unknown := int32(len(index))
	return func(dst, src *batch.Vector, rows int) {
		for row := range rows {
			at, valid := unknown, byte(1)
			switch {
			case src.Null(row) && nulls:
				at, valid = 0, 0
			case src.Null(row):
			default:
				if known, ok := index[string(where.WordAt(src, row))]; ok {
					at = known
				}
			}
			dst.Int32, dst.Valid = append(dst.Int32, at), append(dst.Valid, valid)
		}
	}
}

// same copies a column.
func same(dst, src *batch.Vector, _ int) {
	dst.Float64, dst.Int32 = append(dst.Float64, src.Float64...), append(dst.Int32, src.Int32...)
}
