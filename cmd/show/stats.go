package show

import (
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"strings"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/where"
)

// The bounds of what statistics remember, each divided among the columns.
const (
	distinctTotal = 1_000_000 // values of all columns
	distinctLeast = 10_000    // values of a column, however many columns there are
	textTotal     = 64 << 20  // bytes of text of all columns
	textLeast     = 1 << 20
)

// topValues is the number of values that a column's line names.
const topValues = 5

// quantileNames and shares are the quantiles of a column's line.
var (
	quantileNames = []string{"p05", "p25", "p50", "p75", "p95", "p99"}
	shares        = []float64{0.05, 0.25, 0.5, 0.75, 0.95, 0.99}
)

// statistics sums up every column.
type statistics struct {
	view    *column.Schema
	out     statsWriter
	columns []columnStats
}

// columnStats are what is known of one column. Of lists it is their elements that
// count, except for nulls. Doubles are kept as whole numbers of the same order.
type columnStats struct {
	values, nulls int64
	sum           float64
	least, most   int64
	leastText     string
	mostText      string
	numbers       tally[int64]
	texts         tally[string]
	quantiles     quantiles // of all numbers once numbers is full
}

func newStatistics(o *Options, view *column.Schema, w io.Writer) *statistics {
	s := &statistics{view: view, out: newStatsWriter(o, w), columns: make([]columnStats, len(view.Columns))}
	n := max(1, len(view.Columns))
	for i := range s.columns {
		c := &s.columns[i]
		c.numbers.limit = max(distinctLeast, distinctTotal/n)
		c.texts.limit, c.texts.most = c.numbers.limit, max(textLeast, textTotal/n)
	}
	return s
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
	case column.Int64, column.Timestamp, column.Int32:
		n := where.IntegerAt(t, v, row)
		c.addNumber(n, float64(n))
	case column.Double:
		f := v.Float64[row]
		c.addNumber(orderedBits(f), f)
	case column.Binary:
		c.addText(hex.EncodeToString(where.WordAt(v, row)))
	case column.String, column.Text:
		c.addText(v.String(row))
	default:
		for i := v.Offsets[row]; i < v.Offsets[row+1]; i++ {
			switch t {
			case column.ListInt64:
				c.addNumber(v.Int64[i], float64(v.Int64[i]))
			case column.ListInt32:
				c.addNumber(int64(v.Int32[i]), float64(v.Int32[i]))
			default:
				c.addText(v.Dict[v.Codes[i]])
			}
		}
	}
}

func (c *columnStats) addNumber(n int64, f float64) {
	if c.values == 0 {
		c.least, c.most = n, n
	}
	c.least, c.most = min(c.least, n), max(c.most, n)
	c.values++
	c.sum += f
	if !c.numbers.full && c.numbers.overflows(n) {
		// What has been counted goes over to the summary before any of it is lost.
		for _, known := range c.numbers.inOrder() {
			c.quantiles.add(known.value, known.times)
		}
	}
	if c.numbers.add(n); c.numbers.full {
		c.quantiles.add(n, 1)
	}
}

func (c *columnStats) addText(s string) {
	if c.values == 0 || s < c.leastText {
		c.leastText = s
	}
	if c.values == 0 || s > c.mostText {
		c.mostText = s
	}
	c.values++
	c.texts.add(s)
}

// ranks returns the quantiles of a column of numbers that has some, and by how much
// their ranks may be wrong.
func (c *columnStats) ranks() ([]int64, float64) {
	if c.numbers.full {
		return ranked(c.quantiles.weighed(), shares), c.quantiles.wrong()
	}
	return ranked(c.numbers.inOrder(), shares), 0
}

// notes say what is not exact, and what was left out.
func (s *statistics) notes() []string {
	var notes []string
	full, wrong := false, 0.0
	for i := range s.columns {
		c := &s.columns[i]
		full = full || c.numbers.full || c.texts.full
		wrong = max(wrong, c.quantiles.wrong())
	}
	if full {
		notes = append(notes, "> and ≥: at least so many, as the column has more values than are counted one by one.")
	}
	if wrong > 0 {
		notes = append(notes, fmt.Sprintf("~: a value whose rank is right within %.2g %% of all.", 100*wrong))
	}
	if out, ok := s.out.(*readableStats); ok && len(out.left) > 0 {
		notes = append(notes, "No room for "+strings.Join(out.left, ", ")+": --format text shows all.")
	}
	return notes
}

func (s *statistics) close() error {
	for i := range s.columns {
		if err := s.out.write(&s.view.Columns[i], &s.columns[i]); err != nil {
			return err
		}
	}
	return s.out.close()
}

// orderedBits maps doubles to whole numbers of the same order, both zeros to one, and so
// all that are NaN, behind the others.
func orderedBits(f float64) int64 {
	switch {
	case f == 0:
		f = 0 // of either sign
	case math.IsNaN(f):
		f = math.NaN()
	}
	n := int64(math.Float64bits(f)) //nolint:gosec // the bits
	if n < 0 {
		n ^= math.MaxInt64
	}
	return n
}

// fromOrderedBits is the inverse of orderedBits.
func fromOrderedBits(n int64) float64 {
	if n < 0 {
		n ^= math.MaxInt64
	}
	return math.Float64frombits(uint64(n)) //nolint:gosec // the bits
}
