package parquetfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"

	"github.com/parquet-go/parquet-go/encoding/rle"

	"pcapmill/features/batch"
)

// levels are the definition and repetition levels of the staged page. A flat
// required column has none; in an optional one the definition level of a row is
// its valid byte; a list has one of each per element, and one per empty or null
// list.
type levels struct {
	optional, list bool
	definition     []byte
	repetition     []byte
	nulls          int // slots without a value: null rows, empty lists
}

func (l *levels) maxDefinition() byte {
	n := byte(0)
	if l.optional {
		n++
	}
	if l.list {
		n++
	}
	return n
}

func (l *levels) reset() {
	l.definition, l.repetition, l.nulls = l.definition[:0], l.repetition[:0], 0
}

// count returns the number of level entries of a page of so many rows.
func (l *levels) count(rows int) int {
	if l.list {
		return len(l.repetition)
	}
	return rows
}

// mixed reports whether the levels of a page of so many rows are few, or so mixed
// that nothing makes them shorter.
func (l *levels) mixed(rows int) bool {
	return l.nulls == 0 || !l.list && l.nulls >= rows/8 && l.nulls <= rows-rows/8
}

// append adds the levels of rows [lo, hi) and returns the range of elements to
// stage with their valid bytes (nil: all).
func (l *levels) append(v *batch.Vector, lo, hi int) (from, to int, valid []byte, err error) {
	nulls := 0
	if len(v.Valid) > 0 {
		valid = v.Valid[lo:hi]
		if nulls, err = countNulls(valid); err != nil {
			return 0, 0, nil, err
		}
	}
	if nulls == 0 {
		valid = nil
	}
	switch {
	case nulls > 0 && !l.optional:
		return 0, 0, nil, fmt.Errorf("%w: null in a required column", ErrValue)
	case l.list:
		from, to, err = l.appendLists(v, lo, hi)
		return from, to, nil, err
	case !l.optional:
		return lo, hi, nil, nil
	case valid == nil:
		l.definition = appendRepeated(l.definition, 1, hi-lo)
	default:
		l.definition = append(l.definition, valid...)
		l.nulls += nulls
	}
	if nulls == hi-lo {
		return lo, lo, nil, nil // nothing to look at
	}
	return lo, hi, valid, nil
}

// countNulls counts the zeros among bytes that must be 0 or 1, eight at a time.
func countNulls(valid []byte) (int, error) {
	all, ones, rest := uint64(0), uint64(0), valid
	for len(rest) >= 8 {
		// 255 words at most may be added before a byte of the sum overflows.
		sum := uint64(0)
		for i := 0; i < 255 && len(rest) >= 8; i++ {
			w := binary.LittleEndian.Uint64(rest)
			all |= w
			sum += w
			rest = rest[8:]
		}
		const low = 0x00ff00ff00ff00ff
		pairs := sum&low + sum>>8&low
		ones += pairs * 0x0001000100010001 >> 48
	}
	for _, b := range rest {
		all |= uint64(b)
		ones += uint64(b)
	}
	if all&^0x0101010101010101 != 0 {
		return 0, fmt.Errorf("%w: a valid byte is neither 0 nor 1", ErrBatch)
	}
	return len(valid) - int(ones), nil
}

func appendRepeated(dst []byte, b byte, n int) []byte {
	if n == 0 {
		return dst
	}
	at := len(dst)
	dst = slices.Grow(dst, n)[:at+n]
	dst[at] = b
	for done := 1; done < n; done *= 2 {
		copy(dst[at+done:], dst[at:at+done])
	}
	return dst
}

// appendLists adds the levels of lists: 0 for a null list, then one more for an
// empty one, then one more for an element. The repetition level is 0 where a list
// begins, which an empty one does too.
func (l *levels) appendLists(v *batch.Vector, lo, hi int) (from, to int, err error) {
	full, offsets := l.maxDefinition(), v.Offsets[lo:hi+1]
	from, to = int(offsets[0]), int(offsets[hi-lo])
	empty := 0
	for i, o := range offsets[1:] {
		if o == offsets[i] {
			empty++
		}
	}
	at := len(l.repetition)
	l.repetition = appendRepeated(l.repetition, 1, to-from+empty)
	l.definition = appendRepeated(l.definition, full, to-from+empty)
	l.nulls += empty
	repetition, definition := l.repetition[at:], l.definition[at:]
	at = 0
	for i, o := range offsets[1:] {
		n := int(o - offsets[i])
		repetition[at] = 0
		switch null := l.optional && v.Null(lo+i); {
		case null && n > 0:
			return 0, 0, fmt.Errorf("%w: row %d is null but has %d elements", ErrBatch, lo+i, n)
		case null:
			definition[at] = 0
		case n == 0:
			definition[at] = full - 1
		}
		at += max(n, 1)
	}
	return from, to, nil
}

// encode appends both kinds of levels as data pages of version 1 hold them: RLE
// with a length in front, repetition first.
func (l *levels) encode(dst []byte, s *scratch) ([]byte, error) {
	var err error
	if l.list {
		if dst, err = appendLevels(dst, l.repetition, 1, s); err != nil {
			return dst, err
		}
	}
	if l.maxDefinition() > 0 {
		return appendLevels(dst, l.definition, l.maxDefinition(), s)
	}
	return dst, nil
}

// appendLevels encodes levels, once for columns next to each other that have the same.
func appendLevels(dst, src []byte, highest byte, s *scratch) ([]byte, error) {
	if highest != s.highest || !bytes.Equal(src, s.encoded) {
		e := rle.Encoding{BitWidth: bits.Len8(highest)}
		var err error
		if s.runs, err = e.EncodeLevels(s.runs, src); err != nil {
			s.highest = 0
			return dst, err
		}
		s.highest, s.encoded = highest, append(s.encoded[:0], src...)
	}
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(s.runs)))
	return append(dst, s.runs...), nil
}
