package leak

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestFisherTail compares with the probabilities of all draws, counted one by one.
func TestFisherTail(t *testing.T) {
	// The tea: 8 cups, 4 of each, all told right: 1 of 70; three of four or better: 17 of 70.
	for _, c := range []struct {
		a, n, c, m int64
		want       float64
	}{{4, 4, 0, 4, 1. / 70}, {3, 4, 1, 4, 17. / 70}, {0, 5, 3, 5, 1}, {0, 3, 0, 3, 1}} {
		if got := fisherTail(c.a, c.n, c.c, c.m); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("fisherTail(%d, %d, %d, %d) = %v, want %v", c.a, c.n, c.c, c.m, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n, m := rapid.IntRange(1, 9).Draw(t, "n"), rapid.IntRange(1, 9).Draw(t, "m")
		a, c := rapid.IntRange(0, n).Draw(t, "a"), rapid.IntRange(0, m).Draw(t, "c")
		if got, want := fisherTail(int64(a), int64(n), int64(c), int64(m)), drawn(a, n, c, m); math.Abs(got-want) > 1e-9 {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

// drawn counts the ways to mark a+c of n+m things in which a or more of the first n are marked.
func drawn(a, n, c, m int) float64 {
	hits, all := 0, 0
	for set := range 1 << (n + m) {
		marked, first := 0, 0
		for i := range n + m {
			if set>>i&1 == 1 {
				marked++
				if i < n {
					first++
				}
			}
		}
		if marked == a+c {
			all++
			if first >= a {
				hits++
			}
		}
	}
	return float64(hits) / float64(all)
}

// TestMoments joins what was added apart, and compares with sums.
func TestMoments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfN(rapid.Float64Range(-1000, 1000), 2, 50).Draw(t, "x")
		cut := rapid.IntRange(0, len(x)).Draw(t, "cut")
		var a, b moments
		sum := 0.0
		for i, v := range x {
			sum += v
			if i < cut {
				a.add(v)
			} else {
				b.add(v)
			}
		}
		mean, squares := sum/float64(len(x)), 0.0
		for _, v := range x {
			squares += (v - mean) * (v - mean)
		}
		all := a.join(b)
		if want := math.Sqrt(squares / float64(len(x))); math.Abs(all.mean-mean) > 1e-9 || math.Abs(all.std(0)-want) > 1e-8 || all.n != int64(len(x)) {
			t.Fatalf("%+v, want mean %v, deviation %v", all, mean, want)
		}
	})
}

// columnOf is a sample of one column of numbers: half of the rows are training.
func columnOf(x []float64, class []uint16, classes int) (*values, *sample) {
	s := &sample{rows: make([]int64, len(x)), class: class, train: make([]bool, len(x))}
	for side := range 2 {
		s.taken[side], s.total[side] = make([]int64, classes), make([]int64, classes)
	}
	for i := range x {
		s.train[i] = i < len(x)/2
		side := 1
		if s.train[i] {
			side = 0
		}
		s.taken[side][class[i]]++
	}
	return &values{null: make([]bool, len(x)), num: x}, s
}

// TestPredictByHand: 100 rows a side, one class from 0 to 49, the other from 40 to 89. One split leaves
// ten of each class alike: at best 10 of 50 of one class are wrong, balanced accuracy 0.9.
func TestPredictByHand(t *testing.T) {
	var x []float64
	var class []uint16
	for range 2 {
		for i := range 50 {
			x, class = append(x, float64(i), float64(40+i)), append(class, 0, 1)
		}
	}
	v, s := columnOf(x, class, 2)
	o := v.ordered()
	r, ok := newPredictor(s).predict(v, &o, v.ids())
	if !ok || math.Abs(r.oneSplit-0.9) > 1e-12 || r.seen != 90 || r.classes != 2 || math.Abs(r.binned-0.9) > 1e-12 {
		t.Errorf("%+v, want 0.9", r)
	}
	// H(label) is 1 bit. Given the value 0.8 of the rows have none left, and 0.2 have one: I = 0.8. Cells are
	// 100, values 90, classes 2, and K−1 is added of each for 2N ln 2: (89+1−99)/(200 ln 2).
	if want := 0.8 + (89.+1-99)/(200*math.Ln2); math.Abs(r.bits-want) > 1e-9 {
		t.Errorf("%v bits, want %v", r.bits, want)
	}
	if want := 1 + 1/(200*math.Ln2); math.Abs(r.entropy-want) > 1e-9 {
		t.Errorf("entropy %v, want %v", r.entropy, want)
	}
}

// TestPredictRuns: classes in stretches, however uneven, are told apart without an error.
func TestPredictRuns(t *testing.T) {
	var x []float64
	var class []uint16
	for i := range 400 {
		c := uint16(i % 4)
		x, class = append(x, float64(c)*float64(c)*1000+float64(i%37)/37), append(class, c)
	}
	v, s := columnOf(x, class, 4)
	o := v.ordered()
	if r, ok := newPredictor(s).predict(v, &o, v.ids()); !ok || !r.derived() || r.errors != 0 || r.binned != 1 {
		t.Errorf("%+v", r)
	}
}

// TestSpearman: reversed order is −1 and ties have their mean rank. By hand: x 1 1 2 3, y 1 2 3 4:
// ranks 0.5 0.5 2 3 and 0 1 2 3, covariance 4.5, variances 4.5 and 5: 4.5/√22.5.
func TestSpearman(t *testing.T) {
	r := ranks([]float64{1, 1, 2, 3}, []int{0, 1, 2, 3})
	if r[0] != 0.5 || r[1] != 0.5 || r[2] != 2 || r[3] != 3 {
		t.Errorf("ranks %v", r)
	}
	var x, y []float64
	var at []int
	for i := range 4 * leastOfClass {
		x, y, at = append(x, []float64{1, 1, 2, 3}[i%4]), append(y, float64(1+i%4)), append(at, i)
	}
	if rho, ok := spearman(x, y, at); !ok || math.Abs(rho-4.5/math.Sqrt(22.5)) > 1e-12 {
		t.Errorf("%v", rho)
	}
	for i := range y {
		y[i] = -x[i]
	}
	if rho, ok := spearman(x, y, at); !ok || math.Abs(rho+1) > 1e-12 {
		t.Errorf("reversed %v", rho)
	}
	if _, ok := spearman(x, x, at[:leastOfClass-1]); ok {
		t.Error("too few are enough")
	}
}

// TestAgreement by hand: of 4 rows 3 agree; a is 1 1 2 3, b 1 1 2 2, by chance (2·2+1·2)/16 = 6/16 agree:
// (12/16−6/16)/(10/16) = 0.6. A key of one value says nothing, however often it is met.
func TestAgreement(t *testing.T) {
	of := func(key, x []float64) (float64, float64) {
		k := &rowKey{hash: make([]uint64, len(key)), num: key}
		same, kappa, _ := k.agreement(&values{num: x, null: make([]bool, len(x))})
		return same, kappa
	}
	if same, kappa := of([]float64{1, 1, 2, 2}, []float64{1, 1, 2, 3}); same != 0.75 || math.Abs(kappa-0.6) > 1e-12 {
		t.Errorf("%v, %v", same, kappa)
	}
	if same, kappa := of([]float64{0, 0, 0, 0}, []float64{0, 0, 0, 1}); same != 0.75 || kappa != 0 {
		t.Errorf("%v, %v", same, kappa)
	}
	if _, kappa := of([]float64{0, 0}, []float64{0, 0}); kappa != 0 {
		t.Errorf("%v", kappa)
	}
}

// TestDivide: classes get equal shares, small ones all of their rows, and none less than the least.
func TestDivide(t *testing.T) {
	for _, c := range []struct {
		sizes []int64
		room  int
		want  []int
	}{
		{[]int64{1000, 10, 1000}, 210, []int{100, 10, 100}},
		{[]int64{5, 5}, 1000, []int{5, 5}},
		{[]int64{900, 900, 900}, 3, []int{50, 50, 50}},
		{[]int64{0, 300}, 200, []int{0, 200}},
	} {
		for i, got := range divide(c.sizes, c.room) {
			if got != c.want[i] {
				t.Errorf("divide(%v, %d)[%d] = %d, want %v", c.sizes, c.room, i, got, c.want)
			}
		}
	}
}

// TestChooser keeps the rows with the lowest hashes of each class, in whatever order they come.
func TestChooser(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hashes := rapid.SliceOfNDistinct(rapid.Uint64(), 60, 60, func(h uint64) uint64 { return h }).Draw(t, "hashes")
		l := &labelled{class: make([]uint16, 60), split: make([]uint8, 60), classes: []Class{{Rows: [3]int64{60, 0, 0}}}}
		c := &chooser{l: l, want: [2][]int{{7}, {0}}, kept: [2][][]chosen{{nil}, {nil}}}
		for row, h := range hashes {
			c.see(chosen{h, int64(row)})
		}
		s := c.sample()
		if len(s.rows) != 7 {
			t.Fatalf("%d rows", len(s.rows))
		}
		for _, row := range s.rows {
			lower := 0
			for _, h := range hashes {
				if h < hashes[row] {
					lower++
				}
			}
			if lower >= 7 {
				t.Fatalf("row %d has %d hashes below its own", row, lower)
			}
		}
	})
}

// TestGroupingsInTurn: where rows are too many for relations to keys, it is not every so many in their order
// that are looked at, of which hosts in turn would leave one host.
func TestGroupingsInTurn(t *testing.T) {
	const n, hosts = 3 * mostRelated, 3
	l := &labelled{class: make([]uint16, n), split: make([]uint8, n), classes: []Class{{Name: "a", Rows: [3]int64{Train: n}}}}
	for name, hash := range map[string]func(i int) uint64{"keys of rows": func(i int) uint64 { return scramble(uint64(i)) }, "keys of hosts": func(i int) uint64 { return scramble(uint64(i % hosts)) }} {
		c := newChooser(l, &Config{Sample: n}, true)
		for i := range n {
			c.see(chosen{hash(i), int64(i)})
		}
		s := c.sample()
		own := rowKey{key: &key{columns: []string{"src_ip"}}, hash: make([]uint64, n)}
		for i := range n {
			own.hash[i] = uint64(1 + i%hosts)
		}
		s.keys = []rowKey{own}
		if g := groupings(s)[0]; g.groups != hosts || len(g.rows) != mostRelated {
			t.Errorf("%s: %d hosts in %d rows, want %d in %d", name, g.groups, len(g.rows), hosts, mostRelated)
		}
	}
}
