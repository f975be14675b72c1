package scale_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pcapmill/datasets/build/buildtest"
	"pcapmill/datasets/scale"
	"pcapmill/features/column"
)

func schema() *column.Schema {
	return &column.Schema{Table: "data", Version: 1, Columns: []column.Column{
		{Name: "n", Type: column.Int64, Doc: "d"}, {Name: "x", Type: column.Double, Doc: "d", Null: "none"}, {Name: "state", Type: column.String, Doc: "d", Null: "none"},
		{Name: "label", Type: column.String, Role: column.Label, Doc: "d", Null: "none"}, {Name: "category", Type: column.String, Role: column.Label, Doc: "d", Null: "none"},
		{Name: "weight", Type: column.Double, Role: column.Label, Doc: "d"},
	}}
}

func fitted(cfg scale.Config, rows [][]any) *scale.Fit {
	t := &buildtest.Table{Schema: schema(), Rows: rows}
	f := scale.NewFit(t.Schema, cfg)
	for from := 0; from < len(rows); from += 3 {
		f.Add(t.Batch(from, min(from+3, len(rows))))
	}
	return f
}

// train is worked out by hand below.
func train() [][]any {
	return [][]any{
		{int64(2), 1.5, "SF", "b", "k", 1.0},
		{int64(4), nil, "S0", "a", "k", 1.0},
		{int64(4), -0.5, nil, "b", "k", 1.0},
		{int64(6), 3.5, "SF", nil, "k", 1.0},
	}
}

func text(p *float64) string {
	if p == nil {
		return "-"
	}
	return fmt.Sprint(*p)
}

