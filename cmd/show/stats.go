package show

import (
	"math"
	"strconv"
	"time"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// distinctLimit bounds the values that statistics remember of a column.
const distinctLimit = 10_000

// statistics sums up every column.
type statistics struct {
	view    *column.Schema
	out     writer
	columns []columnStats
}

// columnStats are what is known of one column. Of lists it is their elements
// that count, except for nulls.
type columnStats struct {
	values, nulls int64
	sum           float64
	minInt        int64
	maxInt        int64
	minFloat      float64
	maxFloat      float64
	minText       string
	maxText       string
	ints          map[int64]struct{} // doubles by their bits
	texts         map[string]struct{}
	overflow      bool // more than distinctLimit different values
}

func newStatistics(view *column.Schema, out writer) *statistics {
	return &statistics{view: view, out: out, columns: make([]columnStats, len(view.Columns))}
}

func (s *statistics) take(b *batch.Batch, rows []int32) (bool, error) {
	for i := range s.view.Columns {
		c, v, t := &s.columns[i], &b.Vectors[i], s.view.Columns[i].Type
		for _, r := range rows {
			if v.Null(int(r)) {
				c.nulls++
				continue
			}
			c.add(t, v, int(r))
		}
	}
	return false, nil
}

func (c *columnStats) add(t column.Type, v *batch.Vector, row int) {
	switch t {
	case column.Int64, column.Timestamp:
		c.addInt(v.Int64[row])
	case column.Int32:
		c.addInt(int64(v.Int32[row]))
	case column.Double:
		c.addFloat(v.Float64[row])
	case column.String, column.Text, column.Binary:
		c.addText(stringAt(t, v, row))
	default:
		for i := v.Offsets[row]; i < v.Offsets[row+1]; i++ {
			switch t {
			case column.ListInt64:
				c.addInt(v.Int64[i])
			case column.ListInt32:
				c.addInt(int64(v.Int32[i]))
			default:
				c.addText(v.Dict[v.Codes[i]])
			}
		}
	}
}

func (c *columnStats) addInt(n int64) {
	if c.values == 0 {
		c.minInt, c.maxInt = n, n
	}
	c.minInt, c.maxInt = min(c.minInt, n), max(c.maxInt, n)
	c.values++
	c.sum += float64(n)
	c.distinctInt(n)
}

func (c *columnStats) addFloat(f float64) {
	if c.values == 0 {
		c.minFloat, c.maxFloat = f, f
	}
	c.minFloat, c.maxFloat = min(c.minFloat, f), max(c.maxFloat, f)
	c.values++
	c.sum += f
	c.distinctInt(int64(math.Float64bits(f)))
}

func (c *columnStats) distinctInt(n int64) {
	if c.ints == nil {
		c.ints = map[int64]struct{}{}
	}
	if len(c.ints) < distinctLimit {
		c.ints[n] = struct{}{}
	} else if _, known := c.ints[n]; !known {
		c.overflow = true
	}
}

func (c *columnStats) addText(s string) {
	if c.values == 0 || s < c.minText {
		c.minText = s
	}
	if c.values == 0 || s > c.maxText {
		c.maxText = s
	}
	c.values++
	if c.texts == nil {
		c.texts = map[string]struct{}{}
	}
	if len(c.texts) < distinctLimit {
		c.texts[s] = struct{}{}
	} else if _, known := c.texts[s]; !known {
		c.overflow = true
	}
}

// statsSchema is the table that statistics make.
func statsSchema() *column.Schema {
	doc := func(c column.Column, doc string) column.Column { c.Doc = doc; return c }
	return &column.Schema{Table: "statistics", Version: 1, Columns: []column.Column{
		doc(column.Column{Name: "column", Type: column.Text}, "Name."),
		doc(column.Column{Name: "type", Type: column.Text}, "Type."),
		doc(column.Column{Name: "unit", Type: column.Text}, "Unit."),
		doc(column.Column{Name: "values", Type: column.Int64}, "Values that are not null; of lists, elements."),
		doc(column.Column{Name: "nulls", Type: column.Int64}, "Rows without a value."),
		doc(column.Column{Name: "distinct", Type: column.Text}, "Different values, or more than a limit."),
		doc(column.Column{Name: "min", Type: column.Text, Null: "no values"}, "Least value."),
		doc(column.Column{Name: "mean", Type: column.Double, Null: "no numbers"}, "Mean."),
		doc(column.Column{Name: "max", Type: column.Text, Null: "no values"}, "Largest value."),
	}}
}

func (s *statistics) close() error {
	b := batch.New(statsSchema())
	for i := range s.columns {
		c, col := &s.columns[i], &s.view.Columns[i]
		low, high := c.ends(col.Type)
		has := valid(c.values > 0)
		mean := valid(c.values > 0 && numeric(col.Type))
		for j, cell := range []string{col.Name, col.Type.String(), string(col.Unit)} {
			b.Vectors[j].AppendText([]byte(cell))
		}
		b.Vectors[3].Int64 = append(b.Vectors[3].Int64, c.values)
		b.Vectors[4].Int64 = append(b.Vectors[4].Int64, c.nulls)
		b.Vectors[5].AppendText([]byte(c.distinct()))
		b.Vectors[6].AppendText([]byte(low))
		b.Vectors[7].Float64 = append(b.Vectors[7].Float64, c.sum/float64(max(1, c.values))*float64(mean))
		b.Vectors[8].AppendText([]byte(high))
		b.Vectors[6].Valid = append(b.Vectors[6].Valid, has)
		b.Vectors[7].Valid = append(b.Vectors[7].Valid, mean)
		b.Vectors[8].Valid = append(b.Vectors[8].Valid, has)
		b.Rows++
	}
	if err := s.out.Write(b); err != nil {
		return err
	}
	return s.out.Close()
}

func valid(ok bool) byte {
	if ok {
		return 1
	}
	return 0
}

// numeric reports whether a mean makes sense.
func numeric(t column.Type) bool {
	switch t {
	case column.String, column.Text, column.Binary, column.ListString, column.Timestamp:
		return false
	}
	return true
}

func (c *columnStats) distinct() string {
	n := len(c.ints) + len(c.texts)
	if c.overflow {
		return "> " + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// ends renders the least and the largest value.
func (c *columnStats) ends(t column.Type) (low, high string) {
	switch t {
	case column.String, column.Text, column.Binary, column.ListString:
		return c.minText, c.maxText
	case column.Double:
		return formatFloat(c.minFloat), formatFloat(c.maxFloat)
	case column.Timestamp:
		return formatMicros(c.minInt), formatMicros(c.maxInt)
	}
	return strconv.FormatInt(c.minInt, 10), strconv.FormatInt(c.maxInt, 10)
}

func formatFloat(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

func formatMicros(n int64) string {
	return time.UnixMicro(n).UTC().Format("2006-01-02T15:04:05.000000Z")
}
