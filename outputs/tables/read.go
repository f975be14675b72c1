package tables

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/text"
)

// Read hands the rows of the table that path names over in batches of the columns that
// pick returns for the table's. The batch is take's until it returns. Errors are pick's
// and take's as they are, the context's, and ErrTable.
func Read(ctx context.Context, path string, pick func(*column.Schema) ([]string, error), take func(*batch.Batch) error) error {
	return NewView().Read(ctx, path, pick, take)
}

// Part is one open file of a table.
type Part struct {
	path   string
	file   *os.File
	reader *parquetfile.Reader
	schema *column.Schema // of the reader, and of places
	places []place        // columns that folders stand for; see EachPlaced
}

func open(path string) (*Part, error) {
	there, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrTable, err)
	case !there.Mode().IsRegular(): // as filesIn of a path: to open a pipe waits for a writer
		return nil, fmt.Errorf("%w: %s is no regular file", ErrTable, text.Escape(path))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTable, err)
	}
	info, err := f.Stat()
	if err == nil {
		var r *parquetfile.Reader
		if r, err = parquetfile.Open(f, info.Size()); err == nil {
			return &Part{path: path, file: f, reader: r, schema: r.Schema()}, nil
		}
	}
	if ext := filepath.Ext(path); ext != ending {
		err = fmt.Errorf("only Parquet is read here: %w", err)
	}
	return nil, errors.Join(fmt.Errorf("%w: %s: %w", ErrTable, text.Escape(path), err), f.Close())
}

func (p *Part) close() { p.file.Close() } //nolint:errcheck,gosec // only read

// Path returns where the part is.
func (p *Part) Path() string { return p.path }

// Schema returns the part's columns.
func (p *Part) Schema() *column.Schema { return p.schema }

// NumRows returns how many rows the part has.
func (p *Part) NumRows() int64 { return p.reader.NumRows() }

// Read hands the part's rows of the named columns over; nil stands for all. The batch is
// take's until it returns. Errors are take's as they are, the context's, and ErrTable.
func (p *Part) Read(ctx context.Context, names []string, take func(*batch.Batch) error) error {
	var failed error // take's, which is no fault of the file
	read := p.reader.Read
	if len(p.places) > 0 {
		read = p.readPlaced
	}
	err := read(ctx, names, func(b *batch.Batch) error {
		failed = take(b)
		return failed
	})
	switch {
	case failed != nil:
		return failed
	case err == nil, ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return err
	}
	return fmt.Errorf("%w: %s: %w", ErrTable, text.Escape(p.path), err)
}
