package where_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/where"
)

// table has a number that may be missing and a text.
var table = &column.Schema{Table: "things", Columns: []column.Column{
	{Name: "n", Type: column.Int64, Doc: "d", Null: "at times"},
	{Name: "word", Type: column.String, Doc: "d"},
}}

// things has the rows (1, a), (null, a), (3, b).
func things() *batch.Batch {
	b := batch.New(table)
	b.Rows = 3
	b.Vectors[0].Int64, b.Vectors[0].Valid = []int64{1, 0, 3}, []byte{1, 0, 1}
	b.Vectors[1].Dict, b.Vectors[1].Codes = []string{"a", "b"}, []int32{0, 0, 1}
	return b
}

func same(i int) int { return i }

// TestJoined holds the joins of conditions to what three-valued logic says of a null.
func TestJoined(t *testing.T) {
	parse := func(expr string) where.Predicate {
		p, err := where.Parse(expr, table, same)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	large, word := parse("n > 2"), parse("word = a")
	for name, test := range map[string]struct {
		p    where.Predicate
		want []int32
	}{
		"all": {nil, []int32{0, 1, 2}}, "large": {large, []int32{2}}, "not large": {where.Not(large), []int32{0}},
		"any": {where.Any(large, word), []int32{0, 1, 2}}, "both": {where.All(large, word), nil},
		"not any":    {where.Not(where.Any(large, where.Not(word))), []int32{0}}, // of the null: not (unknown or no)
		"any of two": {where.Any(where.Not(large), where.Not(word)), []int32{0, 2}},
		"all of no":  {where.All(), []int32{0, 1, 2}}, "any of no": {where.Any(), nil},
	} {
		if got := where.Pass(test.p, things(), nil); !slices.Equal(got, test.want) {
			t.Errorf("%s: rows %v, want %v", name, got, test.want)
		}
	}
}

// TestErrors: a column that is not there is told apart from what is no expression.
func TestErrors(t *testing.T) {
	for expr, want := range map[string]struct {
		column bool
		says   string
	}{
		"wrod = a": {true, "table things has no column wrod; did you mean word?"},
		"n >":      {false, "at the end: want a value"},
		"n ~ a":    {false, "n (int64): ~ is for text"},
	} {
		_, err := where.Parse(expr, table, same)
		if err == nil || errors.Is(err, where.ErrColumn) != want.column || !strings.Contains(err.Error(), want.says) {
			t.Errorf("%s: %v, want %q", expr, err, want.says)
		}
	}
	if at, err := where.Find("word", table); err != nil || at != 1 {
		t.Errorf("word is column %d, %v", at, err)
	}
}

// TestSums are of whole numbers, of these and doubles, and unknown where one is missing.
func TestSums(t *testing.T) {
	numbers := &column.Schema{Table: "numbers", Columns: []column.Column{
		{Name: "a", Type: column.Int64, Doc: "d", Null: "at times"}, {Name: "b", Type: column.Int32, Doc: "d"},
		{Name: "x", Type: column.Double, Doc: "d"}, {Name: "w", Type: column.String, Doc: "d"},
	}}
	b := batch.New(numbers)
	b.Rows = 3
	b.Vectors[0].Int64, b.Vectors[0].Valid = []int64{90, 0, math.MaxInt64}, []byte{1, 0, 1}
	b.Vectors[1].Int32, b.Vectors[2].Float64 = []int32{10, 20, 30}, []float64{0.5, 0.5, 0.5}
	for expr, want := range map[string][]int32{
		"a + b >= 100": {0, 2}, "a+b = 100": {0}, "not a + b = 100": {2}, "a + b in (100, 7)": {0},
		"b + b > 40": {2}, "b + x + x = 21": {1}, "a + b > 9223372036854775806": {2}, "a + b < 0": nil,
	} {
		p, err := where.Parse(expr, numbers, same)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
		} else if got := where.Pass(p, b, nil); !slices.Equal(got, want) {
			t.Errorf("%s: rows %v, want %v", expr, got, want)
		}
	}
	for expr, says := range map[string]string{
		"a + w > 1": "a + w (int64): sums are of numbers, and w is string", "a + b is null": "sums know",
		"a + > 1": "want a column", "a + c > 1": "no column c", "a + b ~ 1": "sums know", "any a + b = 1": "sums know",
		"a" + strings.Repeat(" + a", 20) + " > 1": "more than 16 columns",
	} {
		if _, err := where.Parse(expr, numbers, same); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", expr, err, says)
		}
	}
}
