package parquetfile

import (
	"encoding/binary"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// structures appends Parquet's Thrift structures in the compact protocol, as the library's encoder
// would: by reflection, they cost a file of few rows more than its values do. Fields that this
// package does not set are not written.
type structures struct {
	out  []byte
	last byte // number of the open structure's latest field
}

// field begins a field of the open structure. Numbers of fields rise.
func (w *structures) field(number, kind byte) {
	w.out = append(w.out, (number-w.last)<<4|kind)
	w.last = number
}

func (w *structures) integer(number, kind byte, x int64) {
	w.field(number, kind)
	w.out = binary.AppendVarint(w.out, x)
}

// optional is integer for a field that is left out where it is 0.
func (w *structures) optional(number, kind byte, x int64) {
	if x != 0 {
		w.integer(number, kind, x)
	}
}

// begin begins a field that is a structure, and returns what end wants back.
func (w *structures) begin(number byte) (outer byte) {
	w.field(number, thriftStruct)
	outer, w.last = w.last, 0
	return outer
}

// end ends a structure.
func (w *structures) end(outer byte) {
	w.out, w.last = append(w.out, thriftStop), outer
}

// list begins a field that is a list of n elements, which follow.
func (w *structures) list(number, kind byte, n int) {
	w.field(number, thriftList)
	if n < 15 {
		w.out = append(w.out, byte(n)<<4|kind)
		return
	}
	w.out = binary.AppendUvarint(append(w.out, 15<<4|kind), uint64(n))
}

// raw appends a field whose value was encoded before.
func (w *structures) raw(number, kind byte, value []byte) {
	w.field(number, kind)
	w.out = append(w.out, value...)
}

func appendBytes[T []byte | string](dst []byte, s T) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// bound appends one bound of a chunk, unless it is unknown.
func (w *structures) bound(number byte, v []byte) {
	if v != nil {
		w.field(number, thriftBinary)
		w.out = appendBytes(w.out, v)
	}
}

func (w *structures) statistics(number byte, s *format.Statistics) {
	outer := w.begin(number)
	w.integer(3, thriftI64, s.NullCount)
	w.bound(5, s.MaxValue)
	w.bound(6, s.MinValue)
	w.end(outer)
}

func (w *structures) pageHeader(h *format.PageHeader) {
	w.integer(1, thriftI32, int64(h.Type))
	w.integer(2, thriftI32, int64(h.UncompressedPageSize))
	w.integer(3, thriftI32, int64(h.CompressedPageSize))
	w.optional(4, thriftI32, int64(h.CRC))
	if h.DataPageHeader.Valid {
		d := &h.DataPageHeader.V
		outer := w.begin(5)
		w.integer(1, thriftI32, int64(d.NumValues))
		w.integer(2, thriftI32, int64(d.Encoding))
		w.integer(3, thriftI32, int64(d.DefinitionLevelEncoding))
		w.integer(4, thriftI32, int64(d.RepetitionLevelEncoding))
		w.statistics(5, &d.Statistics)
		w.end(outer)
	}
	if h.DictionaryPageHeader.Valid {
		d := &h.DictionaryPageHeader.V
		outer := w.begin(7)
		w.integer(1, thriftI32, int64(d.NumValues))
		w.integer(2, thriftI32, int64(d.Encoding))
		w.end(outer)
	}
	w.end(0)
}

func (w *structures) columnIndex(x *format.ColumnIndex) {
	w.list(1, thriftFalse, len(x.NullPages)) // either name is of booleans in a list
	for _, null := range x.NullPages {
		if null {
			w.out = append(w.out, 1)
		} else {
			w.out = append(w.out, 0)
		}
	}
	w.list(2, thriftBinary, len(x.MinValues))
	for _, v := range x.MinValues {
		w.out = appendBytes(w.out, v)
	}
	w.list(3, thriftBinary, len(x.MaxValues))
	for _, v := range x.MaxValues {
		w.out = appendBytes(w.out, v)
	}
	w.integer(4, thriftI32, int64(x.BoundaryOrder))
	w.list(5, thriftI64, len(x.NullCounts))
	for _, n := range x.NullCounts {
		w.out = binary.AppendVarint(w.out, n)
	}
	w.end(0)
}

func (w *structures) offsetIndex(x *format.OffsetIndex) {
	w.list(1, thriftStruct, len(x.PageLocations))
	for i := range x.PageLocations {
		p := &x.PageLocations[i]
		outer := w.last
		w.last = 0
		w.integer(1, thriftI64, p.Offset)
		w.integer(2, thriftI32, int64(p.CompressedPageSize))
		w.integer(3, thriftI64, p.FirstRowIndex)
		w.end(outer)
	}
	w.end(0)
}

func (w *structures) columnMetaData(m *format.ColumnMetaData) {
	outer := w.begin(3)
	w.integer(1, thriftI32, int64(m.Type))
	w.list(2, thriftI32, len(m.Encoding))
	for _, e := range m.Encoding {
		w.out = binary.AppendVarint(w.out, int64(e))
	}
	w.list(3, thriftBinary, len(m.PathInSchema))
	for _, name := range m.PathInSchema {
		w.out = appendBytes(w.out, name)
	}
	w.integer(4, thriftI32, int64(m.Codec))
	w.integer(5, thriftI64, m.NumValues)
	w.integer(6, thriftI64, m.TotalUncompressedSize)
	w.integer(7, thriftI64, m.TotalCompressedSize)
	w.integer(9, thriftI64, m.DataPageOffset)
	w.optional(11, thriftI64, m.DictionaryPageOffset)
	w.statistics(12, &m.Statistics)
	w.end(outer)
}

// columnChunk appends an element of a list.
func (w *structures) columnChunk(c *placed) {
	outer := w.last
	w.last = 0
	w.integer(2, thriftI64, 0) // where other writers repeat the metadata
	w.columnMetaData(&c.meta)
	w.optional(4, thriftI64, c.whereAt)
	w.optional(5, thriftI32, int64(c.whereLen))
	w.optional(6, thriftI64, c.indexAt)
	w.optional(7, thriftI32, int64(c.indexLen))
	w.end(outer)
}

// rowGroup appends an element of a list.
func (w *structures) rowGroup(g *rowGroup, ordinal int) {
	outer := w.last
	w.last = 0
	w.list(1, thriftStruct, len(g.columns))
	for i := range g.columns {
		w.columnChunk(&g.columns[i])
	}
	w.integer(2, thriftI64, g.size)
	w.integer(3, thriftI64, g.rows)
	w.optional(5, thriftI64, g.offset)
	w.optional(6, thriftI64, g.compressed)
	w.integer(7, thriftI16, int64(ordinal))
	w.end(outer)
}

// constants is what all files of a table have in their footers, encoded.
type constants struct {
	schema, pairs, orders []byte // lists
}

func newConstants(f *File) (c constants, err error) {
	pairs, err := f.keyValues()
	if err != nil {
		return c, err
	}
	orders := make([]format.ColumnOrder, len(f.schema.Columns))
	for i := range orders {
		orders[i].Value = &format.TypeDefinedOrder{}
	}
	var protocol thrift.CompactProtocol
	for _, of := range []struct {
		to   *[]byte
		list any
	}{{&c.schema, schemaElements(f.schema)}, {&c.pairs, pairs}, {&c.orders, orders}} {
		if *of.to, err = thrift.Marshal(&protocol, of.list); err != nil {
			return c, err
		}
	}
	return c, nil
}

// fileMetaData appends the metadata of a file.
func (w *structures) fileMetaData(c *constants, rows int64, groups []rowGroup) {
	w.integer(1, thriftI32, 2) // version
	w.raw(2, thriftList, c.schema)
	w.integer(3, thriftI64, rows)
	w.list(4, thriftStruct, len(groups))
	for i := range groups {
		w.rowGroup(&groups[i], i)
	}
	w.raw(5, thriftList, c.pairs)
	w.field(6, thriftBinary)
	w.out = appendBytes(w.out, createdBy)
	w.raw(7, thriftList, c.orders)
	w.end(0)
}
