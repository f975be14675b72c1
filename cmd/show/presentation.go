package show

import (
	"time"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// presentation is how rows of a table are shown: with units behind the names, and
// with instants in nanoseconds as times.
type presentation struct {
	schema *column.Schema
	times  []bool // of the columns that become times
	to     *batch.Batch
	buf    []byte
}

func newPresentation(o *Options, view *column.Schema) *presentation {
	p := &presentation{
		schema: &column.Schema{Table: view.Table, Version: view.Version},
		times:  make([]bool, len(view.Columns)),
	}
	for i, c := range view.Columns {
		if o.UTC && c.Type == column.Int64 && c.Unit == column.EpochNano {
			c.Type, c.Unit, p.times[i] = column.Text, column.None, true
		}
		if o.Units && c.Unit != column.None {
			c.Name += " [" + string(c.Unit) + "]"
		}
		p.schema.Columns = append(p.schema.Columns, c)
	}
	p.to = batch.New(p.schema)
	return p
}

// of returns b as it is shown, good until the next call.
func (p *presentation) of(b *batch.Batch) *batch.Batch {
	p.to.Rows = b.Rows
	for i := range b.Vectors {
		if !p.times[i] {
			p.to.Vectors[i] = b.Vectors[i]
			continue
		}
		v := &p.to.Vectors[i]
		v.Bytes, v.Offsets, v.Valid = v.Bytes[:0], v.Offsets[:0], b.Vectors[i].Valid
		for _, ns := range b.Vectors[i].Int64 {
			p.buf = appendNanos(p.buf[:0], ns)
			v.AppendText(p.buf)
		}
	}
	return p.to
}

// appendNanos appends an instant as RFC 3339 in UTC with nine decimals.
func appendNanos(dst []byte, ns int64) []byte {
	return time.Unix(0, ns).UTC().AppendFormat(dst, "2006-01-02T15:04:05.000000000Z")
}
