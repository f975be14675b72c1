package match

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pcapmill/datasets/label"
)

// FuzzSwapSides: conditions come from strangers; what is exchanged twice is as it was.
func FuzzSwapSides(f *testing.F) {
	for _, s := range []string{"fwd_packets = 0 and rev_x>fwd_y", "a_fwd_b = 'fwd_c'", `x = "it""s rev_"`, "'", "fwd_", "any(rev_a) in (fwd_b,rev_c)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := swapSides(s)
		if len(once) != len(s) || swapSides(once) != s {
			t.Errorf("%q becomes %q, and that %q", s, once, swapSides(once))
		}
	})
}

func TestSwapSides(t *testing.T) {
	for s, want := range map[string]string{
		"fwd_packets = 0 and rev_x>fwd_y": "rev_packets = 0 and fwd_x>rev_y",
		"a_fwd_b = 'fwd_c'":               "a_fwd_b = 'fwd_c'",
		"!(rev_a=1)":                      "!(fwd_a=1)",
		`x = "it""s rev_" or rev_a = 1`:   `x = "it""s rev_" or fwd_a = 1`,
		"x = 'rev_":                       "x = 'rev_",
	} {
		if got := swapSides(s); got != want {
			t.Errorf("%s becomes %s, want %s", s, got, want)
		}
	}
}

// FuzzIPv4: what is read without netip is what netip reads.
func FuzzIPv4(f *testing.F) {
	for _, s := range []string{"10.0.0.1", "255.255.255.255", "1.2.3", "01.2.3.4", "1.2.3.4.5", "256.1.1.1", "1..2.3", "::1", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseIPv4([]byte(s))
		want, err := netip.ParseAddr(s)
		if ok != (err == nil && want.Is4()) || ok && got != addressOf(want) {
			t.Errorf("%q: %v %v, want %v %v", s, got, ok, want, err)
		}
	})
}

// TestOffsetsIn asks each offset.
func TestOffsetsIn(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		edge := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-60*int64(scanStep), 60*int64(scanStep)), rapid.Map(rapid.IntRange(-60, 60), func(i int) int64 { return int64(i) * int64(scanStep) }))
		lo, hi := edge.Draw(rt, "lo"), edge.Draw(rt, "hi")
		first, end := offsetsIn(lo, hi)
		for i := range offsets {
			if is, want := first <= i && i < end, lo <= offsetAt(i) && offsetAt(i) <= hi; is != want {
				rt.Fatalf("%v in %d to %d: %v, want %v", time.Duration(offsetAt(i)), lo, hi, is, want)
			}
		}
	})
}

// TestOffsetsOfRules: an offset is counted where the rule, moved by it, fits the flow.
func TestOffsetsOfRules(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		minutes := rapid.Map(rapid.Int64Range(-1000, 1000), func(n int64) int64 { return n * int64(time.Minute) })
		r := rule{Rule: &label.Rule{Fit: label.Fit(rapid.IntRange(0, 2).Draw(rt, "fit"))}}
		for range rapid.IntRange(1, 4).Draw(rt, "times") {
			from := minutes.Draw(rt, "from")
			r.Times = append(r.Times, label.Interval{From: from, To: from + max(0, minutes.Draw(rt, "length"))})
		}
		r.times = union(r.Times)
		r.Times = r.times // a flow inside of two that meet is counted as inside
		f := flow{start: minutes.Draw(rt, "start")}
		f.end = f.start + max(0, minutes.Draw(rt, "duration"))
		var got tally
		r.count(&got, &f, 3)
		got.sum()
		for i := range offsets {
			moved := f
			moved.start, moved.end = f.start-offsetAt(i), f.end-offsetAt(i)
			want := int64(0)
			if r.inTime(&moved) {
				want = 3
			}
			if got[i] != want {
				rt.Fatalf("%v: %d, want %d", time.Duration(offsetAt(i)), got[i], want)
			}
		}
	})
}

// TestAway: how far a flow lies behind a rule's times is how far these must be moved to fit.
func TestAway(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := rule{Rule: &label.Rule{Fit: label.Fit(rapid.IntRange(0, 1).Draw(rt, "fit"))}}
		for range rapid.IntRange(1, 3).Draw(rt, "times") {
			from := rapid.Int64Range(-20, 20).Draw(rt, "from")
			r.Times = append(r.Times, label.Interval{From: from, To: from + rapid.Int64Range(1, 5).Draw(rt, "length")})
		}
		r.times = union(r.Times)
		f := flow{start: rapid.Int64Range(-50, 50).Draw(rt, "start")}
		f.end = f.start + rapid.Int64Range(0, 6).Draw(rt, "duration")
		fits := func(by int64) bool { return r.inTime(&flow{start: f.start - by, end: f.end - by}) }
		if fits(0) {
			return
		}
		d := r.away(&f)
		if !fits(d) {
			rt.Fatalf("moved by %d it does not fit", d)
		}
		for by := int64(0); by < int64(distance(d)); by++ {
			if fits(by) || fits(-by) {
				rt.Fatalf("it is %d away, and fits at %d", d, by)
			}
		}
	})
}

// TestSpans compares the tree with asking all.
func TestSpans(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var all []timed
		for i := range rapid.IntRange(0, 20).Draw(rt, "n") {
			from := rapid.Int64Range(0, 30).Draw(rt, "from")
			all = append(all, timed{from: from, to: from + rapid.Int64Range(0, 10).Draw(rt, "length"), what: int32(i)})
		}
		start := rapid.Int64Range(-2, 35).Draw(rt, "start")
		end := start + rapid.Int64Range(0, 10).Draw(rt, "duration")
		var want, got []int32
		for _, x := range all {
			if x.from <= end && x.to > start {
				want = append(want, x.what)
			}
		}
		for _, x := range newSpans(slices.Clone(all)).find(nil, start, end) {
			got = append(got, x.what)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			rt.Fatalf("%v, want %v", got, want)
		}
	})
}

// TestSome: over the rows that are as many as what a place has, each is visited as often as it
// stands for others.
func TestSome(t *testing.T) {
	ways := make([]way, 1000)
	for i := range ways {
		ways[i] = way(i)
	}
	sum := make([]int64, len(ways))
	for row := range int64(3200) {
		seen := 0
		some(ways, row, func(w way, n int64) {
			sum[w] += n
			seen++
		})
		if seen > perPlace {
			t.Fatalf("%d of row %d", seen, row)
		}
	}
	if slices.Min(sum) != 3200 || slices.Max(sum) != 3200 {
		t.Errorf("each stands for %d to %d rows of 3,200", slices.Min(sum), slices.Max(sum))
	}
}
