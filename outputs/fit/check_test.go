package fit_test

import (
	"errors"
	"strings"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/fit"
	"pcapmill/outputs/sinktest"
)

func TestCheck(t *testing.T) {
	schema := sinktest.Schema()
	vector := func(b *batch.Batch, name string) *batch.Vector { return &b.Vectors[schema.Index(name)] }
	for _, c := range []struct {
		name, want string // want: in the error; empty where there is none
		change     func(*batch.Batch)
	}{
		{"whole", "", func(*batch.Batch) {}},
		{"null of a dictionary", "", func(b *batch.Batch) {
			v := vector(b, "maybe_state_enum")
			v.Valid[1], v.Codes[1] = 0, 99
		}},
		{"no schema", "no schema", func(b *batch.Batch) { b.Schema = nil }},
		{"other schema", "table other", func(b *batch.Batch) { b.Schema = &column.Schema{Table: "other"} }},
		{"vector missing", "21 vectors for 22 columns", func(b *batch.Batch) { b.Vectors = b.Vectors[1:] }},
		{"too many values", "count: 15 values for 14 rows", func(b *batch.Batch) { vector(b, "count").Int64 = append(vector(b, "count").Int64, 1) }},
		{"validity short", "13 validity bytes", func(b *batch.Batch) { vector(b, "maybe_port").Valid = vector(b, "maybe_port").Valid[1:] }},
		{"null in required", "row 3 is null", func(b *batch.Batch) {
			vector(b, "port").Valid = []byte(strings.Repeat("\x01", 14))
			vector(b, "port").Valid[3] = 0
		}},
		{"code too high", "code 11 of 11 words", func(b *batch.Batch) { vector(b, "state_enum").Codes[0] = 11 }},
		{"code negative", "code -1 of 11 words", func(b *batch.Batch) { vector(b, "answers").Codes[0] = -1 }},
		{"offset falls", "offset 2 falls", func(b *batch.Batch) { vector(b, "agent").Offsets[2] = -1 }},
		{"offset past the end", "is past the", func(b *batch.Batch) { o := vector(b, "sizes").Offsets; o[len(o)-1] = 1 << 30 }},
	} {
		b := sinktest.Batches(schema, sinktest.EdgeRows(), 100)[0]
		c.change(b)
		err := fit.Check(schema, b)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (!errors.Is(err, fit.ErrBatch) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
}
