package parquetfile

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/parquet-go/parquet-go/format"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// createdBy is the footer's writer name, in the form that readers parse. It is
// no build's version, so that the bytes depend on the rows alone.
const createdBy = "pcapmill version 1 (build parquetfile)"

const magic = "PAR1"

// maxRowGroups is what the 16-bit ordinal of the format allows.
const maxRowGroups = 1<<15 - 1

// File writes one Parquet file, and with Reset one after the other. Its methods are called by one
// goroutine; after an error only Close may be called, and the file is not usable.
type File struct {
	common
	w        io.Writer
	offset   int64
	rows     int // in the open row group
	total    int64
	groups   []rowGroup
	err      error
	isClosed bool
}

// rowGroup is what the footer keeps of one. The library's structure has room for far more.
type rowGroup struct {
	rows, offset     int64
	size, compressed int64
	columns          []placed
}

// common is what a File's files have in common.
type common struct {
	schema    *column.Schema
	cfg       Config
	meta      map[string]string
	codec     format.CompressionCodec
	chunks    []*chunk
	constants constants // of footers, once there was one
	tail      []byte    // the latest page index and footer
	columns   []placed  // memory for those of a row group; nil: it is in use
	wasOpened bool      // a file of the table, as a reader would
}

// NewFile returns a File that writes rows of the schema to w. The footer holds
// meta next to the declaration of every column. Nothing is written before the
// first row group or Close.
func NewFile(w io.Writer, schema *column.Schema, cfg Config, meta map[string]string) (*File, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := schema.Validate(); err != nil {
		return nil, err
	}
	if len(schema.Columns) == 0 {
		return nil, fmt.Errorf("table %s has no columns", schema.Table)
	}
	if _, taken := meta[schemaKey]; taken {
		return nil, fmt.Errorf("metadata key %s is our own", schemaKey)
	}
	codec, err := codecOf(cfg.Codec)
	if err != nil {
		return nil, err
	}
	f := &File{w: w, common: common{schema: schema, cfg: cfg, meta: meta, codec: codec}}
	for i := range schema.Columns {
		f.chunks = append(f.chunks, newChunk(&schema.Columns[i], &cfg))
	}
	return f, nil
}

// Reset begins another file like the one that was closed without an error, in its memory: of the
// same schema, settings and metadata. Its bytes are those of a new File.
func (f *File) Reset(w io.Writer) error {
	if f.err != nil || !f.isClosed {
		return fmt.Errorf("table %s: a file is begun anew that was not closed", f.schema.Table)
	}
	for _, c := range f.chunks {
		c.trials = trials{}
	}
	if len(f.groups) > 0 {
		f.columns = f.groups[0].columns
	}
	*f = File{w: w, common: f.common}
	return nil
}

// Rows returns the number of rows written so far.
func (f *File) Rows() int64 { return f.total + int64(f.rows) }

// Size returns the number of bytes written so far; the open row group is still
// in memory.
func (f *File) Size() int64 { return f.offset }

// Write appends the rows of b, whose memory is the caller's again on return. Row
// groups and pages are cut by rows alone, so batch sizes do not show in the file.
func (f *File) Write(b *batch.Batch) error {
	switch {
	case f.err != nil:
		return f.err
	case f.isClosed:
		return fmt.Errorf("write after close")
	}
	if f.err = checkBatch(f.schema, b); f.err != nil {
		return f.err
	}
	for lo := 0; lo < b.Rows; {
		n := min(b.Rows-lo, f.cfg.RowGroupRows-f.rows)
		full := f.rows+n == f.cfg.RowGroupRows
		if f.err = f.encode(b, lo, lo+n, full); f.err != nil {
			return f.err
		}
		f.rows += n
		lo += n
		if full {
			if f.err = f.writeGroup(); f.err != nil {
				return f.err
			}
		}
	}
	return nil
}

// EndGroup ends the open row group before it has all its rows, for callers that know
// its rows to be long.
func (f *File) EndGroup() error {
	if f.err != nil || f.isClosed || f.rows == 0 {
		return f.err
	}
	if f.err = f.encode(nil, 0, 0, true); f.err == nil {
		f.err = f.writeGroup()
	}
	return f.err
}

// encode adds rows [lo, hi) to every column and, where they are the group's
// last, ends its pages. The columns are shared out among the encoders.
func (f *File) encode(b *batch.Batch, lo, hi int, last bool) error {
	var next atomic.Int64
	errs := make([]error, min(f.cfg.Encoders, len(f.chunks)))
	work := func(encoder int) {
		var s *scratch
		if s, errs[encoder] = takeScratch(f.codec); errs[encoder] != nil {
			return
		}
		defer scratches.Put(s)
		for {
			i := int(next.Add(1)) - 1
			if i >= len(f.chunks) || errs[encoder] != nil {
				return
			}
			errs[encoder] = f.encodeColumn(i, b, lo, hi, last, s)
		}
	}
	var group sync.WaitGroup
	for e := 1; e < len(errs); e++ {
		group.Go(func() { work(e) })
	}
	work(0)
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return fmt.Errorf("table %s: %w", f.schema.Table, err)
		}
	}
	return nil
}

func (f *File) encodeColumn(i int, b *batch.Batch, lo, hi int, last bool, s *scratch) error {
	c := f.chunks[i]
	if hi > lo {
		if err := c.append(&b.Vectors[i], lo, hi, s); err != nil {
			return err
		}
	}
	if last {
		return c.closeGroup(s)
	}
	return nil
}

// writeGroup writes the encoded row group, column by column.
func (f *File) writeGroup() error {
	if f.offset == 0 {
		if err := f.write([]byte(magic)); err != nil {
			return err
		}
	}
	group := rowGroup{rows: int64(f.rows), offset: f.offset, columns: f.columns}
	if f.columns = nil; group.columns == nil {
		group.columns = make([]placed, len(f.chunks))
	}
	for i, c := range f.chunks {
		if c.done != f.rows {
			return fmt.Errorf("column %s has %d rows in a row group of %d", c.column.Name, c.done, f.rows)
		}
		column := &group.columns[i]
		c.place(f.offset, column)
		if err := f.write(c.dict); err != nil {
			return err
		}
		for _, part := range c.pages.parts {
			if err := f.write(part); err != nil {
				return err
			}
		}
		group.size += column.meta.TotalUncompressedSize
		group.compressed += column.meta.TotalCompressedSize
		c.reset()
	}
	f.groups = append(f.groups, group)
	f.total += int64(f.rows)
	f.rows = 0
	if len(f.groups) > maxRowGroups {
		return fmt.Errorf("%w: more than %d row groups", ErrLimit, maxRowGroups)
	}
	return nil
}

func (f *File) write(p []byte) error {
	n, err := f.w.Write(p)
	f.offset += int64(n)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return fmt.Errorf("write at offset %d: %w", f.offset, err)
	}
	return nil
}

// Close writes the open row group, the page index and the footer. It does not
// close or sync the underlying writer.
func (f *File) Close() error {
	if f.isClosed || f.err != nil {
		f.isClosed = true
		return f.err
	}
	if f.rows == 0 && f.offset == 0 {
		f.err = f.write([]byte(magic))
	}
	if f.err == nil {
		f.err = f.EndGroup()
	}
	f.isClosed = true
	if f.err == nil {
		f.err = f.writeFooter()
	}
	return f.err
}
