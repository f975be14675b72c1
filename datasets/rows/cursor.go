package rows

import (
	"context"
	"errors"
	"iter"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/tables"
)

// Cursor hands over the rows of a table when they are asked for. It belongs to one goroutine,
// and ends with Close.
type Cursor struct {
	next func() (*batch.Batch, error, bool)
	stop func()
	rest *batch.Batch // what Together has not taken yet
	from int
}

// errStopped ends the reading of a table that nobody asks for any more.
var errStopped = errors.New("stopped")

// Open returns a Cursor over the table that path names, of the columns that pick returns for
// the table's. Nothing is read before the first Next.
func Open(ctx context.Context, path string, pick func(*column.Schema) ([]string, error)) *Cursor {
	return From(func(take func(*batch.Batch) error) error { return tables.Read(ctx, path, pick, take) })
}

// From returns a Cursor over what read hands over, which is called at the first Next.
func From(read func(take func(*batch.Batch) error) error) *Cursor {
	next, stop := iter.Pull2(func(yield func(*batch.Batch, error) bool) {
		err := read(func(b *batch.Batch) error {
			if !yield(b, nil) {
				return errStopped
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(nil, err)
		}
	})
	return &Cursor{next: next, stop: stop}
}

// Next returns the next batch, which is valid until the next call, or nil at the end.
func (c *Cursor) Next() (*batch.Batch, error) {
	b, err, ok := c.next()
	if !ok {
		return nil, nil
	}
	return b, err
}

// Close ends the reading. It may be called more than once.
func (c *Cursor) Close() { c.stop() }

// Span is a number of rows of two tables that lie beside one another.
type Span struct {
	A, B     *batch.Batch
	AtA, AtB int // the first of them in either
	Rows     int
}

// Uneven is the error of two tables of which one ends before the other.
type Uneven struct {
	Row    int64 // that only one of them has, from 0
	Longer string
}

// Error says which one is longer.
func (u Uneven) Error() string { return u.Longer + " goes on where the other ends" }

// Names of the tables in an Uneven.
const (
	First  = "the first table"
	Second = "the second table"
)

// Together walks through two tables that have the same number of rows, however their batches
// are cut. Errors are take's and the tables' as they are, and Uneven.
func Together(a, b *Cursor, take func(Span) error) error {
	for at := int64(0); ; {
		if err := errors.Join(a.fill(), b.fill()); err != nil {
			return err
		}
		switch {
		case a.rest == nil && b.rest == nil:
			return nil
		case b.rest == nil:
			return Uneven{at, First}
		case a.rest == nil:
			return Uneven{at, Second}
		}
		n := min(a.rest.Rows-a.from, b.rest.Rows-b.from)
		if err := take(Span{a.rest, b.rest, a.from, b.from, n}); err != nil {
			return err
		}
		a.from, b.from, at = a.from+n, b.from+n, at+int64(n)
	}
}

// fill makes rest a batch with rows that were not taken, nil at the end.
func (c *Cursor) fill() (err error) {
	for c.rest == nil || c.from == c.rest.Rows {
		c.from = 0
		if c.rest, err = c.Next(); err != nil || c.rest == nil {
			return err
		}
	}
	return nil
}
