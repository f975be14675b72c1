package rows_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pcapmill/datasets/rows"
	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// numbered hands over rows numbered from 0, in batches of so many.
func numbered(sizes []int) *rows.Cursor {
	schema := &column.Schema{Table: "t", Version: 1, Columns: []column.Column{{Name: "n", Type: column.Int64, Doc: "d"}}}
	return rows.From(func(take func(*batch.Batch) error) error {
		b, n := batch.New(schema), int64(0)
		for _, size := range sizes {
			b.Reset()
			for range size {
				b.Vectors[0].Int64 = append(b.Vectors[0].Int64, n)
				n++
			}
			b.Rows = size
			if err := take(b); err != nil {
				return err
			}
		}
		return nil
	})
}

func total(sizes []int) (n int) {
	for _, s := range sizes {
		n += s
	}
	return n
}

// TestTogether: rows of the same number lie beside one another, however batches are cut, and a
// table that goes on is told.
func TestTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(0, 5), 0, 8)
		one, two := sizes.Draw(t, "one"), sizes.Draw(t, "two")
		a, b := numbered(one), numbered(two)
		defer a.Close()
		defer b.Close()
		seen := int64(0)
		err := rows.Together(a, b, func(s rows.Span) error {
			for i := range s.Rows {
				if x, y := s.A.Vectors[0].Int64[s.AtA+i], s.B.Vectors[0].Int64[s.AtB+i]; x != seen || y != seen {
					t.Fatalf("rows %d and %d at %d", x, y, seen)
				}
				seen++
			}
			return nil
		})
		n, m := total(one), total(two)
		if seen != int64(min(n, m)) {
			t.Fatalf("%d rows of %d and %d", seen, n, m)
		}
		want := map[bool]string{n > m: rows.First, m > n: rows.Second}[true]
		var uneven rows.Uneven
		if errors.As(err, &uneven) != (n != m) || n != m && (uneven.Longer != want || uneven.Row != seen) {
			t.Fatalf("%v for %d and %d rows", err, n, m)
		}
	})
}

// TestStop: errors of either side come out as they are, and reading ends with Close.
func TestStop(t *testing.T) {
	own := errors.New("own")
	a, b := numbered([]int{3}), numbered([]int{3})
	if err := rows.Together(a, b, func(rows.Span) error { return own }); err != own {
		t.Errorf("take's error becomes %v", err)
	}
	a.Close()
	a.Close()
	if got, err := a.Next(); got != nil || err != nil {
		t.Errorf("after Close: %v, %v", got, err)
	}
	broken := rows.From(func(func(*batch.Batch) error) error { return own })
	if err := rows.Together(broken, b, func(rows.Span) error { return nil }); !errors.Is(err, own) {
		t.Errorf("the table's error becomes %v", err)
	}
}

// everything has three rows of every type, with a null where the column has them.
func everything() *batch.Batch {
	types := []column.Type{column.Int64, column.Int32, column.Double, column.String, column.Text, column.Timestamp, column.ListInt64, column.ListInt32, column.ListString, column.Binary}
	s := &column.Schema{Table: "t", Version: 1}
	for i, t := range types {
		s.Columns = append(s.Columns, column.Column{Name: fmt.Sprint("c", string(rune('a'+i))), Type: t, Doc: "d", Null: "x"})
	}
	gap := []byte{1, 0, 1}
	return &batch.Batch{Schema: s, Rows: 3, Vectors: []batch.Vector{
		{Int64: []int64{1, 0, 3}, Valid: gap}, {Int32: []int32{4, 0, 6}, Valid: gap}, {Float64: []float64{0.5, 0, 1.5}, Valid: gap},
		{Dict: []string{"x", "yy"}, Codes: []int32{1, 0, 0}, Valid: gap}, {Bytes: []byte("abc"), Offsets: []int32{0, 1, 1, 3}, Valid: gap},
		{Int64: []int64{7, 0, 9}, Valid: gap}, {Int64: []int64{1, 2, 3}, Offsets: []int32{0, 2, 2, 3}, Valid: gap},
		{Int32: []int32{4, 5, 6}, Offsets: []int32{0, 1, 1, 3}, Valid: gap}, {Dict: []string{"p", "q"}, Codes: []int32{0, 1, 1}, Offsets: []int32{0, 1, 1, 3}, Valid: gap},
		{Bytes: []byte("\xff\x00"), Offsets: []int32{0, 1, 1, 2}, Valid: gap},
	}}
}

// row is a row as text.
func row(b *batch.Batch, i int) string {
	var cells []string
	for k := range b.Vectors {
		v := &b.Vectors[k]
		switch t := b.Schema.Columns[k].Type; {
		case v.Null(i):
			cells = append(cells, "-")
		case t == column.Int64 || t == column.Timestamp:
			cells = append(cells, fmt.Sprint(v.Int64[i]))
		case t == column.Int32:
			cells = append(cells, fmt.Sprint(v.Int32[i]))
		case t == column.Double:
			cells = append(cells, fmt.Sprint(v.Float64[i]))
		case t == column.ListInt64:
			cells = append(cells, fmt.Sprint(v.Int64[v.Offsets[i]:v.Offsets[i+1]]))
		case t == column.ListInt32:
			cells = append(cells, fmt.Sprint(v.Int32[v.Offsets[i]:v.Offsets[i+1]]))
		case t == column.ListString:
			var words []string
			for _, code := range v.Codes[v.Offsets[i]:v.Offsets[i+1]] {
				words = append(words, v.Dict[code])
			}
			cells = append(cells, fmt.Sprint(words))
		default:
			cells = append(cells, fmt.Sprintf("%q", v.String(i)))
		}
	}
	return strings.Join(cells, " ")
}

// TestCopier: rows of any type, in any order and number, are what they were, after Reset too.
func TestCopier(t *testing.T) {
	from := everything()
	c := rows.NewCopier(from.Schema)
	for _, picked := range [][]int32{{2, 0, 1, 2}, {1}, {0, 0}} {
		c.Reset()
		c.Add(from, picked)
		c.Add(from, picked[:1])
		var want, got []string
		for _, r := range slices.Concat(picked, picked[:1]) {
			want = append(want, row(from, int(r)))
		}
		for i := range c.To.Rows {
			got = append(got, row(c.To, i))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	c.Reset()
	for i := range from.Vectors {
		c.Column(i, &from.Vectors[i], []int32{2})
	}
	c.To.Rows = 1
	for i := range from.Vectors {
		c.Nulls(i, 2)
	}
	c.To.Rows = 3
	if row(c.To, 0) != row(from, 2) || row(c.To, 2) != row(from, 1) {
		t.Errorf("%s and %s", row(c.To, 0), row(c.To, 2))
	}
}
