package text

import (
	"fmt"
	"io"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/fit"
)

// flushAt is the size at which buffered rows go to the underlying writer: large
// enough that a write costs little per row.
const flushAt = 64 << 10

// output is what the row writers share: the table, a buffer, and the first error,
// which every later call returns again.
type output struct {
	w      io.Writer
	schema *column.Schema
	buf    []byte
	dicts  []dictCells
	rows   int64
	err    error
	closed bool
}

func newOutput(w io.Writer, schema *column.Schema) output {
	return output{w: w, schema: schema, buf: make([]byte, 0, flushAt+4096), dicts: make([]dictCells, len(schema.Columns))}
}

// accept reports whether b can be written, remembering the error if not.
func (o *output) accept(b *batch.Batch) error {
	switch {
	case o.closed:
		return fmt.Errorf("%w: table %s", ErrClosed, o.schema.Table)
	case o.err == nil:
		if err := fit.Check(o.schema, b); err != nil {
			o.err = err
		}
	}
	return o.err
}

// spill hands the buffer on once it is large.
func (o *output) spill() error {
	if len(o.buf) < flushAt {
		return nil
	}
	return o.flush()
}

func (o *output) flush() error {
	if o.err != nil || len(o.buf) == 0 {
		return o.err
	}
	n, err := o.w.Write(o.buf)
	if err == nil && n < len(o.buf) {
		err = io.ErrShortWrite
	}
	if err != nil {
		o.err = fmt.Errorf("table %s: %w", o.schema.Table, err)
	}
	o.buf = o.buf[:0]
	return o.err
}

// Close writes what is buffered. It does not close the underlying writer. A
// second Close returns what the first did.
func (o *output) Close() error {
	o.closed = true
	return o.flush()
}

// Rows returns the number of rows accepted so far.
func (o *output) Rows() int64 { return o.rows }

// dictCells keeps the finished cells of a column's dictionary: its words are few
// and fixed, so each is escaped and quoted once and not once a row.
type dictCells struct {
	words []string
	cells [][]byte
}

// of returns the cells for words, rendering those that are new. A dictionary that
// only grew keeps what it has.
func (d *dictCells) of(words []string, render func(dst, word []byte) []byte) [][]byte {
	if !sameStart(d.words, words) {
		d.cells = d.cells[:0]
	}
	for len(d.cells) < len(words) {
		d.cells = append(d.cells, render(nil, []byte(words[len(d.cells)])))
	}
	d.words = words
	return d.cells
}

// sameStart reports whether old is a prefix of words by identity: the same array.
func sameStart(old, words []string) bool {
	return len(old) > 0 && len(words) >= len(old) && &old[0] == &words[0]
}