// TestFit: of n 2 4 4 6 the mean is 4 and the variance (4+0+0+4)/4; of x -0.5 1.5 3.5 they are 1.5
// and (4+0+4)/3.
func TestFit(t *testing.T) {
	f := fitted(scale.DefaultConfig(), train())
	var got []string
	for _, s := range f.Scalers().Columns {
		got = append(got, fmt.Sprint(s.Column, s.N, s.Nulls, " ", text(s.Mean), " ", text(s.Std), " ", text(s.Min), " ", text(s.Q1), " ", text(s.Median), " ", text(s.Q3), " ", text(s.Max), s.Exact))
	}
	want := []string{"n4 0 4 " + fmt.Sprint(math.Sqrt2) + " 2 2 4 4 6true", "x3 1 1.5 " + fmt.Sprint(math.Sqrt(8.0/3)) + " -0.5 -0.5 1.5 3.5 3.5true"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	e := f.Encoders()
	if len(e.Columns) != 1 || fmt.Sprint(e.Columns[0]) != "{state 1 [S0 SF] 2 false}" || fmt.Sprint(*e.Label) != "{label 1 [a b] 2 false}" {
		t.Errorf("encoders %+v, label %+v", e.Columns, e.Label)
	}
}

// TestApply: rows of another split are scaled by what training has.
func TestApply(t *testing.T) {
	test := &buildtest.Table{Schema: schema(), Rows: [][]any{
		{int64(8), nil, "REJ", "c", "k", 2.0},
		{int64(2), 1.5, "SF", "b", "k", 1.0},
		{int64(4), 3.5, nil, nil, "k", 1.0},
	}}
	root := math.Sqrt(2) // a float64, as the deviation is
	for name, c := range map[string]struct {
		cfg  scale.Config
		n, x string
		s    string
	}{
		"standard": {scale.Config{Method: scale.Standard, Impute: scale.None}, fmt.Sprint(4/root, -2/root, 0), fmt.Sprint("- 0 ", 2/math.Sqrt(8.0/3)), "2 1 -"},
		"minmax":   {scale.Config{Method: scale.MinMax, Impute: scale.Zero}, "1.5 0 0.5", "0.125 0.5 1", "2 1 2"},
		"robust":   {scale.Config{Method: scale.Robust, Impute: scale.Median}, "2 -1 0", "0 0 0.5", "2 1 2"},
		"mean":     {scale.Config{Method: scale.MinMax, Impute: scale.Mean}, "1.5 0 0.5", "0.5 0.5 1", "2 1 2"},
	} {
		a := fitted(c.cfg, train()).Apply()
		b := a.Rows(test.Batch(0, 3))
		var cols [5]string
		for i := range cols {
			for row := range b.Rows {
				cell := "-"
				if v := &b.Vectors[i]; !v.Null(row) && a.Schema.Columns[i].Type == column.Double {
					cell = fmt.Sprint(v.Float64[row])
				} else if !v.Null(row) {
					cell = fmt.Sprint(v.Int32[row])
				}
				if row > 0 {
					cell = " " + cell
				}
				cols[i] += cell
			}
		}
		if want := [5]string{c.n, c.x, c.s, "2 1 -", "2 1 1"}; cols != want {
			t.Errorf("%s: %q, want %q", name, cols, want)
		}
	}
}

// TestLog: numbers of either sign are drawn together before all else.
func TestLog(t *testing.T) {
	f := fitted(scale.Config{Method: scale.Standard, Impute: scale.None, Log: true}, train())
	s := f.Scalers().Columns[1]
	if *s.Min != -math.Log1p(0.5) || *s.Max != math.Log1p(3.5) {
		t.Errorf("%v to %v", *s.Min, *s.Max)
	}
}

// TestConstant: what training has one value of is 0, and of what it has none stays unknown.
func TestConstant(t *testing.T) {
	rows := [][]any{{int64(7), nil, nil, "a", "k", 1.0}, {int64(7), nil, nil, "a", "k", 1.0}}
	for _, method := range []string{scale.Standard, scale.MinMax, scale.Robust} {
		a := fitted(scale.Config{Method: method, Impute: scale.Mean}, rows).Apply()
		b := a.Rows((&buildtest.Table{Schema: schema(), Rows: [][]any{{int64(7), 2.0, nil, "a", "k", 1.0}, {int64(9), nil, nil, "a", "k", 1.0}}}).Batch(0, 2))
		if b.Vectors[0].Float64[0] != 0 || b.Vectors[0].Float64[1] != 2 || !b.Vectors[1].Null(0) {
			t.Errorf("%s: %v %v", method, b.Vectors[0].Float64, b.Vectors[1].Valid)
		}
	}
}

// TestExact: moments are those of the exact values, whatever their size, and the order of rows
// is in no byte.
func TestExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		xs := rapid.SliceOfN(rapid.OneOf(rapid.Float64Range(-1e300, 1e300), rapid.Float64Range(-1, 1), rapid.Float64Range(0, 1e-300), rapid.Just(5e-324)), 1, 30).Draw(t, "xs")
		var rows [][]any
		for _, x := range xs {
			rows = append(rows, []any{int64(math.MaxInt64), x, fmt.Sprint(x), "a", "k", 1.0})
		}
		f := fitted(scale.DefaultConfig(), rows)
		mean, std := brute(xs)
		if s := f.Scalers().Columns[1]; *s.Mean != mean || *s.Std != std {
			t.Fatalf("%v: mean %v, std %v, want %v, %v", xs, *s.Mean, *s.Std, mean, std)
		}
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		if written(t, f) != written(t, fitted(scale.DefaultConfig(), rows)) {
			t.Fatal("the order of rows shows")
		}
	})
}

// TestHalfway: what lies between two float64, but for the least bit that a float64 can have, is
// rounded once, and to the nearer one.
func TestHalfway(t *testing.T) {
	for _, xs := range [][]float64{
		{1, -0.25000000000000017, 5e-324, 5e-324},
		{1, math.Nextafter(1, 2), 5e-324, 0}, {1, math.Nextafter(1, 2), -5e-324}, {1, math.Nextafter(1, 2)},
		{0, 2 + 1<<51*0x1p-51 + 0x1p-51, 5e-324}, {5e-324}, {5e-324, 0}, {5e-324, 0, 0}, {math.MaxFloat64, -math.MaxFloat64, 5e-324},
	} {
		var rows [][]any
		for _, x := range xs {
			rows = append(rows, []any{int64(0), x, "", "a", "k", 1.0})
		}
		mean, std := brute(xs)
		if s := fitted(scale.DefaultConfig(), rows).Scalers().Columns[1]; *s.Mean != mean || *s.Std != std {
			t.Errorf("%v: mean %v, std %v, want %v, %v", xs, *s.Mean, *s.Std, mean, std)
		}
	}
}

