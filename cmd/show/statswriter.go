package show

import (
	"io"
	"strconv"
	"strings"
	"time"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/text"
)

// statsWriter writes a line a column.
type statsWriter interface {
	write(col *column.Column, c *columnStats) error
	close() error
}

func newStatsWriter(o *Options, w io.Writer) (statsWriter, error) {
	if o.Format != FormatTable && o.Format != FormatText {
		return newTypedStats(o, w), nil
	}
	return newReadableStats(o, w)
}

// readableStats are for people: all values are text.
type readableStats struct {
	rows *batch.Batch
	out  writer
	utc  bool
}

// whenNull is said of columns of statistics that can be null.
const whenNull = "there is none"

func newReadableStats(o *Options, w io.Writer) (*readableStats, error) {
	schema := &column.Schema{Table: "statistics", Version: 1}
	for _, name := range append(append([]string{"column", "type", "unit", "values", "nulls", "distinct", "min"}, quantileNames...), "max", "mean", "top") {
		schema.Columns = append(schema.Columns, column.Column{Name: name, Type: column.Text, Doc: name, Null: whenNull})
	}
	s := &readableStats{rows: batch.New(schema), utc: o.UTC}
	if o.Format == FormatText {
		s.out = text.NewPages(w, schema)
		return s, nil
	}
	cfg := tableConfig(o)
	cfg.Right = []string{"values", "nulls", "distinct", "min", "max", "mean"}
	cfg.Right = append(cfg.Right, quantileNames...)
	out, err := text.NewTable(w, schema, cfg)
	s.out = out
	return s, err
}

func (s *readableStats) write(col *column.Column, c *columnStats) error {
	cells := []string{col.Name, col.Type.String(), string(col.Unit), strconv.FormatInt(c.values, 10), strconv.FormatInt(c.nulls, 10), c.distinct()}
	cells = append(cells, s.ends(col, c)...)
	cells = append(cells, s.top(col, c))
	for i, cell := range cells {
		v := &s.rows.Vectors[i]
		v.AppendText([]byte(cell))
		v.Valid = append(v.Valid, valid(cell != ""))
	}
	s.rows.Rows++
	return nil
}

func (s *readableStats) close() error {
	if err := s.out.Write(s.rows); err != nil {
		return err
	}
	return s.out.Close()
}

// distinct is the number of different values.
func (c *columnStats) distinct() string {
	n, exact := c.different()
	if !exact {
		return ">" + strconv.FormatInt(n, 10)
	}
	return strconv.FormatInt(n, 10)
}

func (c *columnStats) different() (int64, bool) {
	numbers, exact := c.numbers.different()
	texts, alsoExact := c.texts.different()
	return numbers + texts, exact && alsoExact
}

// ends are the least value, the quantiles, the largest value and the mean.
func (s *readableStats) ends(col *column.Column, c *columnStats) []string {
	cells := make([]string, len(shares)+3)
	last := len(cells) - 2
	switch {
	case c.values == 0:
		return cells
	case wordy(col.Type):
		cells[0], cells[last] = quotedIfEmpty(c.leastText), quotedIfEmpty(c.mostText)
		return cells
	}
	cells[0], cells[last] = s.number(col, c.least), s.number(col, c.most)
	ranks, wrong := c.ranks()
	for i, n := range ranks {
		if cells[1+i] = s.number(col, n); wrong > 0 {
			cells[1+i] = "~" + cells[1+i]
		}
	}
	if averaged(col) {
		cells[last+1] = shortFloat(c.sum / float64(c.values))
	}
	return cells
}

// quotedIfEmpty tells an empty text from none.
func quotedIfEmpty(s string) string {
	if s == "" {
		return `""`
	}
	return s
}

// top are the values that occur most often.
func (s *readableStats) top(col *column.Column, c *columnStats) string {
	if c.unique() {
		return ""
	}
	var b strings.Builder
	add := func(value string, times, forgotten int64) {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(quotedIfEmpty(value))
		b.WriteString([]string{" ×", " ≥"}[min(1, forgotten)])
		b.WriteString(strconv.FormatInt(times, 10))
	}
	for _, v := range c.numbers.top(topValues) {
		add(s.number(col, v.value), v.times, c.numbers.forgotten)
	}
	for _, v := range c.texts.top(topValues) {
		add(v.value, v.times, c.texts.forgotten)
	}
	return b.String()
}

// unique reports whether no value occurs twice, so that none is more frequent.
func (c *columnStats) unique() bool {
	n, exact := c.different()
	return exact && n == c.values && n > 1
}

// number renders a number of a column.
func (s *readableStats) number(col *column.Column, n int64) string {
	switch {
	case col.Type == column.Double:
		return shortFloat(fromOrderedBits(n))
	case col.Type == column.Timestamp:
		return formatMicros(n)
	case s.utc && isInstant(col):
		return string(appendNanos(nil, n))
	}
	return strconv.FormatInt(n, 10)
}

// exact renders a number so that it reads back as the same.
func (s *readableStats) exact(col *column.Column, n int64) string {
	if col.Type == column.Double {
		return strconv.FormatFloat(fromOrderedBits(n), 'g', -1, 64)
	}
	return s.number(col, n)
}

// shortFloat has the digits that people read.
func shortFloat(f float64) string { return strconv.FormatFloat(f, 'g', 6, 64) }

func formatMicros(n int64) string {
	return time.UnixMicro(n).UTC().Format("2006-01-02T15:04:05.000000Z")
}

// wordy reports whether values are counted as text.
func wordy(t column.Type) bool {
	return isText(t) || t == column.Binary || t == column.ListString
}

// averaged reports whether a mean makes sense.
func averaged(col *column.Column) bool {
	return !wordy(col.Type) && col.Type != column.Timestamp && !isInstant(col)
}

// isInstant reports whether a column holds nanoseconds since 1970.
func isInstant(col *column.Column) bool {
	return col.Type == column.Int64 && col.Unit == column.EpochNano
}
