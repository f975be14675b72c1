package text

import (
	"io"
	"strconv"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// Pages writes a line a value, its column's name before it, and a line with the
// row's number above each row: for tables with more columns than fit into a line.
// Nothing is cut. It belongs to one goroutine.
type Pages struct {
	output
	names []string // of one width
}

// NewPages returns a writer of such rows to w, which stays the caller's to close.
func NewPages(w io.Writer, schema *column.Schema) *Pages {
	p := &Pages{output: newOutput(w, schema), names: make([]string, len(schema.Columns))}
	width := 0
	for i := range p.names {
		p.names[i] = Escape(schema.Columns[i].Name)
		width = max(width, Width(p.names[i]))
	}
	for i, name := range p.names {
		p.names[i] = string(appendSpaces([]byte(name), width-Width(name)+len(gap)))
	}
	return p
}

// Write appends the rows of b, which it neither changes nor keeps. The first
// error is final.
func (p *Pages) Write(b *batch.Batch) error {
	if err := p.accept(b); err != nil {
		return err
	}
	for row := range b.Rows {
		if p.rows > 0 {
			p.buf = append(p.buf, '\n')
		}
		p.rows++
		p.buf = append(p.buf, "-- row "...)
		p.buf = append(strconv.AppendInt(p.buf, p.rows, 10), " --\n"...)
		for i := range b.Vectors {
			p.buf = append(p.buf, p.names[i]...)
			p.buf = p.appendReadable(p.buf, i, &b.Vectors[i], row, nullMark, emptyMark)
			p.buf = append(p.buf, '\n')
		}
		if err := p.spill(); err != nil {
			return err
		}
	}
	return nil
}
