package text

import (
	"bytes"
	"encoding/hex"
	"io"
	"strconv"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// CSV writes a table as separated values. It belongs to one goroutine.
type CSV struct {
	output
	cfg CSVConfig
}

// NewCSV returns a writer of separated values to w, which stays the caller's to close.
func NewCSV(w io.Writer, schema *column.Schema, cfg CSVConfig) (*CSV, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	c := &CSV{output: newOutput(w, schema), cfg: cfg}
	if cfg.Header {
		c.appendHeader()
	}
	return c, nil
}

func (c *CSV) appendHeader() {
	for i := range c.schema.Columns {
		if i > 0 {
			c.buf = append(c.buf, c.cfg.Comma)
		}
		c.buf = c.appendText(c.buf, []byte(c.schema.Columns[i].Name))
	}
	c.buf = append(c.buf, '\n')
}

// Write appends the rows of b, which it neither changes nor keeps. The first
// error is final.
func (c *CSV) Write(b *batch.Batch) error {
	if err := c.accept(b); err != nil {
		return err
	}
	for row := range b.Rows {
		for i := range b.Vectors {
			if i > 0 {
				c.buf = append(c.buf, c.cfg.Comma)
			}
			c.appendCell(i, &b.Vectors[i], row)
		}
		c.buf = append(c.buf, '\n')
		c.rows++
		if err := c.spill(); err != nil {
			return err
		}
	}
	return nil
}

func (c *CSV) appendCell(col int, v *batch.Vector, row int) {
	if v.Null(row) {
		return
	}
	switch c.schema.Columns[col].Type {
	case column.Int64:
		c.buf = strconv.AppendInt(c.buf, v.Int64[row], 10)
	case column.Int32:
		c.buf = strconv.AppendInt(c.buf, int64(v.Int32[row]), 10)
	case column.Double:
		c.buf = appendDouble(c.buf, v.Float64[row])
	case column.Timestamp:
		c.buf = c.quoteIfNeeded(AppendTimestamp(c.buf, v.Int64[row]), len(c.buf))
	case column.String, column.Text:
		if v.Dict != nil {
			c.buf = append(c.buf, c.dicts[col].of(v.Dict, c.appendText)[v.Codes[row]]...)
			return
		}
		c.buf = c.appendText(c.buf, v.Bytes[v.Offsets[row]:v.Offsets[row+1]])
	case column.Binary:
		c.buf = appendBinary(c.buf, bytesAt(v, row))
	default:
		c.buf = c.quoteIfNeeded(AppendList(c.buf, c.schema.Columns[col].Type, v, row), len(c.buf))
	}
}

// appendText appends a text cell: escaped, disarmed and quoted as configured.
func (c *CSV) appendText(dst, s []byte) []byte {
	start := len(dst)
	switch {
	case len(s) == 0:
		return append(dst, '"', '"')
	case c.cfg.Raw:
		dst = append(dst, s...)
	default:
		if startsFormula(s) {
			dst = append(dst, '\'')
		}
		dst = AppendEscaped(dst, s)
	}
	return c.quoteIfNeeded(dst, start)
}

// appendBinary appends a cell of bytes in hexadecimal.
func appendBinary(dst, b []byte) []byte {
	if len(b) == 0 {
		return append(dst, '"', '"')
	}
	return hex.AppendEncode(dst, b)
}

// startsFormula reports whether a spreadsheet could take s for a formula, or
// whether it starts with the apostrophe that marks those that were disarmed.
func startsFormula(s []byte) bool {
	switch s[0] {
	case '=', '+', '-', '@', '\t', '\r', '\n', '\'':
		return true
	}
	for _, wideForm := range []string{"＝", "＋", "－", "＠"} {
		if bytes.HasPrefix(s, []byte(wideForm)) {
			return true
		}
	}
	return false
}

// quoteIfNeeded puts the cell dst[start:] into quotes where RFC 4180 asks for it.
func (c *CSV) quoteIfNeeded(dst []byte, start int) []byte {
	quotes, special := 0, false
	for _, b := range dst[start:] {
		switch b {
		case '"':
			quotes++
		case c.cfg.Comma, '\n', '\r':
			special = true
		}
	}
	if quotes == 0 && !special {
		return dst
	}
	return quoteTail(dst, start, quotes)
}

// quoteTail quotes dst[start:] in place, working from the end so that no byte is
// overwritten before it has moved.
func quoteTail(dst []byte, start, quotes int) []byte {
	from := len(dst) - 1
	for range quotes + 2 {
		dst = append(dst, '"')
	}
	to := len(dst) - 2
	for ; from >= start; from-- {
		dst[to] = dst[from]
		to--
		if dst[from] == '"' {
			dst[to] = '"'
			to--
		}
	}
	dst[start] = '"'
	return dst
}
