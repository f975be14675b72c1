package show

import (
	"errors"
	"io"
	"math/rand"
	"slices"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/usage"
)

// numbers is a batch of numbers, each beside a list of its last digit.
func numbers(values []int64) *batch.Batch {
	b := batch.New(&column.Schema{Table: "numbers", Version: 1, Columns: []column.Column{
		{Name: "n", Type: column.Int64, Doc: "d"}, {Name: "digits", Type: column.ListString, Doc: "d"},
	}})
	b.Rows = len(values)
	b.Vectors[1].Dict, b.Vectors[1].Offsets = []string{}, []int32{0}
	for i, n := range values {
		b.Vectors[0].Int64 = append(b.Vectors[0].Int64, n)
		b.Vectors[1].Dict = append(b.Vectors[1].Dict, string(rune('0'+n%10)))
		b.Vectors[1].Codes = append(b.Vectors[1].Codes, int32(i))
		b.Vectors[1].Offsets = append(b.Vectors[1].Offsets, int32(i+1))
	}
	return b
}

// collector is a writer that keeps what it gets.
type collector struct {
	t      *testing.T
	values []int64
}

func (c *collector) Write(b *batch.Batch) error {
	for i, n := range b.Vectors[0].Int64 {
		v := &b.Vectors[1]
		if word := v.Dict[v.Codes[v.Offsets[i]]]; word != string(rune('0'+n%10)) {
			c.t.Errorf("beside %d stands %q", n, word)
		}
	}
	c.values = append(c.values, b.Vectors[0].Int64...)
	return nil
}

func (c *collector) Close() error { return nil }

// TestSortedForgets: of many rows no more are kept than about twice those that are
// wanted, and they are the right ones.
func TestSortedForgets(t *testing.T) {
	const rows, each, wanted = 200_000, 4096, 1000
	random := rand.New(rand.NewSource(1))
	var all []int64
	for range rows {
		all = append(all, random.Int63n(50_000))
	}
	want := slices.Sorted(slices.Values(all))
	for _, o := range []Options{{Head: new(int64(wanted))}, {Tail: new(int64(wanted))}} {
		schema := numbers(nil).Schema
		out := &collector{t: t}
		r, err := newRowWriter(&o, schema, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		r.out = out
		s := newSorted(&o, schema, []sortKey{{0, false, comparator(&schema.Columns[0])}}, r)
		for chunk := range slices.Chunk(all, each) {
			if _, err := s.take(numbers(chunk), upTo(len(chunk))); err != nil {
				t.Fatal(err)
			}
			if n := len(s.order); n > 2*wanted+1<<14+each {
				t.Fatalf("%d rows are kept", n)
			}
		}
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
		right := want[:wanted]
		if o.Tail != nil {
			right = want[rows-wanted:]
		}
		if !slices.Equal(out.values, right) {
			t.Errorf("%+v: the wrong rows", o)
		}
	}
}

// TestSortedRefuses: more rows than may be kept are refused, not sorted in part.
func TestSortedRefuses(t *testing.T) {
	schema := numbers(nil).Schema
	o := Options{Format: FormatCSV}
	r, err := newRowWriter(&o, schema, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	s := newSorted(&o, schema, []sortKey{{0, false, comparator(&schema.Columns[0])}}, r)
	s.most = 1 << 10
	if _, err := s.take(numbers(make([]int64, 1000)), upTo(1000)); !errors.Is(err, usage.Err) {
		t.Errorf("%v, want a refusal", err)
	}
}