// brute works out mean and standard deviation with rationals. A root is no rational: the right one
// is that float64 whose distances to its neighbours, halved, hold it.
func brute(xs []float64) (mean, std float64) {
	n, sum, squares := new(big.Rat).SetInt64(int64(len(xs))), new(big.Rat), new(big.Rat)
	for _, x := range xs {
		r := new(big.Rat).SetFloat64(x)
		sum.Add(sum, r)
	}
	m := new(big.Rat).Quo(sum, n)
	for _, x := range xs {
		d := new(big.Rat).SetFloat64(x)
		d.Sub(d, m)
		squares.Add(squares, d.Mul(d, d))
	}
	mean, _ = m.Float64()
	squares.Quo(squares, n)
	root := new(big.Float).SetPrec(400).SetRat(squares)
	std, _ = root.Sqrt(root).Float64()
	for against(squares, std, math.Inf(1)) > 0 || against(squares, std, math.Inf(1)) == 0 && math.Float64bits(std)%2 == 1 {
		std = math.Nextafter(std, math.Inf(1))
	}
	for std > 0 && (against(squares, std, 0) < 0 || against(squares, std, 0) == 0 && math.Float64bits(std)%2 == 1) {
		std = math.Nextafter(std, 0)
	}
	return mean, std
}

// against compares a square with that of the middle between x and its neighbour.
func against(square *big.Rat, x, towards float64) int {
	next := math.Nextafter(x, towards)
	if math.IsInf(next, 0) {
		return -1
	}
	middle := new(big.Rat).Add(new(big.Rat).SetFloat64(x), new(big.Rat).SetFloat64(next))
	middle.Quo(middle, big.NewRat(2, 1))
	return square.Cmp(middle.Mul(middle, middle))
}

func written(t interface{ Fatal(...any) }, f *scale.Fit) string {
	var out bytes.Buffer
	if err := errors.Join(f.Scalers().Write(&out), f.Encoders().Write(&out)); err != nil {
		t.Fatal(err)
	}
	if !json.Valid(out.Bytes()[:bytes.Index(out.Bytes(), []byte("}\n{"))+1]) {
		t.Fatal("no JSON")
	}
	return out.String()
}

// TestMany: beyond the limits quantiles are within their bound, and columns are not encoded.
func TestMany(t *testing.T) {
	var rows [][]any
	for i := range 12_000 {
		rows = append(rows, []any{int64(i + 1), 1.0, fmt.Sprint("w", i), fmt.Sprint(i % 7), "k", 1.0})
	}
	f := fitted(scale.Config{Method: scale.Robust, Impute: scale.None}, rows)
	s := f.Scalers().Columns[0]
	if s.Exact || math.Abs(*s.Median/6000-1) > 0.0039 || math.Abs(*s.Q3/9000-1) > 0.0039 || *s.Mean != 6000.5 {
		t.Errorf("median %v, q3 %v, mean %v", *s.Median, *s.Q3, *s.Mean)
	}
	if e := f.Encoders().Columns[0]; !e.TooMany || len(e.Categories) != 0 {
		t.Errorf("%d categories", len(e.Categories))
	}
	if i := f.Apply().Schema.Index("state"); i >= 0 {
		t.Error("a column of too many categories is encoded")
	}
}

func TestConfig(t *testing.T) {
	for _, c := range []scale.Config{{Method: "x", Impute: scale.None}, {Method: scale.None, Impute: "x"}, {Method: scale.None, Impute: scale.Mean}} {
		if err := c.Validate(); !errors.Is(err, scale.ErrConfig) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
