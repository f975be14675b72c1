package parquetfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go/format"
)

// writeFooter writes the page index of every column chunk, the metadata, its
// length and the closing magic.
func (f *File) writeFooter() error {
	if f.constants.schema == nil {
		var err error
		if f.constants, err = newConstants(f); err != nil {
			return fmt.Errorf("footer: %w", err)
		}
	}
	w := structures{out: f.tail[:0]}
	for g := range f.groups {
		for i := range f.groups[g].columns {
			c, at := &f.groups[g].columns[i], len(w.out)
			w.columnIndex(&c.index)
			c.indexAt, c.indexLen = f.offset+int64(at), int32(len(w.out)-at)
		}
	}
	for g := range f.groups {
		for i := range f.groups[g].columns {
			c, at := &f.groups[g].columns[i], len(w.out)
			w.offsetIndex(&c.where)
			c.whereAt, c.whereLen = f.offset+int64(at), int32(len(w.out)-at)
		}
	}
	at := len(w.out)
	w.fileMetaData(&f.constants, f.total, f.groups)
	w.out = binary.LittleEndian.AppendUint32(w.out, uint32(len(w.out)-at))
	f.tail = append(w.out, magic...)
	return f.write(f.tail)
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

// Check looks at the closed file, of size bytes, in the place where it was written to: that it ends
// in the page index and footer that were written, byte by byte. The first of a table's files is
// opened, too; those that Reset began are made alike.
func (f *File) Check(r io.ReaderAt, size int64) error {
	if f.err != nil || !f.isClosed {
		return errors.New("a file is checked that was not closed")
	}
	if size != f.offset {
		return fmt.Errorf("%w: %d bytes, %d were written", ErrFormat, size, f.offset)
	}
	there := make([]byte, len(f.tail))
	if err := readAt(r, there, size-int64(len(f.tail))); err != nil {
		return err
	}
	if !bytes.Equal(there, f.tail) {
		return fmt.Errorf("%w: it does not end as it was written", ErrFormat)
	}
	if f.wasOpened {
		return nil
	}
	read, err := Open(r, size)
	if err == nil && read.NumRows() != f.total {
		err = fmt.Errorf("%w: %d rows were written, %d are there", ErrFormat, f.total, read.NumRows())
	}
	f.wasOpened = err == nil
	return err
}
