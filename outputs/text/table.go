package text

import (
	"encoding/hex"
	"io"
	"slices"
	"strconv"
	"strings"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// Table writes rows in aligned columns for a terminal: numbers to the right,
// everything else to the left, values that are too long cut with a visible …
// (numbers and times never are). The first TableConfig.Sample rows set the widths. It belongs
// to one goroutine.
type Table struct {
	output
	cfg    TableConfig
	sample [][]string // rows held back until the widths are known
	widths []int      // nil until then; of the columns that are shown
	right  []bool     // which columns are aligned to the right
	cell   []byte     // scratch
}

// gap separates columns.
const gap = "  "

// NewTable returns a writer of aligned text to w, which stays the caller's to close.
func NewTable(w io.Writer, schema *column.Schema, cfg TableConfig) (*Table, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Table{output: newOutput(w, schema), cfg: cfg, right: rightAligned(schema, cfg.Right)}, nil
}

// Write appends the rows of b, which it neither changes nor keeps. The first
// error is final.
func (t *Table) Write(b *batch.Batch) error {
	if err := t.accept(b); err != nil {
		return err
	}
	for row := range b.Rows {
		cells := t.render(b, row)
		t.rows++
		if t.widths == nil {
			t.sample = append(t.sample, cells)
			if len(t.sample) >= t.cfg.Sample {
				t.start()
			}
		} else {
			t.appendLine(cells)
		}
		if err := t.spill(); err != nil {
			return err
		}
	}
	return nil
}

// Close writes what is held back and, below the table, the names of columns that
// did not fit. It does not close the underlying writer.
func (t *Table) Close() error {
	if t.closed || t.err != nil {
		return t.output.Close()
	}
	if t.widths == nil {
		t.start()
	}
	t.appendHidden()
	return t.output.Close()
}

// hiddenLines is how many lines the names of columns that did not fit may take.
const hiddenLines = 3

func (t *Table) appendHidden() {
	hidden := t.schema.Columns[len(t.widths):]
	if len(hidden) == 0 {
		return
	}
	start := len(t.buf)
	t.buf = append(t.buf, "… not shown:"...)
	for i := range hidden {
		t.buf = AppendEscaped(append(t.buf, ' '), []byte(hidden[i].Name))
		if rest := len(hidden) - i - 1; rest > 0 && len(t.buf)-start > hiddenLines*t.cfg.Width {
			t.buf = append(t.buf, " and "...)
			t.buf = append(strconv.AppendInt(t.buf, int64(rest), 10), " more"...)
			break
		}
	}
	t.buf = append(t.buf, '\n')
}

// render returns the cells of one row, none of them cut.
func (t *Table) render(b *batch.Batch, row int) []string {
	cells := make([]string, len(b.Vectors))
	for i := range b.Vectors {
		t.cell = t.appendReadable(t.cell[:0], i, &b.Vectors[i], row, t.cfg.Null, t.cfg.Empty)
		cells[i] = string(t.cell)
	}
	return cells
}

// appendReadable appends a value as people see it.
func (o *output) appendReadable(dst []byte, col int, v *batch.Vector, row int, null, empty string) []byte {
	if v.Null(row) {
		return append(dst, null...)
	}
	start := len(dst)
	switch typ := o.schema.Columns[col].Type; typ {
	case column.Int64:
		return strconv.AppendInt(dst, v.Int64[row], 10)
	case column.Int32:
		return strconv.AppendInt(dst, int64(v.Int32[row]), 10)
	case column.Double:
		return appendDouble(dst, v.Float64[row])
	case column.Timestamp:
		return AppendTimestamp(dst, v.Int64[row])
	case column.String, column.Text:
		if v.Dict != nil {
			dst = append(dst, o.dicts[col].of(v.Dict, AppendEscaped)[v.Codes[row]]...)
		} else {
			dst = AppendEscaped(dst, v.Bytes[v.Offsets[row]:v.Offsets[row+1]])
		}
	case column.Binary:
		dst = hex.AppendEncode(dst, bytesAt(v, row))
	default:
		return AppendList(dst, typ, v, row)
	}
	if len(dst) == start {
		return append(dst, empty...)
	}
	return dst
}

// start fixes the widths from the sample, then writes the header and the sample.
func (t *Table) start() {
	header := make([]string, len(t.schema.Columns))
	rule := make([]string, len(header))
	names, values := make([]int, len(header)), make([]int, len(header))
	for i := range header {
		header[i] = Escape(t.schema.Columns[i].Name)
		names[i] = Width(header[i])
		for _, cells := range t.sample {
			values[i] = max(values[i], Width(cells[i]))
		}
	}
	t.widths = t.fit(names, values)
	for i, width := range t.widths {
		rule[i] = strings.Repeat("-", width)
	}
	t.appendLine(header)
	t.appendLine(rule)
	for _, cells := range t.sample {
		t.appendLine(cells)
	}
	t.sample = nil
}

// leastCell is how far values are cut so that a line fits; further, and columns
// are left out instead.
const leastCell = 16

// fit returns the widths of the columns that fit into a line, of at least one. names
// and values are what they would like to have.
func (t *Table) fit(names, values []int) []int {
	if t.cfg.Width > 0 {
		for cell := t.cfg.Width; cell >= leastCell; cell-- {
			if widths := t.limited(names, values, cell); lineWidth(widths) <= t.cfg.Width {
				return widths
			}
		}
	}
	widths := t.limited(names, values, t.cfg.Cell)
	for n := len(widths); t.cfg.Width > 0 && n > 1 && lineWidth(widths) > t.cfg.Width; n-- {
		widths = widths[:n-1]
	}
	return widths
}

// limited returns the widths where values other than numbers take at most limit
// cells; 0: as many as they like.
func (t *Table) limited(names, values []int, limit int) []int {
	widths := make([]int, len(names))
	for i, w := range values {
		if limit > 0 && t.cuttable(i) {
			w = min(w, limit)
		}
		widths[i] = max(w, names[i])
	}
	return widths
}

func lineWidth(widths []int) int {
	n := len(gap) * max(0, len(widths)-1)
	for _, w := range widths {
		n += w
	}
	return n
}

// appendLine writes the shown cells of one row, without spaces at the line's end.
func (t *Table) appendLine(cells []string) {
	for i, width := range t.widths {
		if i > 0 {
			t.buf = append(t.buf, gap...)
		}
		cell := cells[i]
		if t.right[i] {
			t.buf = append(appendSpaces(t.buf, width-Width(cell)), cell...)
			continue
		}
		if (t.cfg.Cell > 0 || t.cfg.Width > 0) && t.cuttable(i) {
			cell = Truncate(cell, width)
		}
		t.buf = append(t.buf, cell...)
		if i < len(t.widths)-1 {
			t.buf = appendSpaces(t.buf, width-Width(cell))
		}
	}
	t.buf = append(t.buf, '\n')
}

func appendSpaces(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, ' ')
	}
	return dst
}

// cuttable reports whether values of a column may be cut: no number and no time is,
// as it would be another one then.
func (t *Table) cuttable(col int) bool {
	return !t.right[col] && t.schema.Columns[col].Type != column.Timestamp
}

// rightAligned returns which columns are aligned to the right, and not cut.
func rightAligned(schema *column.Schema, named []string) []bool {
	right := make([]bool, len(schema.Columns))
	for i := range right {
		c := &schema.Columns[i]
		number := c.Type == column.Int64 || c.Type == column.Int32 || c.Type == column.Double
		right[i] = number || slices.Contains(named, c.Name)
	}
	return right
}
