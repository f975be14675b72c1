package show

import (
	"io"
	"math"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/text"
)

// writer is a text output.
type writer interface {
	Write(b *batch.Batch) error
	Close() error
}

func newWriter(o *Options, schema *column.Schema, w io.Writer) (writer, error) {
	switch o.Format {
	case FormatCSV:
		return text.NewCSV(w, schema, o.separated(text.DefaultCSV()))
	case FormatTSV:
		return text.NewCSV(w, schema, o.separated(text.DefaultTSV()))
	case FormatJSONL:
		return text.NewJSONL(w, schema), nil
	case FormatJSON:
		return newArray(w, schema), nil
	case FormatText:
		return text.NewPages(w, schema), nil
	}
	return text.NewTable(w, schema, tableConfig(o))
}

func tableConfig(o *Options) text.TableConfig {
	cfg := text.DefaultTable()
	cfg.Empty = `""`
	if cfg.Width = o.Width; o.Width == 0 {
		cfg.Cell = 0 // a file, or another program: nothing is cut
	}
	return cfg
}

// separated returns how values are separated.
func (o *Options) separated(cfg text.CSVConfig) text.CSVConfig {
	if o.Separator != 0 {
		cfg.Comma = o.Separator
	}
	cfg.Header = !o.NoHeader
	return cfg
}

// rowWriter writes rows, at most limit of them.
type rowWriter struct {
	out     writer
	as      *presentation
	view    *batch.Batch // of the selected columns
	limit   int64
	written int64
	more    bool
}

func newRowWriter(o *Options, view *column.Schema, w io.Writer) (*rowWriter, error) {
	as := newPresentation(o, view)
	out, err := newWriter(o, as.schema, w)
	r := &rowWriter{out: out, as: as, view: batch.New(view), limit: math.MaxInt64}
	if o.Head != nil {
		r.limit = *o.Head
	}
	return r, err
}

// Batch shows all rows of a table that is in memory. Of the options those count that say how rows
// look. Errors are usage.Err or w's.
func Batch(o Options, b *batch.Batch, w io.Writer) error {
	if err := o.validateFormat(); err != nil {
		return err
	}
	r, err := newRowWriter(&o, b.Schema, w)
	if err != nil {
		return err
	}
	rows := make([]int32, b.Rows)
	for i := range rows {
		rows[i] = int32(i)
	}
	if _, err := r.take(b, rows); err != nil {
		return err
	}
	return r.close()
}

func (r *rowWriter) take(b *batch.Batch, rows []int32) (bool, error) {
	if left := r.limit - r.written; int64(len(rows)) > left {
		rows, r.more = rows[:left], true
	}
	if len(rows) == 0 {
		return r.more, nil
	}
	r.view.Reset()
	gather(r.view, b, rows)
	r.written += int64(len(rows))
	return r.more, r.out.Write(r.as.of(r.view))
}

func (r *rowWriter) close() error { return r.out.Close() }

// tail keeps the last rows until the end.
type tail struct {
	rows *rowWriter
	keep int64
	kept []*batch.Batch
	n    int64 // rows in kept
}

func (t *tail) take(b *batch.Batch, rows []int32) (bool, error) {
	if int64(len(rows)) > t.keep {
		rows = rows[int64(len(rows))-t.keep:]
	}
	if len(rows) == 0 {
		return false, nil
	}
	copied := batch.New(t.rows.view.Schema)
	gather(copied, b, rows)
	t.kept = append(t.kept, copied)
	t.n += int64(len(rows))
	for t.n-int64(t.kept[0].Rows) >= t.keep {
		t.n -= int64(t.kept[0].Rows)
		t.kept[0] = nil
		t.kept = t.kept[1:]
	}
	return false, nil
}

func (t *tail) close() error {
	skip := t.n - t.keep
	for _, b := range t.kept {
		var rows []int32
		for i := range int32(b.Rows) {
			if skip > 0 {
				skip--
				continue
			}
			rows = append(rows, i)
		}
		if _, err := t.rows.take(b, rows); err != nil {
			return err
		}
	}
	return t.rows.close()
}

// gather appends rows of the first columns of src to dst, which has just those.
func gather(dst, src *batch.Batch, rows []int32) {
	for i := range dst.Vectors {
		gatherVector(dst.Schema.Columns[i].Type, &dst.Vectors[i], &src.Vectors[i], rows)
	}
	dst.Rows += len(rows)
}

func gatherVector(t column.Type, dst, src *batch.Vector, rows []int32) {
	if len(src.Valid) > 0 {
		dst.Valid = pick(dst.Valid, src.Valid, rows)
	}
	gatherValues(t, dst, src, rows)
}

func gatherValues(t column.Type, dst, src *batch.Vector, rows []int32) {
	dst.Dict = src.Dict
	switch t {
	case column.Int64, column.Timestamp:
		dst.Int64 = pick(dst.Int64, src.Int64, rows)
	case column.Int32:
		dst.Int32 = pick(dst.Int32, src.Int32, rows)
	case column.Double:
		dst.Float64 = pick(dst.Float64, src.Float64, rows)
	case column.String, column.Text, column.Binary:
		if src.Dict != nil {
			dst.Codes = pick(dst.Codes, src.Codes, rows)
			return
		}
		dst.Bytes = spans(dst, src.Bytes, dst.Bytes, src.Offsets, rows)
	case column.ListInt64:
		dst.Int64 = spans(dst, src.Int64, dst.Int64, src.Offsets, rows)
	case column.ListInt32:
		dst.Int32 = spans(dst, src.Int32, dst.Int32, src.Offsets, rows)
	case column.ListString:
		dst.Codes = spans(dst, src.Codes, dst.Codes, src.Offsets, rows)
	}
}

func pick[T any](dst, src []T, rows []int32) []T {
	for _, r := range rows {
		dst = append(dst, src[r])
	}
	return dst
}

// spans appends the elements of each row to values and their ends to v.Offsets.
func spans[T any](v *batch.Vector, src, values []T, offsets []int32, rows []int32) []T {
	if len(v.Offsets) == 0 {
		v.Offsets = append(v.Offsets, 0)
	}
	for _, r := range rows {
		values = append(values, src[offsets[r]:offsets[r+1]]...)
		v.Offsets = append(v.Offsets, int32(len(values)))
	}
	return values
}

// array writes the rows as one JSON array.
type array struct {
	*text.JSONL
	to *arrayWriter
}

func newArray(w io.Writer, schema *column.Schema) array {
	to := &arrayWriter{w: w}
	return array{text.NewJSONL(to, schema), to}
}

// Close ends the array.
func (a array) Close() error {
	if err := a.JSONL.Close(); err != nil {
		return err
	}
	return a.to.end()
}

// arrayWriter puts brackets around lines and commas between them.
type arrayWriter struct {
	w       io.Writer
	started bool
	ended   bool // a line has ended and none has begun since
	buf     []byte
}

// Write implements io.Writer. p holds whole lines or parts of them.
func (a *arrayWriter) Write(p []byte) (int, error) {
	a.buf = a.buf[:0]
	for _, c := range p {
		switch {
		case !a.started:
			a.buf, a.started = append(a.buf, "[\n"...), true
		case a.ended:
			a.buf, a.ended = append(a.buf, ",\n"...), false
		}
		if c == '\n' {
			a.ended = true
			continue
		}
		a.buf = append(a.buf, c)
	}
	if _, err := a.w.Write(a.buf); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (a *arrayWriter) end() error {
	tail := "\n]\n"
	if !a.started {
		tail = "[]\n"
	}
	_, err := io.WriteString(a.w, tail)
	return err
}
