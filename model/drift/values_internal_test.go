package drift

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"testing"

	"pcapmill/features/sketch"
	"pcapmill/model/baseline"
	"pcapmill/model/drift/stat"
)

// keyed makes values of hosts' counts of the keys of one category, before and now.
func keyed(t testing.TB, before, now []map[string]uint64) *values {
	t.Helper()
	c := baseline.DefaultConfig()
	c.Categories = []string{"service"}
	base, err := baseline.New(c, baseline.Table{Name: "hosts", Features: []baseline.Feature{{Name: "f"}}})
	if err != nil {
		t.Fatal(err)
	}
	for h, counts := range before {
		r := baseline.Row{Start: since(0), Host: someone.Next(), Values: []float64{1}}
		for range h {
			r.Host = r.Host.Next()
		}
		for k, n := range counts {
			r.Counts = append(r.Counts, baseline.Count{Key: k, N: n})
		}
		if err := base.Add(&r); err != nil {
			t.Fatal(err)
		}
	}
	k := &keys{at: map[string]int32{}}
	v := newValues(c.Categories, k)
	if err := base.EachHost(t.Context(), func(h *baseline.HostView) error { v.learn(h); return nil }); err != nil {
		t.Fatal(err)
	}
	for _, counts := range now {
		var all []hostKey
		for name, n := range counts {
			at, _ := k.number(0, []byte(name))
			for int(at) >= len(v.sides) {
				v.sides = append(v.sides, keySides{})
			}
			all = append(all, hostKey{at, n})
		}
		v.see(all)
	}
	return v
}

// TestNewAndGoneKeys: smb is new at two hosts, ftp was one of a hundred and would have come
// three times, which says nothing; dns would have come 30 times.
func TestNewAndGoneKeys(t *testing.T) {
	v := keyed(t,
		[]map[string]uint64{{"https": 80, "dns": 10, "ftp": 1}, {"https": 9}},
		[]map[string]uint64{{"https": 200, "smb": 7}, {"https": 60, "smb": 3}, {"https": 30}},
	)
	x := v.judge()[0]
	if len(x.fresh) != 1 || x.fresh[0] != (KeyItem{Key: "smb", Change: "new", Current: 10, Hosts: 2}) {
		t.Errorf("new: %+v", x.fresh)
	}
	if len(x.gone) != 1 || x.gone[0] != (KeyItem{Key: "dns", Change: "gone", Baseline: 10, Hosts: 1}) {
		t.Errorf("gone: %+v", x.gone)
	}
	// Of four pairs of a host and a key before, two are of keys that one host had; now there
	// are five pairs.
	near(t, "expected", x.expected, 5*2/4.0, 1e-12)
	near(t, "pairs with new keys", x.freshCells, 2, 0)
	if x.chiKnown {
		t.Error("two hosts do not say what hosts differ by")
	}
}

// TestSmallKeysHideNone: what is said is not of the key with the most hosts where that hardly
// ever comes, but of the one that counts.
func TestSmallKeysHideNone(t *testing.T) {
	var before, now []map[string]uint64
	for h := range 10 {
		before, now = append(before, map[string]uint64{"https": 500, "seldom": 3}), append(now, map[string]uint64{"https": 500, "rare": 1})
		if h > 0 {
			before[h]["ftp"], now[h]["smb"] = 100, 100
		}
	}
	v := keyed(t, before, now)
	j, x := &judge{c: DefaultConfig()}, v.judge()[0]
	if i, ok := j.newKeys(&x); !ok || i.Severity != Critical || len(i.Keys) != 2 || i.Keys[0].Key != "smb" || i.Keys[1].Key != "rare" {
		t.Errorf("new: %+v", i)
	}
	if i, ok := j.goneKeys(&x); !ok || i.Severity != Medium || len(i.Keys) != 2 || i.Keys[0].Key != "ftp" || i.Keys[1].Key != "seldom" {
		t.Errorf("gone: %+v", i)
	}
}

