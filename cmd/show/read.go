package show

import (
	"context"
	"errors"
	"fmt"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/text"
)

// Read hands the rows of the table that path names over in batches of the columns that
// pick returns for the table's. The batch is take's until it returns. Errors are pick's
// and take's as they are, the context's, and ErrTable.
func Read(ctx context.Context, path string, pick func(*column.Schema) ([]string, error), take func(*batch.Batch) error) error {
	var names []string
	plan := func(s *column.Schema) (err error) {
		names, err = pick(s)
		return err
	}
	return eachPart(path, plan, func(p *part, path string) error { return p.read(ctx, path, names, take) })
}

// read hands over the rows of one part.
func (p *part) read(ctx context.Context, path string, names []string, take func(*batch.Batch) error) error {
	var failed error // take's, which is no fault of the file
	err := p.reader.Read(ctx, names, func(b *batch.Batch) error {
		failed = take(b)
		return failed
	})
	switch {
	case failed != nil:
		return failed
	case err == nil, ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return err
	}
	return fmt.Errorf("%w: %s: %w", ErrTable, text.Escape(path), err)
}
