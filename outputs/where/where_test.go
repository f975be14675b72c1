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

// TestLiterals holds every form of a value, and every operator, against one row.
func TestLiterals(t *testing.T) {
	all := &column.Schema{Table: "all", Columns: []column.Column{
		{Name: "at", Type: column.Timestamp, Doc: "d"}, {Name: "at_ns", Type: column.Int64, Unit: column.EpochNano, Doc: "d"},
		{Name: "gap", Type: column.Int64, Unit: column.Nanos, Doc: "d"}, {Name: "mean", Type: column.Double, Unit: column.Nanos, Doc: "d"},
		{Name: "n", Type: column.Int64, Doc: "d"}, {Name: "small", Type: column.Int32, Doc: "d"}, {Name: "x", Type: column.Double, Doc: "d"},
		{Name: "word", Type: column.String, Doc: "d"}, {Name: "ip", Type: column.String, Doc: "d"}, {Name: "raw", Type: column.Binary, Doc: "d"},
		{Name: "gone", Type: column.Int64, Doc: "d", Null: "always"}, {Name: "list", Type: column.ListInt32, Doc: "d"}, {Name: "words", Type: column.ListString, Doc: "d"},
		{Name: "none", Type: column.Double, Doc: "d"},
	}}
	b := batch.New(all)
	b.Rows = 1
	for i, n := range []int64{5e6, 5e9, 15e8, 0, -16} {
		b.Vectors[i].Int64 = []int64{n}
	}
	b.Vectors[3].Float64, b.Vectors[5].Int32, b.Vectors[6].Float64 = []float64{15e8}, []int32{31}, []float64{2.5}
	for i, word := range []string{"Alpha", "10.1.2.3", "\x0a\x01\x02\x03"} {
		b.Vectors[7+i].AppendText([]byte(word))
	}
	b.Vectors[10].Int64, b.Vectors[10].Valid = []int64{0}, []byte{0}
	b.Vectors[11].Int32, b.Vectors[11].Offsets = []int32{1, 2, 3}, []int32{0, 3}
	b.Vectors[12].Dict, b.Vectors[12].Codes, b.Vectors[12].Offsets = []string{"a", "bc"}, []int32{0, 1}, []int32{0, 2}
	b.Vectors[13].Float64 = []float64{math.NaN()}
	for expr, want := range map[string]bool{
		"at = 1970-01-01T00:00:05Z": true, "at = '1970-01-01 00:00:05Z'": true, "at = 1970-01-01T01:00:05+01:00": true, "at = 5000000": true, "at = 5e6": true,
		"at < 2300-01-01T00:00:00Z": true, "at_ns = 1970-01-01T00:00:05Z": true, "at_ns != 1970-01-01T00:00:05.000000001Z": true, "at_ns = 5e9": true,
		"at_ns < 2261-12-31T23:59:59Z": true, "at_ns > 1678-01-01T00:00:00Z": true,
		"gap = 1.5s": true, "gap = 1500ms": true, "gap = 1500000000": true, "gap < 1.6s": true, "gap > 1.6s": false, "mean = 1.5s": true, "mean >= 1.5e9": true,
		"n = -16": true, "n = -1.6e1": true, "n < 0x10": true, "small = 0x1f": true, "small = 0X1F": true, "small >= 31": true, "small > 31": false, "small <= 31": true, "small < 31": false,
		"x = 2.5": true, "x = 25e-1": true, "x < 2.5": false, "x <= 2.5": true, "x > 1": true, "small > n": true, "x < small": true,
		"n in (1, -16)": true, "n not in (1, -16)": false, "n not in (1, 2)": true, "n = -16 and x = 2": false, "n = -16 or x = 2": true, "not (n = -16 or x = 2)": false,
		"gone is null": true, "gone is not null": false, "n is null": false, "n is not null": true, "not n is null": true, "gone = null": true, "n != null": true, "gone > 0": false, "not gone > 0": false,
		"word = Alpha": true, "word = alpha": false, "word != 'Al'": true, "word < Beta": true, "word ~ ^A": true, "word ~ '^a'": false, "word not ~ '^a'": true, "word contains lph": true,
		"word not contains lph": false, "word glob A*a": true, "word glob a*": false, "word not glob a*": true, "word in (Beta, Alpha)": true,
		"ip = 10.1.2.3": true, "ip in 10.0.0.0/8": true, "ip in (192.168.0.0/16, 10.1.2.0/24)": true, "ip in 10.1.3.0/24": false, "ip not in 10.0.0.0/8": false, "ip != 10.1.2.3": false,
		"raw = 10.1.2.3": true, "raw in 10.0.0.0/8": true, "raw = 0a010203": true, "raw = 0A010203": true, "raw = 0a010204": false,
		"raw in (0A010203, 192.168.0.0/16)": true, "raw not in (192.168.0.0/16, 0a010203)": false, "raw in (10.1.2.4, 0a01)": false,
		`raw ~ '^\D'`: false, `raw ~ '^\S+$'`: true, `raw !~ '\W'`: true, "raw ~ '(?P<first>^0A)'": true, "raw ~ ^0A01": true, "raw ~ B": false,
		"list contains 2": true, "list contains 4": false, "any list > 2": true, "any list > 3": false, "any(list) in (7, 3)": true, "list is null": false,
		"none < 5": false, "none <= x": false, "none > x": true, "none = 2.5": false, "none + x < 5": false, "none is null": false,
		"words contains bc": true, "words contains b": false, "any words ~ ^b": true, "any words = b": false, "any words = 'word'": false,
	} {
		p, err := where.Parse(expr, all, same)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
		} else if got := len(where.Pass(p, b, nil)) == 1; got != want {
			t.Errorf("%s is %v", expr, got)
		}
	}
	for expr, says := range map[string]string{
		"at = yesterday": "is no instant", "at = 1970-01-01T00:00:05": "is no instant", "at_ns < 2262-01-01T00:00:00Z": "not within the years 1678 to 2261",
		"at_ns > 1677-12-31T00:00:00Z": "not within the years 1678 to 2261", "gap = 1.5": "neither a number of ns nor a duration", "n = 1.5": "is no whole number",
		"n = 1e300": "is no whole number", "n = 9007199254740992.0": "is no whole number", "n = 9223372036854775808": "is no whole number", "n = 0x8000000000000000": "is no whole number",
		"x = nan": "is no number", "x = 1s": "is no number", "list > 2": "lists only know contains and null", "any n > 2": "any is for lists", "any words = word": "not compared with a column", "any list > small": "not compared with a column", "word ~ '('": "missing closing",
		"n contains 1": "contains", "n = 1 n = 2": "", "(n = 1": "want )", "n in (1": "want , or )", "n not = 1": "want one of",
	} {
		if _, err := where.Parse(expr, all, same); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", expr, err, says)
		}
	}
}
