package ipc

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/fit"
)

// ErrClosed reports a Write after Close.
var ErrClosed = errors.New("writer is closed")

// Keys of the schema metadata.
const (
	keyTable   = "table"
	keyVersion = "schema_version"
	keySchema  = "schema_sha256"
)

// encoder is the library's file or stream writer.
type encoder interface {
	Write(arrow.Record) error
	Close() error
}

// Writer writes one file or stream. It belongs to one goroutine.
type Writer struct {
	schema   *column.Schema
	cfg      Config
	metadata arrow.Metadata
	mem      memory.Allocator
	stage    *stage
	out      *position
	enc      encoder
	rows     int64
	err      error // the first one, which is final
	closed   bool
}

// NewFile starts an Arrow IPC file, which can be read from any place in it. The
// pairs of meta, such as plan_id, go into the schema's metadata. w stays the
// caller's to close.
func NewFile(w io.Writer, schema *column.Schema, cfg Config, meta map[string]string) (*Writer, error) {
	return newWriter(w, schema, cfg, meta, func(out *position, opts []ipc.Option) (encoder, error) {
		return ipc.NewFileWriter(out, opts...)
	})
}

// NewStream starts an Arrow IPC stream, which is read from front to back.
func NewStream(w io.Writer, schema *column.Schema, cfg Config, meta map[string]string) (*Writer, error) {
	return newWriter(w, schema, cfg, meta, func(out *position, opts []ipc.Option) (encoder, error) {
		return ipc.NewWriter(out, opts...), nil
	})
}

func newWriter(w io.Writer, schema *column.Schema, cfg Config, meta map[string]string, open func(*position, []ipc.Option) (encoder, error)) (*Writer, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	opts, err := cfg.options()
	if err != nil {
		return nil, err
	}
	o := &Writer{schema: schema, cfg: cfg, metadata: metadataOf(schema, meta), mem: memory.NewGoAllocator(), stage: newStage(schema), out: &position{w: w}}
	empty, err := o.stage.record(o.mem, o.metadata)
	if err != nil {
		return nil, fmt.Errorf("table %s: %w", schema.Table, err)
	}
	defer empty.Release()
	opts = append(opts, ipc.WithSchema(empty.Schema()), ipc.WithAllocator(o.mem))
	if o.enc, err = open(o.out, opts); err != nil {
		return nil, fmt.Errorf("table %s: %w", schema.Table, err)
	}
	return o, nil
}

// metadataOf returns our keys, then the caller's, sorted.
func metadataOf(schema *column.Schema, meta map[string]string) arrow.Metadata {
	keys := []string{keyTable, keyVersion, keySchema}
	values := []string{schema.Table, strconv.Itoa(schema.Version), schema.Hash()}
	for _, key := range slices.Sorted(maps.Keys(meta)) {
		keys, values = append(keys, key), append(values, meta[key])
	}
	return arrow.NewMetadata(keys, values)
}

// Write appends the rows of b, which it neither changes nor keeps. The first
// error is final.
func (o *Writer) Write(b *batch.Batch) error {
	switch {
	case o.closed:
		return fmt.Errorf("%w: table %s", ErrClosed, o.schema.Table)
	case o.err != nil:
		return o.err
	}
	if err := fit.Check(o.schema, b); err != nil {
		o.err = err
		return o.err
	}
	for from := 0; from < b.Rows; {
		to := min(b.Rows, from+o.cfg.RecordRows-o.stage.rows.Rows)
		if err := o.stage.add(b, from, to); err != nil {
			o.err = err
			return err
		}
		o.rows += int64(to - from)
		if from = to; o.stage.rows.Rows == o.cfg.RecordRows {
			o.flush()
		}
		if o.err != nil {
			return o.err
		}
	}
	return nil
}

// Rows returns the number of rows accepted so far.
func (o *Writer) Rows() int64 { return o.rows }

// flush writes the gathered rows as one record batch.
func (o *Writer) flush() {
	if o.err != nil || o.stage.rows.Rows == 0 {
		return
	}
	rec, err := o.stage.record(o.mem, o.metadata)
	if err == nil {
		err = o.enc.Write(rec)
		rec.Release()
	}
	o.stage.reset()
	o.fail(err)
}

// EndGroup ends the open record batch before it has all its rows, for callers that
// know its rows to be long.
func (o *Writer) EndGroup() error {
	if !o.closed {
		o.flush()
	}
	return o.err
}

// fail remembers the first error. What the underlying writer reported comes
// first: the library does not pass every error on.
func (o *Writer) fail(err error) {
	if o.out.err != nil {
		err = o.out.err
	}
	if o.err == nil && err != nil {
		o.err = fmt.Errorf("table %s: %w", o.schema.Table, err)
	}
}

// Close writes what is gathered and the end of the file or stream. It does not
// close the underlying writer. A second Close returns what the first did.
func (o *Writer) Close() error {
	if o.closed {
		return o.err
	}
	o.closed = true
	o.flush()
	if o.err == nil {
		o.fail(o.enc.Close())
	}
	return o.err
}

// position makes a Writer of what the library takes for a file: it only ever asks
// where it is. It keeps the first error.
type position struct {
	w   io.Writer
	at  int64
	err error
}

func (p *position) Write(b []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	n, err := p.w.Write(b)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	p.at, p.err = p.at+int64(n), err
	return n, err
}

// Seek reports the position; it cannot move.
func (p *position) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekCurrent {
		return p.at, errors.New("a table is written from front to back")
	}
	return p.at, nil
}
