package parts

import (
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/publish"
)

// Config says how parts are written.
type Config struct {
	Format  string             // one of Formats
	Parquet parquetfile.Config // of which PartRows counts for every format
	Meta    map[string]string  // what files say of the run, where their format has a place for it
	Long    bool               // rows can be long: row groups end by bytes too
	Spare   *Spare             // of the encoders; nil: each part has a new one
}

// Folder is where parts are started: a table's folder, or one of its partitions.
type Folder interface {
	Part(n int, ext string) (*publish.File, error)
}

// Writer writes one table as parts of at most Config.Parquet.PartRows rows, and no more than a file
// of its format can have. It belongs to one
// goroutine, and ends with Close or Abort.
type Writer struct {
	c      Config
	schema *column.Schema
	folder Folder

	file  *publish.File
	open  encoder
	rows  int64 // in the open part
	bytes int   // of rows since a row group was ended early
	parts []manifest.Part
}

// New returns a Writer that starts parts in the folder.
func New(folder Folder, schema *column.Schema, c Config) *Writer {
	return &Writer{c: c, schema: schema, folder: folder}
}

// Schema returns the table's columns.
func (w *Writer) Schema() *column.Schema { return w.schema }

// Write appends the rows of a batch, of which it keeps nothing.
func (w *Writer) Write(b *batch.Batch) error {
	limit := w.partRows()
	for from := 0; from < b.Rows; {
		if w.open == nil {
			if err := w.start(); err != nil {
				return err
			}
		}
		to := from + int(min(int64(b.Rows-from), limit-w.rows))
		part := b
		if from > 0 || to < b.Rows {
			part = section(b, from, to)
		}
		if err := w.open.Write(part); err != nil {
			return err
		}
		if err := w.relieve(part); err != nil {
			return err
		}
		w.rows += int64(to - from)
		from = to
		if w.rows == limit {
			if err := w.finish(); err != nil {
				return err
			}
		}
	}
	return nil
}

// partRows is how many rows a part has, but for the last.
func (w *Writer) partRows() int64 {
	rows := int64(w.c.Parquet.PartRows)
	if w.c.Format == Parquet {
		rows = min(rows, w.c.Parquet.MostRows(len(w.schema.Columns)))
	}
	return rows
}

// groupBytes is how much a row group of long rows may hold, as it is in the batches.
// What rows say decides where groups end, so it is the same in each run.
const groupBytes = 4 << 20

// relieve ends the row group where its rows are long: those of records can be as long
// as packets are, and are in memory until it ends.
func (w *Writer) relieve(b *batch.Batch) error {
	grouped, can := w.open.(interface{ EndGroup() error })
	if !can || !w.c.Long {
		return nil
	}
	if w.bytes += b.Bytes(); w.bytes < groupBytes {
		return nil
	}
	w.bytes = 0
	return grouped.EndGroup()
}

// start begins the next part.
func (w *Writer) start() (err error) {
	if w.file, err = w.folder.Part(len(w.parts), w.c.Format); err != nil {
		return err
	}
	if spare := w.c.Spare.take(w.schema.Table); spare != nil {
		w.open = spare
		return spare.Reset(w.file)
	}
	w.open, err = newEncoder(w.file, w.schema, &w.c)
	return err
}

// finish publishes the open part.
func (w *Writer) finish() error {
	if err := w.open.Close(); err != nil {
		return err
	}
	done, err := w.file.Commit(newCheck(w.open, w.rows))
	if err != nil {
		return err
	}
	w.c.Spare.keep(w.schema.Table, w.open)
	w.parts = append(w.parts, manifest.Part{Path: done.Path, Rows: w.rows, Bytes: done.Bytes, SHA256: done.SHA256})
	w.file, w.open, w.rows, w.bytes = nil, nil, 0, 0
	return nil
}

// Close publishes the last part. A table without rows has one empty part, so
// that its columns can be read.
func (w *Writer) Close() error {
	if w.open == nil && len(w.parts) > 0 {
		return nil
	}
	if w.open == nil {
		if err := w.start(); err != nil {
			return err
		}
	}
	return w.finish()
}

// Empty reports whether no row was written yet.
func (w *Writer) Empty() bool { return w.open == nil && len(w.parts) == 0 }

// Abort removes the open part. After Close it does nothing, so it can be deferred.
func (w *Writer) Abort() {
	if w.file != nil {
		w.file.Abort()
		w.file, w.open = nil, nil
	}
}

// Parts are those published, in their order.
func (w *Writer) Parts() []manifest.Part { return w.parts }

// Entry is the table's place in the manifest.
func (w *Writer) Entry() manifest.Table {
	t := manifest.Table{Name: w.schema.Table, SchemaSHA256: w.schema.Hash(), Parts: w.parts}
	for _, p := range w.parts {
		t.Rows += p.Rows
	}
	return t
}
