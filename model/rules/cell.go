package rules

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"time"
	"unicode/utf8"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/where"
)

// Field is a column's name and value in an alert.
type Field struct {
	Name   string
	Value  string // of instants RFC 3339 in UTC, of bytes hexadecimal digits, of lists elements with commas
	Number bool   // whether Value is one, as JSON has it
	Null   bool
	exact  uint64 // of a list whose Value other lists have too: a hash of its elements; else 0
}

// maxValue bounds a value in an alert. Of a longer one the beginning is kept, and a hash that
// tells it from others with the same.
const maxValue = 1024

// fieldAt reads a value.
func fieldAt(col *column.Column, v *batch.Vector, row int) Field {
	f := Field{Name: col.Name}
	if v.Null(row) {
		f.Null = true
		return f
	}
	switch t := col.Type; {
	case t == column.Timestamp:
		f.Value = instant(time.UnixMicro(v.Int64[row]))
	case col.Unit == column.EpochNano && where.IsInteger(t):
		f.Value = instant(time.Unix(0, where.IntegerAt(t, v, row)))
	case where.IsInteger(t):
		f.Value, f.Number = strconv.FormatInt(where.IntegerAt(t, v, row), 10), true
	case t == column.Double:
		f.Value, f.Number = formatNumber(v.Float64[row]), finite(v.Float64[row])
	case t == column.Binary:
		f.Value = shortened(hex.EncodeToString(where.WordAt(v, row)))
	case where.IsList(t):
		f.Value = shortened(joined(t, v, row))
		f.exact = exactly(t, v, row)
	default:
		f.Value = shortened(string(where.WordAt(v, row)))
	}
	return f
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// formatNumber writes a number with all its digits, and with an exponent only where it is
// very large or small.
func formatNumber(x float64) string {
	const least, most = 1e-6, 1e18
	if size := math.Abs(x); size == 0 || size >= least && size < most {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

func joined(t column.Type, v *batch.Vector, row int) string {
	var s []byte
	for at := v.Offsets[row]; at < v.Offsets[row+1]; at++ {
		if at > v.Offsets[row] {
			s = append(s, between...)
		}
		s = appendElement(s, t, v, at)
	}
	return string(s)
}

// between are the elements of a list.
const between = ", "

// exactly is what tells a list from others that are joined to the same text: of ones with an
// element that is empty, or looks like several. Others need none.
func exactly(t column.Type, v *batch.Vector, row int) uint64 {
	var all, element []byte
	same := false
	for at := v.Offsets[row]; at < v.Offsets[row+1]; at++ {
		element = appendElement(element[:0], t, v, at)
		same = same || len(element) == 0 || bytes.Contains(element, []byte(between))
		all = append(binary.AppendUvarint(all, uint64(len(element))), element...)
	}
	if !same {
		return 0
	}
	hash := sha256.Sum256(all)
	return max(1, binary.BigEndian.Uint64(hash[:]))
}

func appendElement(s []byte, t column.Type, v *batch.Vector, at int32) []byte {
	switch t {
	case column.ListInt64:
		return strconv.AppendInt(s, v.Int64[at], 10)
	case column.ListInt32:
		return strconv.AppendInt(s, int64(v.Int32[at]), 10)
	}
	return append(s, v.Dict[v.Codes[at]]...)
}

func shortened(s string) string {
	if len(s) <= maxValue {
		return s
	}
	hash, cut := sha256.Sum256([]byte(s)), maxValue
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return fmt.Sprintf("%s…#%x", s[:cut], hash[:8])
}

// addressAt reads a host's address.
func addressAt(col *column.Column, v *batch.Vector, row int) (netip.Addr, bool) {
	if v.Null(row) {
		return netip.Addr{}, false
	}
	if col.Type == column.Binary {
		a, ok := netip.AddrFromSlice(where.WordAt(v, row))
		return a.Unmap(), ok
	}
	a, err := netip.ParseAddr(string(where.WordAt(v, row)))
	return a.Unmap().WithZone(""), err == nil
}
