package table

import (
	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// Writer gathers the rows of one table and hands them on in batches.
type Writer[R any] struct {
	defs  []Def[R]                 `snapshot:"-"`
	batch *batch.Batch             `snapshot:"-"`
	tile  []R                      `snapshot:"-"`
	sink  func(*batch.Batch) error `snapshot:"-"` // nil: not connected
	rows  int64
}

// Sizes of what is handed on: see stages.
const (
	tileRows  = 256
	batchRows = 2048
)

// NewWriter returns a Writer whose batches go to sink, which must not keep them.
func NewWriter[R any](schema *column.Schema, defs []Def[R], sink func(*batch.Batch) error) *Writer[R] {
	return &Writer[R]{defs: defs, batch: batch.New(schema), tile: make([]R, 0, tileRows), sink: sink}
}

// Connect makes another function take what is flushed from now on; nil is for a while in
// which nothing is written.
func (w *Writer[R]) Connect(sink func(*batch.Batch) error) { w.sink = sink }

// Schema returns the table's columns.
func (w *Writer[R]) Schema() *column.Schema { return w.batch.Schema }

// Add takes a row.
func (w *Writer[R]) Add(row R) error {
	to, err := w.Next()
	if err != nil {
		return err
	}
	*to = row
	return nil
}

// Next adds a row, and returns where it is to be put before the next call of anything.
func (w *Writer[R]) Next() (*R, error) {
	if len(w.tile) == tileRows {
		if w.Fill(); w.batch.Rows >= batchRows {
			if err := w.Flush(); err != nil {
				return nil, err
			}
		}
	}
	w.tile = w.tile[:len(w.tile)+1]
	return &w.tile[len(w.tile)-1], nil
}

// Fill turns the rows into columns, column by column. What they point to must still be as
// it was.
func (w *Writer[R]) Fill() {
	for i := range w.defs {
		w.defs[i].fill(&w.batch.Vectors[i], w.tile)
	}
	w.batch.Rows += len(w.tile)
	clear(w.tile)
	w.tile = w.tile[:0]
}

// Flush hands on what there is.
func (w *Writer[R]) Flush() error {
	w.Fill()
	if w.batch.Rows == 0 {
		return nil
	}
	w.rows += int64(w.batch.Rows)
	err := w.sink(w.batch)
	w.batch.Reset()
	return err
}

// Rows returns how many rows were handed on.
func (w *Writer[R]) Rows() int64 { return w.rows }
