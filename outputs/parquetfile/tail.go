package parquetfile

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/parquet-go/parquet-go/format"
)

// writeFooter writes the page index of every column chunk, the metadata, its
// length and the closing magic.
func (f *File) writeFooter() error {
	var e headerEncoder
	for g := range f.groups {
		for i := range f.groups[g].Columns {
			c := &f.groups[g].Columns[i]
			head, err := e.encode(&f.indexes[g][i])
			if err != nil {
				return fmt.Errorf("column index: %w", err)
			}
			c.ColumnIndexOffset, c.ColumnIndexLength = f.offset, int32(len(head))
			if err := f.write(head); err != nil {
				return err
			}
		}
	}
	for g := range f.groups {
		for i := range f.groups[g].Columns {
			c := &f.groups[g].Columns[i]
			head, err := e.encode(&f.places[g][i])
			if err != nil {
				return fmt.Errorf("offset index: %w", err)
			}
			c.OffsetIndexOffset, c.OffsetIndexLength = f.offset, int32(len(head))
			if err := f.write(head); err != nil {
				return err
			}
		}
	}
	return f.writeMetadata(&e)
}

func (f *File) writeMetadata(e *headerEncoder) error {
	pairs, err := f.keyValues()
	if err != nil {
		return err
	}
	orders := make([]format.ColumnOrder, len(f.schema.Columns))
	for i := range orders {
		orders[i].Value = &format.TypeDefinedOrder{}
	}
	meta := format.FileMetaData{
		Version:          2,
		Schema:           schemaElements(f.schema),
		NumRows:          f.total,
		RowGroups:        f.groups,
		KeyValueMetadata: pairs,
		CreatedBy:        createdBy,
		ColumnOrders:     orders,
	}
	foot, err := e.encode(&meta)
	if err != nil {
		return fmt.Errorf("footer: %w", err)
	}
	tail := binary.LittleEndian.AppendUint32(nil, uint32(len(foot)))
	return f.write(slices.Concat(foot, tail, []byte(magic)))
}

// keyValues returns the footer's key-values, ordered by key.
func (f *File) keyValues() ([]format.KeyValue, error) {
	doc, err := marshalSchema(f.schema)
	if err != nil {
		return nil, err
	}
	pairs := []format.KeyValue{{Key: schemaKey, Value: doc}}
	for k, v := range f.meta {
		pairs = append(pairs, format.KeyValue{Key: k, Value: v})
	}
	slices.SortFunc(pairs, func(a, b format.KeyValue) int {
		if a.Key < b.Key {
			return -1
		}
		return 1
	})
	return pairs, nil
}
