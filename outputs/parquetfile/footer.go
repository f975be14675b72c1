package parquetfile

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"pcapmill/features/column"
)

// Limits on what a file may claim. They are far above any table of ours, and
// bound the memory that reading a hostile file takes.
const (
	maxFooterBytes   = 64 << 20
	maxFooterStructs = 1 << 20
	maxColumns       = 4096
	maxGroupRows     = 1 << 26
	freeRows         = 1 << 26 // beyond these, a file has as many as mostPerByte for each of its bytes
	mostPerByte      = 1 << 10 // pages of nulls alone have a million, and groups can be of the same pages: who reads them would never be done
	maxPageValues    = 1 << 24
)

// readFooter reads and checks the metadata of a file of size bytes.
func readFooter(r io.ReaderAt, size int64) (*format.FileMetaData, error) {
	const tail = 8
	if size < int64(len(magic)+tail) {
		return nil, fmt.Errorf("%w: %d bytes", ErrFormat, size)
	}
	var buf [tail]byte
	if err := readAt(r, buf[:], size-tail); err != nil {
		return nil, err
	}
	length := int64(binary.LittleEndian.Uint32(buf[:]))
	switch {
	case string(buf[4:]) != magic:
		return nil, fmt.Errorf("%w: does not end in %s", ErrFormat, magic)
	case length > size-int64(len(magic)+tail):
		return nil, fmt.Errorf("%w: footer of %d bytes in a file of %d", ErrFormat, length, size)
	case length > maxFooterBytes:
		return nil, fmt.Errorf("%w: footer of %d bytes", ErrLimit, length)
	}
	foot := make([]byte, length)
	if err := readAt(r, foot, size-tail-length); err != nil {
		return nil, err
	}
	meta := new(format.FileMetaData)
	if err := decodeStruct(foot, meta, maxFooterStructs); err != nil {
		return nil, fmt.Errorf("footer at offset %d: %w", size-tail-length, err)
	}
	return meta, nil
}

// decodeStruct decodes the Thrift structure that data starts with, after a scan
// has bounded what it may allocate.
func decodeStruct(data []byte, into any, structs int) error {
	n, err := scanStruct(data, structs)
	if err != nil {
		return err
	}
	var protocol thrift.CompactProtocol
	if err := thrift.Unmarshal(&protocol, data[:n], into); err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return nil
}

func readAt(r io.ReaderAt, p []byte, offset int64) error {
	n, err := r.ReadAt(p, offset)
	if n == len(p) {
		return nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("read %d bytes at offset %d: %w", len(p), offset, err)
}

// leaf is one column as the footer declares it.
type leaf struct {
	name     string
	typ      column.Type
	optional bool
}

// leaves derives the columns from the footer's schema nodes. Columns must be
// flat, or lists of required elements in three levels.
func leaves(elements []format.SchemaElement) ([]leaf, error) {
	if len(elements) == 0 || elements[0].NumChildren.V < 1 {
		return nil, fmt.Errorf("%w: no columns", ErrFormat)
	}
	if elements[0].NumChildren.V > maxColumns {
		return nil, fmt.Errorf("%w: %d columns", ErrLimit, elements[0].NumChildren.V)
	}
	rest := elements[1:]
	var out []leaf
	for range elements[0].NumChildren.V {
		if len(rest) == 0 {
			return nil, fmt.Errorf("%w: fewer schema nodes than columns", ErrFormat)
		}
		l, used, err := leafOf(rest)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", rest[0].Name, err)
		}
		out = append(out, l)
		rest = rest[used:]
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("%w: more schema nodes than columns", ErrFormat)
	}
	return out, nil
}

func leafOf(nodes []format.SchemaElement) (leaf, int, error) {
	top := &nodes[0]
	l := leaf{name: top.Name, optional: top.RepetitionType.V == format.Optional}
	if !top.RepetitionType.Valid || top.RepetitionType.V == format.Repeated {
		return l, 0, fmt.Errorf("%w: neither required nor optional", ErrUnsupported)
	}
	if top.Type.Valid {
		t, ok := leafType(top)
		if !ok || top.NumChildren.V != 0 {
			return l, 0, fmt.Errorf("%w: type %v", ErrUnsupported, top.Type.V)
		}
		l.typ = t
		return l, 1, nil
	}
	if len(nodes) < 3 || top.NumChildren.V != 1 || nodes[1].NumChildren.V != 1 ||
		nodes[1].RepetitionType.V != format.Repeated || nodes[1].Type.Valid ||
		nodes[2].RepetitionType.V != format.Required || nodes[2].NumChildren.V != 0 {
		return l, 0, fmt.Errorf("%w: neither flat nor a list of required elements", ErrUnsupported)
	}
	t, ok := leafType(&nodes[2])
	list, listable := listOf(t)
	if !ok || !listable {
		return l, 0, fmt.Errorf("%w: list of %v", ErrUnsupported, nodes[2].Type.V)
	}
	l.typ = list
	return l, 3, nil
}

func listOf(t column.Type) (column.Type, bool) {
	switch t {
	case column.Int64:
		return column.ListInt64, true
	case column.Int32:
		return column.ListInt32, true
	case column.String:
		return column.ListString, true
	}
	return t, false
}

