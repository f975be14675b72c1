package rules

import (
	"cmp"
	"encoding/binary"
	"strings"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/where"
)

// appendKey appends what tells a value from others of its column: a byte that says whether
// it is null, its length, its bytes.
func appendKey(dst []byte, c cellAt, b *batch.Batch, row int) []byte {
	v := &b.Vectors[c.at]
	if v.Null(row) {
		return append(dst, 0)
	}
	dst = append(dst, 1)
	t := c.col.Type
	switch {
	case where.IsInteger(t):
		return binary.BigEndian.AppendUint64(dst, uint64(where.IntegerAt(t, v, row)))
	case where.IsText(t) && v.Dict != nil:
		word := v.Dict[v.Codes[row]]
		return append(binary.AppendUvarint(dst, uint64(len(word))), word...)
	case where.IsText(t), t == column.Binary:
		word := where.WordAt(v, row)
		return append(binary.AppendUvarint(dst, uint64(len(word))), word...)
	}
	f := fieldAt(c.col, v, row)
	dst = binary.AppendUvarint(dst, f.exact)
	return append(binary.AppendUvarint(dst, uint64(len(f.Value))), f.Value...)
}

func fieldsAt(cells []cellAt, b *batch.Batch, row int) []Field {
	if len(cells) == 0 {
		return nil
	}
	fields := make([]Field, len(cells))
	for i, c := range cells {
		fields[i] = fieldAt(c.col, &b.Vectors[c.at], row)
	}
	return fields
}

// fieldBytes is what fields take of memory.
func fieldBytes(fields []Field) int {
	n := 0
	for i := range fields {
		n += 48 + len(fields[i].Value)
	}
	return n
}

// compareFields orders fields of the same columns: those without a value first.
func compareFields(a, b []Field) int {
	for i := range min(len(a), len(b)) {
		if a[i].Null != b[i].Null {
			if a[i].Null {
				return -1
			}
			return 1
		}
		if c := cmp.Or(strings.Compare(a[i].Value, b[i].Value), cmp.Compare(a[i].exact, b[i].exact)); c != 0 {
			return c
		}
	}
	return len(a) - len(b)
}

// identity is a text that is the same for equal fields alone.
func identity(fields []Field) string {
	var s []byte
	for i := range fields {
		f := &fields[i]
		s = append(binary.AppendUvarint(s, uint64(len(f.Name))), f.Name...)
		if f.Null {
			s = append(s, 0)
			continue
		}
		if f.exact == 0 {
			s = append(s, 1)
		} else {
			s = binary.BigEndian.AppendUint64(append(s, 2), f.exact)
		}
		s = append(binary.AppendUvarint(s, uint64(len(f.Value))), f.Value...)
	}
	return string(s)
}
