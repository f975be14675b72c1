package parts

import (
	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// section returns rows [from, to) of b without copying values.
func section(b *batch.Batch, from, to int) *batch.Batch {
	w := &batch.Batch{Schema: b.Schema, Rows: to - from, Vectors: make([]batch.Vector, len(b.Vectors))}
	for i := range b.Vectors {
		w.Vectors[i] = sectionVector(b.Schema.Columns[i].Type, &b.Vectors[i], from, to)
	}
	return w
}

func sectionVector(t column.Type, v *batch.Vector, from, to int) batch.Vector {
	w := batch.Vector{Dict: v.Dict}
	if len(v.Valid) > 0 {
		w.Valid = v.Valid[from:to]
	}
	switch {
	case t == column.Int64 || t == column.Timestamp:
		w.Int64 = v.Int64[from:to]
	case t == column.Int32:
		w.Int32 = v.Int32[from:to]
	case t == column.Double:
		w.Float64 = v.Float64[from:to]
	case (t == column.String || t == column.Text || t == column.Binary) && v.Dict != nil:
		w.Codes = v.Codes[from:to]
	default: // texts and lists: offsets into values that stay whole
		w.Offsets = v.Offsets[from : to+1]
		w.Bytes, w.Int64, w.Int32, w.Codes = v.Bytes, v.Int64, v.Int32, v.Codes
	}
	return w
}
