package parquetfile

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/format"

	"pcapmill/features/batch"
)

// maxBatchText bounds the text of one column in one batch, so that a dictionary
// of a few long words cannot be blown up.
const maxBatchText = 1 << 28

// maxHeld bounds the pages and batches of all columns that are read at a time: a few bytes can
// stand for millions of values, and columns can be thousands.
const maxHeld = 4 << 30

// share is what is held of that for one column, which never becomes less.
type share struct {
	left *int64 // for all columns
	held int64
}

// hold takes what n bytes are more than was held.
func (s *share) hold(n int64) error {
	if n > s.held {
		*s.left -= n - s.held
		s.held = n
	}
	if *s.left < 0 {
		return fmt.Errorf("%w: the columns take more than %d bytes at a time", ErrLimit, int64(maxHeld))
	}
	return nil
}

// cursor moves through the rows of one column chunk.
type cursor struct {
	pages *pageReader
	slot  int // next slot of the page
	value int // next value of the page
	words map[string]int32
	text  int64 // bytes of words
	batch share
}

func newCursor(pages *pageReader) *cursor {
	return &cursor{pages: pages, batch: share{left: pages.held.left}}
}

// fill appends the next rows to v; the chunk must have as many.
func (c *cursor) fill(v *batch.Vector, rows int) error {
	if c.pages.list {
		return c.fillLists(v, rows)
	}
	if c.pages.kind == format.ByteArray && len(v.Offsets) == 0 {
		v.Offsets = append(v.Offsets, 0)
	}
	for rows > 0 {
		if err := c.more(); err != nil {
			return missing(err)
		}
		n := min(rows, c.pages.page.slots-c.slot)
		var definition []byte
		if c.pages.optional {
			definition = c.pages.page.definition[c.slot : c.slot+n]
			v.Valid = append(v.Valid, definition...)
		}
		if err := c.take(v, n, definition); err != nil {
			return err
		}
		c.slot += n
		rows -= n
	}
	return nil
}

// more makes sure that the page has a slot left.
func (c *cursor) more() error {
	for c.slot == c.pages.page.slots {
		if err := c.pages.next(); err != nil {
			return err
		}
		c.slot, c.value = 0, 0
	}
	return nil
}

// missing turns the end of the pages into an error.
func missing(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: fewer rows than the footer says", ErrFormat)
	}
	return err
}

// finish verifies that no rows are left over.
func (c *cursor) finish() error {
	err := c.more()
	switch {
	case err == nil:
		return fmt.Errorf("%w: more rows than the footer says", ErrFormat)
	case errors.Is(err, io.EOF):
		return nil
	}
	return err
}

// take appends n slots of the page to v, a zero for each null.
func (c *cursor) take(v *batch.Vector, n int, definition []byte) error {
	p := &c.pages.page
	values := n
	if definition != nil {
		values = 0
		for _, d := range definition {
			values += int(d)
		}
	}
	from, to := c.value, c.value+values
	c.value = to
	switch c.pages.kind {
	case format.Int64:
		v.Int64 = spread(v.Int64, p.int64s[from:to], definition)
	case format.Int32:
		v.Int32 = spread(v.Int32, p.int32s[from:to], definition)
	case format.Double:
		v.Float64 = spread(v.Float64, p.doubles[from:to], definition)
	default:
		return c.takeText(v, p.spans[from:to], definition)
	}
	return nil
}

// spread appends values with zeros where the definition level is 0.
func spread[T any](dst, values []T, definition []byte) []T {
	if definition == nil {
		return append(dst, values...)
	}
	var zero T
	for _, d := range definition {
		if d == 0 {
			dst = append(dst, zero)
			continue
		}
		dst = append(dst, values[0])
		values = values[1:]
	}
	return dst
}

func (c *cursor) takeText(v *batch.Vector, spans []span, definition []byte) error {
	if definition != nil {
		spans = spread(nil, spans, definition)
	}
	for _, s := range spans {
		word := c.pages.page.text[s.from:s.to]
		if len(v.Bytes)+len(word) > maxBatchText {
			return fmt.Errorf("%w: more than %d bytes of text in %d rows", ErrLimit, maxBatchText, readRows)
		}
		v.Bytes = append(v.Bytes, word...)
		v.Offsets = append(v.Offsets, int32(len(v.Bytes)))
	}
	return c.batch.hold(int64(len(v.Bytes)))
}

// fillLists appends the next rows of a list column; a row may go on in the next
// page.
func (c *cursor) fillLists(v *batch.Vector, rows int) error {
	if len(v.Offsets) == 0 {
		v.Offsets = append(v.Offsets, 0)
	}
	if c.words == nil {
		c.words = make(map[string]int32)
	}
	if c.pages.kind == format.ByteArray && len(v.Codes) == 0 {
		v.Dict, c.text = nil, 0 // a new batch
		clear(c.words)
	}
	full := c.pages.maxDefinition()
	elements, begun := 0, 0
	for {
		err := c.more()
		if errors.Is(err, io.EOF) && begun == rows {
			break
		}
		if err != nil {
			return missing(err)
		}
		if c.slot == 0 {
			if err := c.batch.hold(int64(elements)*elementBytes + c.text); err != nil {
				return err
			}
		}
		p := &c.pages.page
		if p.repetition[c.slot] == 0 {
			if begun == rows {
				break
			}
			if begun > 0 {
				v.Offsets = append(v.Offsets, int32(elements))
			}
			begun++
			if c.pages.optional {
				v.Valid = append(v.Valid, min(1, p.definition[c.slot]))
			}
		} else if begun == 0 {
			return fmt.Errorf("%w: a page begins inside a list", ErrFormat)
		}
		if p.definition[c.slot] == full {
			if elements++; elements > maxPageValues {
				return fmt.Errorf("%w: more than %d list elements in %d rows", ErrLimit, maxPageValues, readRows)
			}
			if err := c.takeElement(v); err != nil {
				return err
			}
		}
		c.slot++
	}
	v.Offsets = append(v.Offsets, int32(elements))
	return nil
}

// elementBytes is what an element of a list takes in a batch, besides its text.
const elementBytes = 8

func (c *cursor) takeElement(v *batch.Vector) error {
	p := &c.pages.page
	switch c.pages.kind {
	case format.Int64:
		v.Int64 = append(v.Int64, p.int64s[c.value])
	case format.Int32:
		v.Int32 = append(v.Int32, p.int32s[c.value])
	default:
		s := p.spans[c.value]
		word := p.text[s.from:s.to]
		code, known := c.words[string(word)]
		if !known {
			if c.text += int64(len(word)); c.text > maxBatchText {
				return fmt.Errorf("%w: more than %d bytes of text in %d rows", ErrLimit, maxBatchText, readRows)
			}
			code = int32(len(v.Dict))
			v.Dict = append(v.Dict, string(word))
			c.words[v.Dict[code]] = code
		}
		v.Codes = append(v.Codes, code)
	}
	c.value++
	return nil
}
