package record

import (
	"encoding/binary"

	"pcapmill/features/column"
)

// layout is the form of the rows of one table while they wait for the merger, which
// takes them column by column: each column has a slot at the same place of each row.
//
//	bits ‖ slots ‖ texts and lists
//
// A bit says of its column that there is a value; what has none is zeros. A number is
// in its slot; a text or a list has there where it ends, counted from the row's
// beginning, and begins where the one in front of it ends. All numbers are little-endian.
// Elements of lists lie behind one another, texts with their length in front.
type layout struct {
	slots []slot
	bits  int // bytes
	fixed int // bytes of bits and slots
}

// slot is where a column's value is, or where it ends.
type slot struct {
	at     int
	ends   bool // of a text or a list
	before int  // slot of the text or list in front of it, 0 of the first
}

func newLayout(s *column.Schema) layout {
	l := layout{bits: (len(s.Columns) + 63) / 64 * 8}
	l.fixed = l.bits
	last := 0
	for i := range s.Columns {
		at := slot{at: l.fixed, before: last}
		switch s.Columns[i].Type {
		case column.Int64, column.Timestamp:
			l.fixed += 8
		case column.Int32:
			l.fixed += 4
		default:
			l.fixed += 4
			at.ends, last = true, at.at
		}
		l.slots = append(l.slots, at)
	}
	return l
}

// marks ORs the bits of rows into known, which begins as zeros.
func (l *layout) marks(known []uint64, rows [][]byte) {
	for _, row := range rows {
		for i := range known {
			known[i] |= binary.LittleEndian.Uint64(row[8*i:])
		}
	}
}

// span returns the bytes of a text or a list.
func (l *layout) span(row []byte, s slot) []byte {
	from := l.fixed
	if s.before > 0 {
		from = int(binary.LittleEndian.Uint32(row[s.before:]))
	}
	return row[from:binary.LittleEndian.Uint32(row[s.at:])]
}

// has returns the bit of a column.
func has(row []byte, column int) byte { return row[column>>3] >> (column & 7) & 1 }
