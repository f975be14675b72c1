package show

import (
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/text"
	"pcapmill/outputs/where"
)

// statsWriter writes a line a column.
type statsWriter interface {
	write(col *column.Column, c *columnStats) error
	close() error
}

func newStatsWriter(o *Options, w io.Writer) statsWriter {
	if o.Format != FormatTable && o.Format != FormatText {
		return newTypedStats(o, w)
	}
	return &readableStats{o: *o, w: w}
}

// readableStats are for people: all values are text.
type readableStats struct {
	o    Options
	w    io.Writer
	rows [][]string
	left []string // columns for which a line has no room
}

// statsColumns are the columns for people.
var statsColumns = slices.Concat([]string{"column", "type", "unit", "values", "nulls", "distinct", "min"}, quantileNames, []string{"max", "mean", "top"})

// dispensable are the columns that are left out first where a line has no room.
var dispensable = []string{"p05", "p99", "p25", "p75", "unit", "p95", "type", "values", "mean", "p50"}

// whenNull is said of columns of statistics that can be null.
const whenNull = "there is none"

func (s *readableStats) write(col *column.Column, c *columnStats) error {
	row := []string{col.Name, col.Type.String(), string(col.Unit), strconv.FormatInt(c.values, 10), strconv.FormatInt(c.nulls, 10), c.distinct()}
	row = append(row, s.ends(col, c)...)
	s.rows = append(s.rows, append(row, s.top(col, c)))
	return nil
}

func (s *readableStats) close() error {
	shown := s.fitting()
	schema := &column.Schema{Table: "statistics", Version: 1}
	for _, i := range shown {
		schema.Columns = append(schema.Columns, column.Column{Name: statsColumns[i], Type: column.Text, Doc: statsColumns[i], Null: whenNull})
	}
	out, err := s.open(schema)
	if err != nil {
		return err
	}
	b := batch.New(schema)
	b.Rows = len(s.rows)
	for at, i := range shown {
		v := &b.Vectors[at]
		for _, row := range s.rows {
			v.AppendText([]byte(row[i]))
			v.Valid = append(v.Valid, valid(row[i] != ""))
		}
	}
	if err := out.Write(b); err != nil {
		return err
	}
	return out.Close()
}

func (s *readableStats) open(schema *column.Schema) (writer, error) {
	if s.o.Format == FormatText {
		return text.NewPages(s.w, schema), nil
	}
	cfg := tableConfig(&s.o)
	cfg.Right = slices.Concat([]string{"values", "nulls", "distinct", "min", "max", "mean"}, quantileNames)
	return text.NewTable(s.w, schema, cfg)
}

// fitting returns the columns that a line has room for.
func (s *readableStats) fitting() []int {
	shown := make([]int, len(statsColumns))
	width := make([]int, len(statsColumns))
	for i, name := range statsColumns {
		shown[i], width[i] = i, len(name)
		for _, row := range s.rows {
			width[i] = max(width[i], text.Width(text.Escape(row[i])))
		}
	}
	width[len(width)-1] = len("top") + statsCell // may be cut
	for _, name := range dispensable {
		room := 2 * (len(shown) - 1) // between them
		for _, i := range shown {
			room += width[i]
		}
		if !s.narrow() || room <= s.o.Width {
			break
		}
		i := slices.Index(statsColumns, name)
		shown = slices.DeleteFunc(shown, func(j int) bool { return i == j })
		s.left = append(s.left, name)
	}
	return shown
}

// statsCell is the cells that the least and the largest text may take on a terminal.
const statsCell = 16

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
		cells[0], cells[last] = s.word(c.leastText), s.word(c.mostText)
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

// word renders a text; it tells an empty one from none.
func (s *readableStats) word(t string) string {
	if t == "" {
		return `""`
	}
	if s.narrow() {
		return cut(t, statsCell)
	}
	return t
}

// cut returns at most so many characters of a text that may be anything.
func cut(t string, most int) string {
	n := 0
	for i := range t {
		if n++; n > most {
			return t[:i] + "…"
		}
	}
	return t
}

// narrow reports whether a line's room is limited.
func (s *readableStats) narrow() bool { return s.o.Width > 0 && s.o.Format == FormatTable }

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
		b.WriteString(value)
		b.WriteString([]string{" ×", " ≥"}[min(1, forgotten)])
		b.WriteString(strconv.FormatInt(times, 10))
	}
	for _, v := range c.numbers.top(topValues) {
		add(s.number(col, v.value), v.times, c.numbers.forgotten)
	}
	for _, v := range c.texts.top(topValues) {
		add(s.word(v.value), v.times, c.texts.forgotten)
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
	case col.Type == column.Timestamp && s.narrow():
		return time.UnixMicro(n).UTC().Format(time.RFC3339)
	case col.Type == column.Timestamp:
		return formatMicros(n)
	case s.o.UTC && isInstant(col):
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

// shortFloat has the digits that people read: six, and no exponent where there are
// more before the point.
func shortFloat(f float64) string {
	const six, long = 1e6, 1e18
	if size := math.Abs(f); size >= six && size < long {
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	return strconv.FormatFloat(f, 'g', 6, 64)
}

func formatMicros(n int64) string {
	return time.UnixMicro(n).UTC().Format("2006-01-02T15:04:05.000000Z")
}

// wordy reports whether values are counted as text.
func wordy(t column.Type) bool {
	return where.IsText(t) || t == column.Binary || t == column.ListString
}

// averaged reports whether a mean makes sense.
func averaged(col *column.Column) bool {
	return !wordy(col.Type) && col.Type != column.Timestamp && !isInstant(col)
}

// isInstant reports whether a column holds nanoseconds since 1970.
func isInstant(col *column.Column) bool {
	return col.Type == column.Int64 && col.Unit == column.EpochNano
}