// leafType is the column type that a leaf's physical and logical types mean.
func leafType(e *format.SchemaElement) (column.Type, bool) {
	logical := e.LogicalType.Value
	if logical == nil && e.ConvertedType.Valid {
		return convertedType(e)
	}
	switch e.Type.V {
	case format.Int32:
		integer, isInt := logical.(*format.IntType)
		return column.Int32, logical == nil || isInt && (integer.IsSigned || integer.BitWidth < 32)
	case format.Int64:
		if stamp, ok := logical.(*format.TimestampType); ok {
			_, micros := stamp.Unit.Value.(*format.MicroSeconds)
			return column.Timestamp, micros && stamp.IsAdjustedToUTC
		}
		integer, isInt := logical.(*format.IntType)
		return column.Int64, logical == nil || isInt && integer.IsSigned
	case format.Double:
		return column.Double, logical == nil
	case format.ByteArray:
		if logical == nil {
			return column.Binary, true
		}
		_, text := logical.(*format.StringType)
		return column.String, text
	}
	return 0, false
}

// convertedType is leafType for the annotations that came before logical types, which DuckDB writes
// alone.
func convertedType(e *format.SchemaElement) (column.Type, bool) {
	switch c := e.ConvertedType.V; e.Type.V {
	case format.Int32:
		return column.Int32, c >= deprecated.Int8 && c <= deprecated.Int32 || c == deprecated.Uint8 || c == deprecated.Uint16
	case format.Int64:
		if c == deprecated.TimestampMicros {
			return column.Timestamp, true
		}
		return column.Int64, c >= deprecated.Int8 && c <= deprecated.Int64 || c >= deprecated.Uint8 && c <= deprecated.Uint32
	case format.ByteArray:
		return column.String, c == deprecated.UTF8 || c == deprecated.Enum || c == deprecated.Json
	}
	return 0, false
}

// schemaOf returns the declared schema where the footer has one and agrees with
// it, else what the types alone tell.
func schemaOf(meta *format.FileMetaData, physical []leaf) (*column.Schema, error) {
	for _, pair := range meta.KeyValueMetadata {
		if pair.Key != schemaKey {
			continue
		}
		s, err := unmarshalSchema(pair.Value)
		if err != nil {
			return nil, err
		}
		return s, agree(s, physical)
	}
	s := &column.Schema{Table: meta.Schema[0].Name}
	for _, l := range physical {
		c := column.Column{Name: l.name, Type: l.typ, Doc: "not declared by the file"}
		if l.optional {
			c.Null = "not declared by the file"
		}
		s.Columns = append(s.Columns, c)
	}
	return s, nil
}

// agree verifies that the declared columns are those stored.
func agree(s *column.Schema, physical []leaf) error {
	if len(s.Columns) != len(physical) {
		return fmt.Errorf("%w: %d columns declared, %d stored", ErrFormat, len(s.Columns), len(physical))
	}
	for i, l := range physical {
		c := &s.Columns[i]
		same := c.Type == l.typ || c.Type == column.Text && l.typ == column.String
		if c.Name != l.name || c.Optional() != l.optional || !same {
			return fmt.Errorf("%w: column %q is declared as %q, %v", ErrFormat, l.name, c.Name, c.Type)
		}
	}
	return nil
}

// checkGroups verifies the row groups' sizes and that every column chunk lies in
// the file, of the type that the schema says.
func checkGroups(meta *format.FileMetaData, physical []leaf, size int64) error {
	if len(meta.RowGroups) > maxRowGroups {
		return fmt.Errorf("%w: %d row groups", ErrLimit, len(meta.RowGroups))
	}
	total := int64(0)
	for g := range meta.RowGroups {
		group := &meta.RowGroups[g]
		switch {
		case group.NumRows < 0 || len(group.Columns) != len(physical):
			return fmt.Errorf("%w: row group %d of %d rows, %d columns", ErrFormat, g, group.NumRows, len(group.Columns))
		case group.NumRows > maxGroupRows:
			return fmt.Errorf("%w: row group %d of %d rows", ErrLimit, g, group.NumRows)
		}
		total += group.NumRows
		for i := range group.Columns {
			if err := checkChunk(&group.Columns[i], physical[i], size); err != nil {
				return fmt.Errorf("row group %d: column %q: %w", g, physical[i].name, err)
			}
		}
	}
	if total > freeRows && total/mostPerByte > size {
		return fmt.Errorf("%w: %d rows in %d bytes", ErrLimit, total, size)
	}
	if total != meta.NumRows {
		return fmt.Errorf("%w: %d rows in the groups, %d in the footer", ErrFormat, total, meta.NumRows)
	}
	return nil
}

func checkChunk(c *format.ColumnChunk, l leaf, size int64) error {
	start, length := chunkRange(&c.MetaData)
	switch {
	case c.FilePath != "":
		return fmt.Errorf("%w: kept in another file", ErrUnsupported)
	case c.MetaData.Type != physicalType(l.typ):
		return fmt.Errorf("%w: stored as %v", ErrFormat, c.MetaData.Type)
	case start < int64(len(magic)) || length < 0 || start > size || length > size-start:
		return fmt.Errorf("%w: %d bytes at offset %d of %d", ErrFormat, length, start, size)
	}
	return nil
}

// chunkRange is where in the file a column chunk's pages lie.
func chunkRange(m *format.ColumnMetaData) (start, length int64) {
	start = m.DataPageOffset
	if m.DictionaryPageOffset > 0 && m.DictionaryPageOffset < start {
		start = m.DictionaryPageOffset
	}
	return start, m.TotalCompressedSize
}
