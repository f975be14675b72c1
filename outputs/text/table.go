package text

import (
	"encoding/hex"
	"io"
	"strconv"
	"strings"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// Table writes rows in aligned columns for a terminal: numbers to the right,
// everything else to the left, values that are too long cut with a visible …
// (numbers never are). The first TableConfig.Sample rows set the widths. It belongs to one goroutine.
type Table struct {
	output
	cfg    TableConfig
	sample [][]string // rows held back until the widths are known
	widths []int      // nil until then; of the columns that are shown
	cell   []byte     // scratch
}

// gap separates columns.
const gap = "  "

// NewTable returns a writer of aligned text to w, which stays the caller's to close.
func NewTable(w io.Writer, schema *column.Schema, cfg TableConfig) (*Table, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Table{output: newOutput(w, schema), cfg: cfg}, nil
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
	if hidden := t.schema.Columns[len(t.widths):]; len(hidden) > 0 {
		t.buf = append(t.buf, "… not shown:"...)
		for i := range hidden {
			t.buf = append(append(t.buf, ' '), hidden[i].Name...)
		}
		t.buf = append(t.buf, '\n')
	}
	return t.output.Close()
}

// render returns the cells of one row, each cut to the configured width.
func (t *Table) render(b *batch.Batch, row int) []string {
	cells := make([]string, len(b.Vectors))
	for i := range b.Vectors {
		t.cell = t.appendValue(t.cell[:0], i, &b.Vectors[i], row)
		cells[i] = string(t.cell)
		if !rightAligned(t.schema.Columns[i].Type) {
			cells[i] = Truncate(cells[i], t.cfg.Cell)
		}
	}
	return cells
}

func (t *Table) appendValue(dst []byte, col int, v *batch.Vector, row int) []byte {
	if v.Null(row) {
		return append(dst, t.cfg.Null...)
	}
	switch typ := t.schema.Columns[col].Type; typ {
	case column.Int64:
		return strconv.AppendInt(dst, v.Int64[row], 10)
	case column.Int32:
		return strconv.AppendInt(dst, int64(v.Int32[row]), 10)
	case column.Double:
		return appendDouble(dst, v.Float64[row])
	case column.Timestamp:
		return appendTimestamp(dst, v.Int64[row])
	case column.String, column.Text:
		if v.Dict != nil {
			return append(dst, t.dicts[col].of(v.Dict, AppendEscaped)[v.Codes[row]]...)
		}
		return AppendEscaped(dst, v.Bytes[v.Offsets[row]:v.Offsets[row+1]])
	case column.Binary:
		return hex.AppendEncode(dst, bytesAt(v, row))
	default:
		return appendList(dst, typ, v, row)
	}
}

// start fixes the widths from the sample, then writes the header and the sample.
func (t *Table) start() {
	header := make([]string, len(t.schema.Columns))
	rule := make([]string, len(header))
	t.widths = make([]int, len(header))
	for i := range header {
		header[i] = Escape(t.schema.Columns[i].Name)
		t.widths[i] = Width(header[i])
		for _, cells := range t.sample {
			t.widths[i] = max(t.widths[i], Width(cells[i]))
		}
		rule[i] = strings.Repeat("-", t.widths[i])
	}
	t.widths = t.widths[:t.fitting()]
	t.appendLine(header)
	t.appendLine(rule)
	for _, cells := range t.sample {
		t.appendLine(cells)
	}
	t.sample = nil
}

// fitting returns how many columns fit into a line, at least one.
func (t *Table) fitting() int {
	used := 0
	for i, w := range t.widths {
		used += w
		if i > 0 {
			used += len(gap)
		}
		if t.cfg.Width > 0 && used > t.cfg.Width {
			return max(i, 1)
		}
	}
	return len(t.widths)
}

// appendLine writes the shown cells of one row, without spaces at the line's end.
func (t *Table) appendLine(cells []string) {
	for i, width := range t.widths {
		if i > 0 {
			t.buf = append(t.buf, gap...)
		}
		cell := cells[i]
		if rightAligned(t.schema.Columns[i].Type) {
			t.buf = append(appendSpaces(t.buf, width-Width(cell)), cell...)
			continue
		}
		cell = Truncate(cell, width)
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

func rightAligned(typ column.Type) bool {
	return typ == column.Int64 || typ == column.Int32 || typ == column.Double
}
