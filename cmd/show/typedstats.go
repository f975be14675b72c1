package show

import (
	"io"
	"math"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// typedStats are for programs: what is a number is written as one, and lists of
// values and counts stand side by side. As columns differ in type, each line has a
// schema and a writer of its own.
type typedStats struct {
	o     Options
	w     io.Writer
	array *arrayWriter // of JSON; else nil
	lines int
}

func newTypedStats(o *Options, w io.Writer) *typedStats {
	s := &typedStats{o: *o, w: w}
	if o.Format == FormatJSON {
		s.array = &arrayWriter{w: w}
		s.w, s.o.Format = s.array, FormatJSONL
	}
	return s
}

func (s *typedStats) close() error {
	if s.array != nil {
		return s.array.end()
	}
	return nil
}

func (s *typedStats) write(col *column.Column, c *columnStats) error {
	line := s.line(col, c)
	o := s.o
	o.NoHeader = o.NoHeader || s.lines > 0
	s.lines++
	out, err := newWriter(&o, line.b.Schema, s.w)
	if err != nil {
		return err
	}
	if err := out.Write(line.b); err != nil {
		return err
	}
	return out.Close()
}

// line is the row of one column.
func (s *typedStats) line(col *column.Column, c *columnStats) *line {
	l := newLine()
	l.text("column", col.Name, true)
	l.text("type", col.Type.String(), true)
	l.text("unit", string(col.Unit), col.Unit != column.None)
	l.number("values", c.values, true)
	l.number("nulls", c.nulls, true)
	different, exact := c.different()
	l.number("distinct", different, true)
	l.number("distinct_exact", int64(valid(exact)), true)
	some := c.values > 0
	if wordy(col.Type) {
		l.texts(c, some)
	} else {
		l.numbers(s, col, c, some)
	}
	return l
}

func (l *line) texts(c *columnStats, some bool) {
	l.text("min", c.leastText, some)
	for _, name := range quantileNames {
		l.text(name, "", false)
	}
	l.text("max", c.mostText, some)
	l.double("mean", 0, false)
	l.double("quantile_error", 0, false)
	var values []string
	var times []int64
	for _, v := range c.texts.top(topValues) {
		values, times = append(values, v.value), append(times, v.times)
	}
	l.words("top_values", values)
	l.counts("top_counts", times)
	l.number("top_error", c.texts.forgotten, true)
}

func (l *line) numbers(s *typedStats, col *column.Column, c *columnStats, some bool) {
	ranks, wrong := make([]int64, len(shares)), 0.0
	if some {
		ranks, wrong = c.ranks()
	}
	l.value("min", s, col, c.least, some)
	for i, n := range ranks {
		l.value(quantileNames[i], s, col, n, some)
	}
	l.value("max", s, col, c.most, some)
	mean := some && averaged(col)
	l.double("mean", c.sum/math.Max(1, float64(c.values)), mean)
	l.double("quantile_error", wrong, some)
	var values, times []int64
	for _, v := range c.numbers.top(topValues) {
		values, times = append(values, v.value), append(times, v.times)
	}
	if readable := (&readableStats{o: s.o}); col.Type == column.Double || col.Type == column.Timestamp || s.o.UTC && isInstant(col) {
		var words []string
		for _, n := range values {
			words = append(words, readable.exact(col, n))
		}
		l.words("top_values", words)
	} else {
		l.counts("top_values", values)
	}
	l.counts("top_counts", times)
	l.number("top_error", c.numbers.forgotten, true)
}

// line collects a row together with its schema.
type line struct{ b *batch.Batch }

func newLine() *line {
	return &line{&batch.Batch{Schema: &column.Schema{Table: "statistics", Version: 1}, Rows: 1}}
}

func (l *line) add(name string, t column.Type, v batch.Vector, ok bool) {
	v.Valid = []byte{valid(ok)}
	l.b.Schema.Columns = append(l.b.Schema.Columns, column.Column{Name: name, Type: t, Doc: name, Null: whenNull})
	l.b.Vectors = append(l.b.Vectors, v)
}

func (l *line) text(name, value string, ok bool) {
	var v batch.Vector
	v.AppendText([]byte(value))
	l.add(name, column.Text, v, ok)
}

func (l *line) number(name string, n int64, ok bool) {
	l.add(name, column.Int64, batch.Vector{Int64: []int64{n}}, ok)
}

func (l *line) double(name string, f float64, ok bool) {
	l.add(name, column.Double, batch.Vector{Float64: []float64{f}}, ok)
}

func (l *line) counts(name string, n []int64) {
	l.add(name, column.ListInt64, batch.Vector{Int64: n, Offsets: []int32{0, int32(len(n))}}, true)
}

func (l *line) words(name string, words []string) {
	v := batch.Vector{Dict: append([]string{}, words...), Offsets: []int32{0, int32(len(words))}}
	for i := range words {
		v.Codes = append(v.Codes, int32(i))
	}
	l.add(name, column.ListString, v, true)
}

// value adds a number as its column has it.
func (l *line) value(name string, s *typedStats, col *column.Column, n int64, ok bool) {
	switch {
	case col.Type == column.Double:
		f := 0.0
		if ok {
			f = fromOrderedBits(n)
		}
		l.double(name, f, ok)
	case col.Type == column.Timestamp:
		l.add(name, column.Timestamp, batch.Vector{Int64: []int64{n}}, ok)
	case s.o.UTC && isInstant(col):
		l.text(name, string(appendNanos(nil, n)), ok)
	default:
		l.number(name, n, ok)
	}
}
