package ipc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrFormat reports a file that is no Arrow IPC file or is damaged.
var ErrFormat = errors.New("not a whole Arrow IPC file")

// Info is what a file says of itself.
type Info struct {
	Rows         int64
	SchemaSHA256 string            // of column.Schema.Hash; empty in files of others
	Metadata     map[string]string // of the schema
}

// The parts of the format that Stat reads; see Arrow's File.fbs and Message.fbs.
const (
	magic           = "ARROW1"
	tailSize        = 4 + len(magic) // footer size, magic
	headSize        = 8              // magic, padded
	maxFooter       = 64 << 20
	maxHead         = 16 << 20
	blockSize       = 24 // offset int64, head length int32, padding, body length int64
	footerSchema    = 1
	footerRecords   = 3
	schemaMetadata  = 2
	messageKind     = 1
	messageHeader   = 2
	kindRecordBatch = 3
	recordLength    = 0
)

// Stat reads the footer and the head of every record batch of a file of size
// bytes. It does not decode values: whether they are those that were written, the
// file's SHA-256 says. Errors are ErrFormat or the ReaderAt's.
func Stat(r io.ReaderAt, size int64) (Info, error) {
	footer, err := readFooter(r, size)
	if err != nil {
		return Info{}, err
	}
	info := Info{Metadata: map[string]string{}}
	if schema, ok := footer.table(footerSchema); ok {
		readMetadata(schema, info.Metadata)
	}
	info.SchemaSHA256 = info.Metadata[keySchema]
	first, count := footer.vector(footerRecords, blockSize)
	left := size
	for i := range count {
		at := first + i*blockSize
		b := block{footer.int64(at), int64(int32(footer.uint32(at + 8))), footer.int64(at + 16)}
		if left -= b.head; left < 0 { // each head has its place, or they could be millions of one long one
			return Info{}, fmt.Errorf("%w: the heads of record batches are longer than the file", ErrFormat)
		}
		rows, err := b.rows(r, size)
		if err != nil {
			return Info{}, fmt.Errorf("record batch %d: %w", i, err)
		}
		if info.Rows += rows; info.Rows < 0 {
			return Info{}, fmt.Errorf("%w: more rows than can be counted", ErrFormat)
		}
	}
	if footer.err != nil {
		return Info{}, footer.err
	}
	return info, nil
}

func readFooter(r io.ReaderAt, size int64) (table, error) {
	if size < int64(headSize+tailSize) {
		return table{}, fmt.Errorf("%w: %d bytes", ErrFormat, size)
	}
	var head [headSize]byte
	var tail [tailSize]byte
	if err := readAt(r, head[:], 0); err != nil {
		return table{}, err
	}
	if err := readAt(r, tail[:], size-int64(tailSize)); err != nil {
		return table{}, err
	}
	if string(head[:len(magic)]) != magic || string(tail[4:]) != magic {
		return table{}, fmt.Errorf("%w: it does not begin and end with %s", ErrFormat, magic)
	}
	n := int64(binary.LittleEndian.Uint32(tail[:]))
	if n == 0 || n > maxFooter || n > size-int64(headSize+tailSize) {
		return table{}, fmt.Errorf("%w: a footer of %d bytes", ErrFormat, n)
	}
	data := make([]byte, n)
	if err := readAt(r, data, size-int64(tailSize)-n); err != nil {
		return table{}, err
	}
	footer := rootOf(data)
	return footer, footer.err
}

func readMetadata(schema table, into map[string]string) {
	first, count := schema.vector(schemaMetadata, 4)
	left := len(schema.data)
	for i := range count {
		at := first + 4*i
		pair := table{schema.buffer, at + int(schema.uint32(at))}
		key, value := pair.text(0), pair.text(1)
		if left -= len(key) + len(value); left < 0 && schema.err == nil {
			schema.err = fmt.Errorf("%w: texts of the schema that are longer than the footer", ErrFormat)
		}
		into[key] = value
	}
}

// block is where a record batch lies.
type block struct{ offset, head, body int64 }

// rows reads the head of a record batch.
func (b block) rows(r io.ReaderAt, size int64) (int64, error) {
	if b.offset < 0 || b.head < 8 || b.body < 0 || b.head > maxHead || b.body > size || b.offset > size-b.head-b.body {
		return 0, fmt.Errorf("%w: %d and %d bytes at %d of %d", ErrFormat, b.head, b.body, b.offset, size)
	}
	data := make([]byte, b.head)
	if err := readAt(r, data, b.offset); err != nil {
		return 0, err
	}
	if binary.LittleEndian.Uint32(data) != 0xffffffff { // a continuation mark, then the size of what follows
		return 0, fmt.Errorf("%w: no message at %d", ErrFormat, b.offset)
	}
	message := rootOf(data[8:])
	batch, ok := message.table(messageHeader)
	if !ok || message.uint8(message.field(messageKind)) != kindRecordBatch {
		return 0, fmt.Errorf("%w: no record batch at %d", ErrFormat, b.offset)
	}
	var rows int64
	if at := batch.field(recordLength); at != 0 {
		rows = batch.int64(at)
	}
	if message.err == nil && rows < 0 {
		message.err = fmt.Errorf("%w: %d rows", ErrFormat, rows)
	}
	return rows, message.err
}

// readAt fills p; an early end is ErrFormat.
func readAt(r io.ReaderAt, p []byte, at int64) error {
	n, err := r.ReadAt(p, at)
	switch {
	case n == len(p):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return fmt.Errorf("%w: it ends at %d", ErrFormat, at+int64(n))
	}
	return err
}
