package text

import (
	"encoding/hex"
	"io"
	"math"
	"strconv"
	"unicode/utf8"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// JSONL writes one JSON object a row. It belongs to one goroutine.
type JSONL struct {
	output
	keys []string // `{"first":` then `,"second":` …
}

// NewJSONL returns a writer of JSON lines to w, which stays the caller's to close.
func NewJSONL(w io.Writer, schema *column.Schema) *JSONL {
	j := &JSONL{output: newOutput(w, schema), keys: make([]string, len(schema.Columns))}
	lead := byte('{')
	for i := range schema.Columns {
		key := AppendJSONString([]byte{lead}, []byte(schema.Columns[i].Name))
		j.keys[i], lead = string(append(key, ':')), ','
	}
	return j
}

// Write appends the rows of b, which it neither changes nor keeps. The first
// error is final.
func (j *JSONL) Write(b *batch.Batch) error {
	if err := j.accept(b); err != nil {
		return err
	}
	for row := range b.Rows {
		for i := range b.Vectors {
			j.buf = append(j.buf, j.keys[i]...)
			j.appendValue(i, &b.Vectors[i], row)
		}
		if len(b.Vectors) == 0 {
			j.buf = append(j.buf, '{')
		}
		j.buf = append(j.buf, '}', '\n')
		j.rows++
		if err := j.spill(); err != nil {
			return err
		}
	}
	return nil
}

func (j *JSONL) appendValue(col int, v *batch.Vector, row int) {
	if v.Null(row) {
		j.buf = append(j.buf, "null"...)
		return
	}
	switch j.schema.Columns[col].Type {
	case column.Int64:
		j.buf = strconv.AppendInt(j.buf, v.Int64[row], 10)
	case column.Int32:
		j.buf = strconv.AppendInt(j.buf, int64(v.Int32[row]), 10)
	case column.Double:
		j.buf = appendJSONDouble(j.buf, v.Float64[row])
	case column.Timestamp:
		j.buf = append(AppendTimestamp(append(j.buf, '"'), v.Int64[row]), '"')
	case column.String, column.Text:
		if v.Dict != nil {
			j.buf = append(j.buf, j.dicts[col].of(v.Dict, AppendJSONString)[v.Codes[row]]...)
			return
		}
		j.buf = AppendJSONString(j.buf, v.Bytes[v.Offsets[row]:v.Offsets[row+1]])
	case column.Binary:
		j.buf = append(hex.AppendEncode(append(j.buf, '"'), bytesAt(v, row)), '"')
	default:
		j.buf = AppendList(j.buf, j.schema.Columns[col].Type, v, row)
	}
}

// AppendList appends row row of a list vector as a JSON array.
func AppendList(dst []byte, typ column.Type, v *batch.Vector, row int) []byte {
	dst = append(dst, '[')
	from, to := v.Offsets[row], v.Offsets[row+1]
	for i := from; i < to; i++ {
		if i > from {
			dst = append(dst, ',')
		}
		switch typ {
		case column.ListInt64:
			dst = strconv.AppendInt(dst, v.Int64[i], 10)
		case column.ListInt32:
			dst = strconv.AppendInt(dst, int64(v.Int32[i]), 10)
		case column.ListString:
			dst = AppendJSONString(dst, []byte(v.Dict[v.Codes[i]]))
		}
	}
	return append(dst, ']')
}

func appendJSONDouble(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(appendDouble(append(dst, '"'), f), '"')
	}
	return appendDouble(dst, f)
}

// AppendJSONString appends s as a JSON string in which only printable characters
// stand for themselves. Bytes that are no UTF-8, which JSON cannot say, become \xNN.
func AppendJSONString(dst, s []byte) []byte {
	dst = append(dst, '"')
	for len(s) > 0 {
		n := plainJSON(s)
		dst, s = append(dst, s[:n]...), s[n:]
		if len(s) == 0 {
			break
		}
		r, size := utf8.DecodeRune(s)
		dst = appendJSONRune(dst, r, size, s[0])
		s = s[size:]
	}
	return append(dst, '"')
}

func plainJSON(s []byte) int {
	for i, c := range s {
		if !plain(c) || c == '"' {
			return i
		}
	}
	return len(s)
}

func appendJSONRune(dst []byte, r rune, size int, first byte) []byte {
	switch {
	case first == '"' || first == '\\':
		return append(dst, '\\', first)
	case first == '\n':
		return append(dst, '\\', 'n')
	case first == '\r':
		return append(dst, '\\', 'r')
	case first == '\t':
		return append(dst, '\\', 't')
	case r == utf8.RuneError && size == 1: // no UTF-8: JSON has no way to say it, so as visible text
		return append(dst, '\\', '\\', 'x', hexDigits[first>>4], hexDigits[first&15])
	case r >= 0x80 && strconv.IsPrint(r):
		return utf8.AppendRune(dst, r)
	case r > 0xffff:
		r -= 0x10000
		return appendUTF16(appendUTF16(dst, 0xd800+r>>10), 0xdc00+r&0x3ff)
	default:
		return appendUTF16(dst, r)
	}
}

func appendUTF16(dst []byte, unit rune) []byte {
	return append(dst, '\\', 'u', hexDigits[unit>>12&15], hexDigits[unit>>8&15], hexDigits[unit>>4&15], hexDigits[unit&15])
}
