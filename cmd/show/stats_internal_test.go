package show

import (
	"fmt"
	"math"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// TestQuantilesKeepTheirBound: ranks are right within what is said, over orders
// that such summaries are known to take badly.
func TestQuantilesKeepTheirBound(t *testing.T) {
	const n = 300_000
	random := rand.New(rand.NewSource(1))
	for name, value := range map[string]func(i int) int64{
		"rising":  func(i int) int64 { return int64(i) },
		"falling": func(i int) int64 { return int64(-i) },
		"random":  func(int) int64 { return random.Int63() },
		"skewed":  func(int) int64 { return int64(math.Exp(random.NormFloat64() * 10)) },
		"zigzag":  func(i int) int64 { return int64(i%2*n + i) },
		"blocks":  func(i int) int64 { return int64(i % quantileRows * n) },
	} {
		var q quantiles
		var all []int64
		for i := range n {
			all = append(all, value(i))
			q.add(all[i], 1)
		}
		slices.Sort(all)
		wrong := q.wrong()
		if wrong <= 0 || wrong > 0.002 {
			t.Errorf("%s: ranks are said to be right within %v", name, wrong)
		}
		for i, got := range ranked(q.weighed(), shares) {
			first, _ := slices.BinarySearch(all, got)
			last, _ := slices.BinarySearch(all, got+1)
			low, high := float64(first+1)/n-shares[i], float64(last)/n-shares[i]
			if low > wrong+1.0/n || high < -wrong-1.0/n {
				t.Errorf("%s: p%v is off by %v to %v, said to be within %v", name, shares[i], low, high, wrong)
			}
		}
	}
}

// TestQuantilesTakeWeights: a value with a count is as good as that many values.
func TestQuantilesTakeWeights(t *testing.T) {
	var q quantiles
	q.add(1, 1_000_000)
	q.add(2, 999_999)
	q.add(3, 3)
	if got := ranked(q.weighed(), []float64{0.25, 0.5, 0.75, 1}); !slices.Equal(got, []int64{1, 2, 2, 3}) || q.wrong() != 0 {
		t.Errorf("%v, %v", got, q.wrong())
	}
}

// TestTallyBounds: counts are too low by at most what is said, and no value that
// is left out occurs more often than one that is named.
func TestTallyBounds(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	zipf := rand.NewZipf(random, 1.1, 1, 1<<30)
	c := tally[int64]{limit: 1000}
	exact := map[int64]int64{}
	for range 300_000 {
		v := int64(zipf.Uint64())
		exact[v]++
		c.add(v)
		if len(c.counts) > c.limit {
			t.Fatalf("%d values are kept", len(c.counts))
		}
	}
	if n, all := c.different(); n != 1000 || all {
		t.Errorf("%d values, exact: %v", n, all)
	}
	top := c.top(topValues)
	if len(top) != topValues {
		t.Fatalf("%d values", len(top))
	}
	named := map[int64]bool{}
	for _, v := range top {
		named[v.value] = true
		if v.times > exact[v.value] || v.times+c.forgotten < exact[v.value] {
			t.Errorf("%d is counted %d times, less at most %d; it is %d", v.value, v.times, c.forgotten, exact[v.value])
		}
	}
	least := top[len(top)-1].times
	for v, times := range exact {
		if !named[v] && times > least+c.forgotten {
			t.Errorf("%d occurs %d times and is not named", v, times)
		}
	}
}

// TestTallyBoundsText: long texts do not fill the memory.
func TestTallyBoundsText(t *testing.T) {
	c := tally[string]{limit: 1000, most: 1 << 16}
	for i := range 3000 {
		c.add(fmt.Sprint(i%7, strings.Repeat("x", 1000)))
		c.add(fmt.Sprint(i, strings.Repeat("y", 1000)))
		if c.bytes > c.most+2000 {
			t.Fatalf("%d bytes are kept", c.bytes)
		}
	}
	if top := c.top(topValues); len(top) != topValues || !strings.HasSuffix(top[0].value, "x") {
		t.Errorf("%d values", len(top))
	}
}

func TestOrderedBits(t *testing.T) {
	values := []float64{math.Inf(-1), -math.MaxFloat64, -1, -math.SmallestNonzeroFloat64, 0, math.SmallestNonzeroFloat64, 1, math.MaxFloat64, math.Inf(1)}
	for i, f := range values {
		if got := fromOrderedBits(orderedBits(f)); got != f {
			t.Errorf("%v comes back as %v", f, got)
		}
		if i > 0 && orderedBits(values[i-1]) >= orderedBits(f) {
			t.Errorf("%v is not below %v", values[i-1], f)
		}
	}
	if orderedBits(math.Copysign(0, -1)) != orderedBits(0) {
		t.Error("there are two zeros")
	}
	least := math.Float64frombits(math.MaxUint64) // a NaN with a sign
	if got := orderedBits(least); got != orderedBits(math.NaN()) || got <= orderedBits(math.Inf(1)) {
		t.Errorf("NaN is %d", got)
	}
}

// TestOrderOfNaN: what is not a number stands where statistics have it, behind all that are.
func TestOrderOfNaN(t *testing.T) {
	compare := comparator(&column.Column{Name: "x", Type: column.Double})
	v := &batch.Vector{Float64: []float64{math.NaN(), 1, math.Inf(1), math.NaN()}}
	for _, c := range []struct{ i, j, want int }{{0, 1, 1}, {1, 0, -1}, {2, 0, -1}, {0, 3, 0}, {1, 2, -1}} {
		if got := compare(v, c.i, v, c.j); got != c.want {
			t.Errorf("%v and %v: %d", v.Float64[c.i], v.Float64[c.j], got)
		}
	}
}

// TestStatisticsSayWhatIsNotExact fills a column's tally.
func TestStatisticsSayWhatIsNotExact(t *testing.T) {
	schema := &column.Schema{Table: "n", Version: 1, Columns: []column.Column{{Name: "n", Type: column.Int64, Doc: "d"}}}
	for format, wants := range map[string][]string{
		FormatTable: {" >1000 ", " ~7 ", "7 ≥"},
		FormatJSONL: {`"distinct":1000,"distinct_exact":0,"min":0,`, `"top_values":[7],`},
	} {
		var out strings.Builder
		s := newStatistics(&Options{Format: format}, schema, &out)
		s.columns[0].numbers.limit = 1000
		b := batch.New(schema)
		for i := range int64(8192) {
			b.Vectors[0].Int64 = append(b.Vectors[0].Int64, max(7*(i%2), i*(1-i%2)))
		}
		b.Rows = 8192
		if _, err := s.take(b, upTo(b.Rows)); err != nil {
			t.Fatal(err)
		}
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: no %q in\n%s", format, want, out.String())
			}
		}
		if notes := s.notes(); len(notes) == 0 || !strings.Contains(notes[0], "at least so many") {
			t.Errorf("%q", notes)
		}
	}
}
