package show_test

import (
	"testing"

	"pcapmill/cmd/show"
	"pcapmill/features/batch"
	"pcapmill/features/column"
)

func instants() *batch.Batch {
	b := batch.New(&column.Schema{Table: "instants", Version: 1, Columns: []column.Column{
		{Name: "start_ns", Type: column.Int64, Unit: column.EpochNano, Doc: "d", Null: "unknown"},
		{Name: "took_ns", Type: column.Int64, Unit: column.Nanos, Doc: "d"},
	}})
	b.Vectors[0] = batch.Vector{Int64: []int64{1767225600123456789, -1, 0}, Valid: []byte{1, 1, 0}}
	b.Vectors[1].Int64 = []int64{1, 2, 3}
	b.Rows = 3
	return b
}

func TestPresentation(t *testing.T) {
	dir := write(t, 1, instants())
	for i, test := range []struct {
		o    show.Options
		want string
	}{
		{show.Options{Format: show.FormatCSV}, "start_ns,took_ns\n1767225600123456789,1\n-1,2\n,3\n"},
		{show.Options{Format: show.FormatCSV, UTC: true}, "start_ns,took_ns\n2026-01-01T00:00:00.123456789Z,1\n1969-12-31T23:59:59.999999999Z,2\n,3\n"},
		{show.Options{Format: show.FormatCSV, Separator: ';', NoHeader: true}, "1767225600123456789;1\n-1;2\n;3\n"},
		{show.Options{Format: show.FormatTSV, Units: true, Head: new(int64(0))}, "start_ns [ns since 1970-01-01 UTC]\ttook_ns [ns]\n"},
		{show.Options{Format: show.FormatCSV, Units: true, UTC: true, Head: new(int64(0))}, "start_ns,took_ns [ns]\n"},
		{show.Options{Format: show.FormatJSONL, UTC: true, Tail: new(int64(2))}, `{"start_ns":"1969-12-31T23:59:59.999999999Z","took_ns":2}` + "\n" + `{"start_ns":null,"took_ns":3}` + "\n"},
		{show.Options{Format: show.FormatText, UTC: true, Order: []string{"start_ns"}, Head: new(int64(1))}, "-- row 1 --\nstart_ns  1969-12-31T23:59:59.999999999Z\ntook_ns   2\n"},
		{show.Options{Format: show.FormatJSONL, Select: []string{"*_ns"}, Where: "start_ns > 2026-01-01T00:00:00.123456788Z"}, `{"start_ns":1767225600123456789,"took_ns":1}` + "\n"},
	} {
		test.o.Path = dir
		if got, _ := shown(t, test.o); got != test.want {
			t.Errorf("%d: %q, want %q", i, got, test.want)
		}
	}
}