// TestKeysWithoutRoom: of hosts with many keys a baseline has a sample. What it has no room for was
// there nevertheless.
func TestKeysWithoutRoom(t *testing.T) {
	first := "r0" // by its hash, so that it is in all samples
	for i := range 1000 {
		if name := fmt.Sprint("r", i); sketch.Hash([]byte(name)) < sketch.Hash([]byte(first)) {
			first = name
		}
	}
	alike, before, now := make([]map[string]uint64, 10), make([]map[string]uint64, 10), make([]map[string]uint64, 10)
	for h := range 10 {
		many := map[string]uint64{}
		for k := range 300 {
			many[fmt.Sprint("x", h, "-", k)] = 1
		}
		now[h], before[h], alike[h] = maps.Clone(many), maps.Clone(many), map[string]uint64{}
		before[h][first] = 10 // of 310
		if h > 0 {
			alike[h] = many
		}
		for k := range 10 {
			alike[h][fmt.Sprint("k", k)] = 100
		}
	}
	for what, v := range map[string]*values{"nothing changed": keyed(t, alike, alike), "one of 31 is gone": keyed(t, before, now)} {
		j := &judge{c: DefaultConfig(), values: v}
		if items := j.valueItems(); !v.categories[0].inexact || len(items) > 0 {
			t.Errorf("%s: %+v", what, items)
		}
	}
}

// TestExpectedKeysInAnyOrder: keys have numbers as rows came, and no bit of a report depends on that.
func TestExpectedKeysInAnyOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	hosts := make([]int32, 300)
	for i := range hosts {
		hosts[i] = 1 + rng.Int32N(50)
	}
	var seen []float64
	for range 20 {
		rng.Shuffle(len(hosts), func(a, b int) { hosts[a], hosts[b] = hosts[b], hosts[a] })
		v := newValues([]string{"service"}, &keys{at: map[string]int32{}})
		v.categories[0].nowCells = 1000
		for i, n := range hosts {
			s, _ := v.side(0, fmt.Append(nil, i))
			s.before, s.hostsBefore = uint64(n), n
		}
		if seen = append(seen, v.judge()[0].keysExpected); seen[0] != seen[len(seen)-1] {
			t.Fatalf("%v, then %v", seen[0], seen[len(seen)-1])
		}
	}
}

// TestDesign against the variance between hosts, worked out from each of them.
func TestDesign(t *testing.T) {
	side := []map[string]uint64{{"a": 5, "b": 5}, {"a": 9, "b": 1}, {"a": 2, "b": 18}, {"a": 30}, {"b": 4}}
	v := keyed(t, side, side)
	total, a := 74.0, 46.0
	p, squares := a/total, 0.0
	for _, counts := range side {
		e := float64(counts["a"]) - p*float64(counts["a"]+counts["b"])
		squares += e * e
	}
	at, _ := v.keys.number(0, []byte("a"))
	want := squares * 5 / 4 / (total * p * (1 - p)) // the same for b, and on both sides
	near(t, "design effect", v.design(&v.categories[0], []int32{at}), want, 1e-9)
	bt, _ := v.keys.number(0, []byte("b"))
	near(t, "of both keys", v.design(&v.categories[0], []int32{at, bt}), want, 1e-9)
}

// TestSharesOfClusteredCounts: hosts with tastes of their own, drawn anew on both sides. The
// test that takes each count for independent is wrong nearly always, this one is not.
func TestSharesOfClusteredCounts(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	side := func() []map[string]uint64 {
		hosts := make([]map[string]uint64, 30)
		for h := range hosts {
			hosts[h] = map[string]uint64{}
			for k := range 4 {
				hosts[h][fmt.Sprint("k", k)] = 1 + uint64(100*math.Exp(0.5*rng.NormFloat64()))
			}
		}
		return hosts
	}
	const rounds = 400
	wrong, naive := 0, 0
	for range rounds {
		v := keyed(t, side(), side())
		x := v.judge()[0]
		if !x.chiKnown {
			t.Fatal("30 hosts are enough")
		}
		if x.chi.P <= 0.05 {
			wrong++
		}
		var b, c []int64
		for _, k := range x.shares {
			b, c = append(b, int64(k.Baseline)), append(c, int64(k.Current))
		}
		if r, _ := stat.ChiSquare(b, c, 1); r.P <= 0.05 {
			naive++
		}
	}
	t.Logf("at 0.05: %d of %d, without the design effect %d", wrong, rounds, naive)
	if wrong > 36 || naive < rounds/2 { // 36 of 400 come of 0.05 once in a thousand
		t.Error("the design effect is wrong")
	}
}
