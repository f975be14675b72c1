package job

import (
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
)

// sink writes one table as parts of at most Options.Parquet.PartRows rows. Parts
// are cut by rows alone, wherever batches end. It belongs to one goroutine.
type sink struct {
	o      *Options
	schema *column.Schema
	meta   map[string]string
	table  *publish.Table
	long   bool // rows can be long

	file   *publish.File
	writer tableWriter
	rows   int64 // in the open part
	bytes  int   // of rows since a row group was ended early
	parts  []manifest.Part
}

func newSink(o *Options, p *plan, dir *publish.Dir, schema *column.Schema) (*sink, error) {
	table, err := dir.Table(schema.Table)
	if err != nil {
		return nil, err
	}
	return &sink{o: o, schema: schema, table: table, meta: metaOf(p)}, nil
}

// metaOf is what files say of the run, where their format has a place for it.
func metaOf(p *plan) map[string]string { return map[string]string{"plan_id": p.id} }

// Write implements stages.Sink.
func (s *sink) Write(b *batch.Batch) error {
	limit := int64(s.o.Parquet.PartRows)
	for from := 0; from < b.Rows; {
		if s.writer == nil {
			if err := s.start(); err != nil {
				return err
			}
		}
		to := from + int(min(int64(b.Rows-from), limit-s.rows))
		part := b
		if from > 0 || to < b.Rows {
			part = section(b, from, to)
		}
		if err := s.writer.Write(part); err != nil {
			return err
		}
		if err := s.relieve(part); err != nil {
			return err
		}
		s.rows += int64(to - from)
		from = to
		if s.rows == limit {
			if err := s.finish(); err != nil {
				return err
			}
		}
	}
	return nil
}

// groupBytes is how much a row group of records may hold, as it is in the batches.
// What rows say decides where groups end, so it is the same in each run.
const groupBytes = 4 << 20

// relieve ends the row group where its rows are long: those of records can be as long
// as packets are, and are in memory until it ends.
func (s *sink) relieve(b *batch.Batch) error {
	grouped, can := s.writer.(interface{ EndGroup() error })
	if !can || !s.long {
		return nil
	}
	if s.bytes += b.Bytes(); s.bytes < groupBytes {
		return nil
	}
	s.bytes = 0
	return grouped.EndGroup()
}

// start begins the next part.
func (s *sink) start() (err error) {
	if s.file, err = s.table.Part(len(s.parts), s.o.Format); err != nil {
		return err
	}
	s.writer, err = newWriter(s.file, s.schema, s.o, s.meta)
	return err
}

// finish publishes the open part.
func (s *sink) finish() error {
	if err := s.writer.Close(); err != nil {
		return err
	}
	done, err := s.file.Commit(newCheck(s.o, s.rows))
	if err != nil {
		return err
	}
	s.parts = append(s.parts, manifest.Part{Path: done.Path, Rows: s.rows, Bytes: done.Bytes, SHA256: done.SHA256})
	s.file, s.writer, s.rows = nil, nil, 0
	return nil
}

// close publishes the last part. A table without rows has one empty part, so
// that its columns can be read.
func (s *sink) close() error {
	if s.writer == nil && len(s.parts) > 0 {
		return nil
	}
	if s.writer == nil {
		if err := s.start(); err != nil {
			return err
		}
	}
	return s.finish()
}

// abort removes the open part.
func (s *sink) abort() {
	if s.file != nil {
		s.file.Abort()
	}
}

// entry is the table's place in the manifest.
func (s *sink) entry() manifest.Table {
	t := manifest.Table{Name: s.schema.Table, SchemaSHA256: s.schema.Hash(), Parts: s.parts}
	for _, p := range s.parts {
		t.Rows += p.Rows
	}
	return t
}
