package parquetfile

import (
	"context"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// readRows is the number of rows in a batch that Read hands over.
const readRows = 8192

// Reader reads one Parquet file: ours, and others' whose columns are of our
// types. Any number of goroutines may read at the same time if the ReaderAt
// allows it.
type Reader struct {
	r      io.ReaderAt
	meta   *format.FileMetaData
	leaves []leaf
	schema *column.Schema
	zstd   *zstd.Decoder
}

// Open reads and checks the footer of a file of size bytes. Errors are
// ErrFormat, ErrUnsupported, ErrLimit or the ReaderAt's.
func Open(r io.ReaderAt, size int64) (*Reader, error) {
	var reader *Reader
	err := guard(func() (err error) {
		reader, err = open(r, size)
		return err
	})
	if err != nil {
		return nil, err
	}
	return reader, nil
}

func open(r io.ReaderAt, size int64) (*Reader, error) {
	meta, err := readFooter(r, size)
	if err != nil {
		return nil, err
	}
	physical, err := leaves(meta.Schema)
	if err != nil {
		return nil, err
	}
	if err := checkGroups(meta, physical, size); err != nil {
		return nil, err
	}
	schema, err := schemaOf(meta, physical)
	if err != nil {
		return nil, err
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxPageBytes), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, err
	}
	return &Reader{r: r, meta: meta, leaves: physical, schema: schema, zstd: decoder}, nil
}

// guard turns a panic of the decoders into an error: a damaged file must never
// end the program.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrFormat, p)
		}
	}()
	return f()
}

// Schema returns the columns as they were declared to the writer.
func (r *Reader) Schema() *column.Schema { return r.schema }

// NumRows returns the number of rows.
func (r *Reader) NumRows() int64 { return r.meta.NumRows }

// Metadata returns a copy of the footer's key-values, without the schema.
func (r *Reader) Metadata() map[string]string {
	out := make(map[string]string, len(r.meta.KeyValueMetadata))
	for _, pair := range r.meta.KeyValueMetadata {
		if pair.Key != schemaKey {
			out[pair.Key] = pair.Value
		}
	}
	return out
}

// Read hands the rows over in order, in batches of the named columns (nil: all),
// and stops at the first error, f's included. The batch and all its memory are
// f's until it returns. Memory is bounded by one page a column and one batch, and by maxHeld.
func (r *Reader) Read(ctx context.Context, columns []string, f func(*batch.Batch) error) error {
	picked, schema, err := r.pick(columns)
	if err != nil {
		return err
	}
	b := batch.New(schema)
	for g := range r.meta.RowGroups {
		if err := r.readGroup(ctx, g, picked, b, f); err != nil {
			return err
		}
	}
	return nil
}

// pick returns the positions of the named columns and the schema they make.
func (r *Reader) pick(names []string) ([]int, *column.Schema, error) {
	if names == nil {
		all := make([]int, len(r.schema.Columns))
		for i := range all {
			all[i] = i
		}
		return all, r.schema, nil
	}
	s := &column.Schema{Table: r.schema.Table, Version: r.schema.Version}
	var picked []int
	for _, name := range names {
		i := r.schema.Index(name)
		if i < 0 {
			return nil, nil, fmt.Errorf("table %s has no column %q", s.Table, name)
		}
		picked = append(picked, i)
		s.Columns = append(s.Columns, r.schema.Columns[i])
	}
	return picked, s, nil
}

func (r *Reader) readGroup(ctx context.Context, g int, picked []int, b *batch.Batch, f func(*batch.Batch) error) error {
	group, left := &r.meta.RowGroups[g], int64(maxHeld)
	cursors := make([]*cursor, len(picked))
	for i, c := range picked {
		cursors[i] = newCursor(newPageReader(r.r, &group.Columns[c], r.leaves[c], r.zstd, &left))
	}
	for left := group.NumRows; left > 0; left -= int64(b.Rows) {
		if err := ctx.Err(); err != nil {
			return err
		}
		b.Reset()
		b.Rows = int(min(left, readRows))
		for i, c := range cursors {
			err := guard(func() error { return c.fill(&b.Vectors[i], b.Rows) })
			if err != nil {
				return fmt.Errorf("row group %d: column %s: %w", g, b.Schema.Columns[i].Name, err)
			}
		}
		if err := f(b); err != nil {
			return err
		}
	}
	for i, c := range cursors {
		if err := guard(c.finish); err != nil {
			return fmt.Errorf("row group %d: column %s: %w", g, b.Schema.Columns[i].Name, err)
		}
	}
	return nil
}
